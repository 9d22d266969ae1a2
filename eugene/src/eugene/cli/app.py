"""The commands of ``eugene``. Heavy packages are imported inside the commands."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from eugene.cli.data import data_app
from eugene.cli.options import Out, Overwrite, RunFolder, Seed, Split, Store, settings
from eugene.cli.simulate import simulate

app = typer.Typer(
    name="eugene",
    help="Train, evaluate and explain models of DNA, RNA and protein sequences.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(data_app, name="data")
app.command()(simulate)


def main() -> None:
    """Run the command line; a user's mistake ends in one line and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        app()
    except (ValueError, OSError, TypeError, ImportError) as error:
        typer.echo(f"eugene: {error}", err=True)
        sys.exit(1)


@app.command()
def demo(out: Out = Path("demo"), seed: Seed = 0) -> None:
    """Train on simulated and on real promoters, and write one report.

    Example:  eugene demo --out demo
    """
    import eugene as eu

    typer.echo(f"report: {eu.demo(out, seed=seed)}")


@app.command()
def fit(
    model: Annotated[
        str,
        typer.Argument(
            help="cnn or dream_cnn; kmer_linear, kmer_forest or kmer_boosting; rule_oracle (simulated data)."
        ),
    ],
    store: Store,
    target: Annotated[list[str], typer.Option(help="Variable to predict; repeat it.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run's folder.")] = None,
    inputs: Annotated[str, typer.Option(help="The sequence variable.")] = "seq",
    epochs: Annotated[int, typer.Option(help="Passes over the train rows, for networks.")] = 15,
    batch_size: Annotated[int, typer.Option(help="Rows in a step, for networks.")] = 64,
    setting: Annotated[
        list[str] | None,
        typer.Option(help="A setting of the model, such as filters=64; repeat it."),
    ] = None,
    both_strands: Annotated[
        bool | None,
        typer.Option(
            "--both-strands/--one-strand",
            help="Whether both strands mean the same. By default yes for DNA, but for simulated order.",
            show_default=False,
        ),
    ] = None,
    missing: Annotated[str, typer.Option(help="NaN targets: drop, mask or error.")] = "drop",
    seed: Seed = 0,
) -> None:
    """Train a model on the train rows and choose its best epoch on the val rows.

    Example:  eugene fit cnn mpra_split.zarr --target activity --setting filters=64 --out runs/mpra
    """
    import eugene as eu
    import seqdata as sd

    run = eu.fit(
        model,
        sd.open_zarr(store),
        inputs=inputs,
        targets=target,
        epochs=epochs,
        batch_size=batch_size,
        both_strands=both_strands,
        missing=missing,
        seed=seed,
        out=out,
        **settings(setting),
    )
    typer.echo(run.summary())


@app.command()
def predict(
    run: RunFolder,
    store: Store,
    out: Annotated[Path, typer.Option("--out", "-o", help="A .tsv file or a .zarr folder.")],
    split: Annotated[str | None, typer.Option(help="Only rows of this split.")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Predict the rows of a store.

    Example:  eugene predict runs/mpra new.zarr --out predictions.tsv
    """
    import eugene as eu
    import seqdata as sd

    predicted = eu.predict(eu.load_model(run), sd.open_zarr(store), split=split)
    if out.suffix == ".zarr":
        sd.to_zarr(predicted, out, overwrite=overwrite)
    else:
        _write_table(predicted, out, overwrite)
    typer.echo(f"{predicted.sizes['_sequence']} predictions: {out}")


@app.command()
def evaluate(run: RunFolder, store: Store, split: Split = "test", seed: Seed = 0) -> None:
    """Score held-out rows, beside a k-mer model of the same train rows.

    Example:  eugene evaluate runs/mpra mpra_split.zarr
    """
    import eugene as eu
    import seqdata as sd

    typer.echo(str(eu.load_run(run, sd.open_zarr(store)).evaluate(split=split, seed=seed)))


@app.command()
def interpret(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs; several for a page.")],
    store: Store,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="A .zarr folder, or a .html page for simulated data."),
    ],
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="deeplift_shap, gradient_x_input, ism or occlusion; repeat it for a page. By default "
            "deeplift_shap, or ism for models that are no network; all of them for a page.",
            show_default=False,
        ),
    ] = None,
    split: Split = "test",
    output: Annotated[
        str | None, typer.Option(help="Target to explain, if there are several.")
    ] = None,
    num_seqs: Annotated[
        int, typer.Option(help="Sequences to explain for each model of a page, at most.")
    ] = 40,
    minimum_auroc: Annotated[
        float, typer.Option(help="What a model of a page must reach to be explained.")
    ] = 0.8,
    seed: Seed = 0,
    overwrite: Overwrite = False,
) -> None:
    """Explain predictions letter by letter, into a store; or mark explanations against a known truth.

    A page, for simulated data, says which models learned the rule, and how well the explanations of those
    find the motifs that decide.

    Example:  eugene interpret runs/cnn runs/oracle sim.zarr --method ism --method occlusion --out rule.html
    """
    import seqdata as sd

    data = sd.open_zarr(store)
    if out.suffix == ".html":
        options = {"split": split, "n_sequences": num_seqs, "minimum_auroc": minimum_auroc}
        _mark(runs, data, out, methods=method or "all", seed=seed, overwrite=overwrite, **options)
    else:
        _explain(runs, data, out, method, split, output, seed=seed, overwrite=overwrite)


@app.command()
def report(
    run: RunFolder,
    store: Store,
    out: Out = Path("report.html"),
    known: Annotated[
        str, typer.Option(help="Motifs to compare filters with: a bundled set, or a MEME file.")
    ] = "consensus_vertebrates",
    seed: Seed = 0,
) -> None:
    """Write a run's report: one HTML file that needs no network.

    Example:  eugene report runs/mpra mpra_split.zarr --known jaspar.meme --out mpra.html
    """
    import eugene as eu
    import seqdata as sd

    run_of_data = eu.load_run(run, sd.open_zarr(store))
    path = eu.report.report(run_of_data, out, known=_motifs(known), seed=seed)
    typer.echo(f"report: {path}")


@app.command()
def doctor() -> None:
    """Check the installation: packages, clashes, device, caches.

    Example:  eugene doctor
    """
    import eugene as eu

    findings = eu.doctor()
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.is_fine else 'MEND'}  {finding.subject}: {finding.message}")
    if not all(finding.is_fine for finding in findings):
        raise typer.Exit(1)


def _motifs(name: str) -> Any:
    """Read a file of motifs, or give the bundled set of that name."""
    import motifdata as md

    is_file = Path(name).exists() or Path(name).suffix in (".meme", ".txt")
    return md.read_meme(name) if is_file else md.load(name)


def _mark(folders: list[Path], data: Any, out: Path, *, overwrite: bool, **options: Any) -> None:
    """Write the scorecard of runs."""
    import eugene as eu

    if out.exists() and not overwrite:
        msg = f"{out} exists; pass --overwrite to replace it"
        raise FileExistsError(msg)
    runs = [eu.load_run(folder, data) for folder in folders]
    typer.echo(f"report: {eu.report.scorecard_report(runs, data, out, **options)}")


def _explain(
    folders: list[Path],
    data: Any,
    out: Path,
    methods: list[str] | None,
    split: str,
    output: str | None,
    **options: Any,
) -> None:
    """Write the attributions of one run by one method."""
    import eugene as eu
    from eugene.models.model import NetworkModel

    if len(folders) > 1 or (methods and len(methods) > 1):
        msg = (
            f"a store holds one run by one method; found {len(folders)} runs and "
            f"{len(methods or [''])} methods. Write one store each, or for simulated data a .html page"
        )
        raise ValueError(msg)
    model = eu.load_model(folders[0])
    usual = "deeplift_shap" if isinstance(model, NetworkModel) else "ism"
    method = methods[0] if methods else usual
    ds = eu.interpret.attribute(
        model, data, method=method, split=split, output=output, out=out, **options
    )
    typer.echo(f"{ds.sizes['_sequence']} rows explained by {method}: {out}")


def _write_table(predicted: Any, path: Path, overwrite: bool) -> None:
    """Write keys, regions, names and predictions as a tab-separated table."""
    import pandas as pd

    if path.exists() and not overwrite:
        msg = f"{path} exists; pass --overwrite to replace it"
        raise FileExistsError(msg)
    keys = [
        name
        for name in ("row", "id", "name", "chrom", "chromStart", "chromEnd", "strand", "split")
        if name in predicted
    ]
    table = pd.DataFrame({name: predicted[name].values for name in keys})
    for i, target in enumerate(predicted["_target"].values):
        table[f"{target}_prediction"] = predicted["predictions"].values[:, i]
    from seqpro.files import write_whole

    write_whole(path, table.to_csv(sep="\t", index=False).encode())
