"""The commands of ``eugene``. Heavy packages are imported inside the commands."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="eugene",
    help="Train, evaluate and explain models of DNA, RNA and protein sequences.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(
    help="Read raw files into a store, split it, look at it.", no_args_is_help=True
)
app.add_typer(data_app, name="data")

Store = Annotated[Path, typer.Argument(help="A store (.zarr folder).")]
RunFolder = Annotated[Path, typer.Argument(help="A run's folder, as 'eugene fit' wrote it.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Split = Annotated[str, typer.Option(help="Which rows: train, val or test.")]


class Kind(StrEnum):
    """Alphabets by name."""

    DNA = "DNA"
    RNA = "RNA"
    AA = "AA"


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


@data_app.command("table")
def data_table(
    path: Annotated[Path, typer.Argument(help="A .csv, .tsv or .txt file.")],
    sequence: Annotated[str, typer.Option(help="Column with the letters.")],
    out: Out,
    target: Annotated[
        list[str] | None, typer.Option(help="Column with measurements; repeat it.")
    ] = None,
    alphabet: Annotated[Kind, typer.Option(help="What the letters are.")] = Kind.DNA,
    overwrite: Overwrite = False,
) -> None:
    """Read a table with one sequence a row.

    Example:  eugene data table mpra.tsv --sequence dna --target activity --out mpra.zarr
    """
    import seqdata as sd
    import seqpro as sp

    letters = getattr(sp, alphabet.value)
    ds = sd.read_table(
        path,
        sequence=sequence,
        targets=target or (),
        alphabet=letters,
        out=out,
        overwrite=overwrite,
    )
    _show(ds)


@data_app.command("fasta")
def data_fasta(
    path: Annotated[Path, typer.Argument(help="A FASTA file, plain or gzipped.")],
    out: Out,
    alphabet: Annotated[Kind, typer.Option(help="What the letters are.")] = Kind.DNA,
    overwrite: Overwrite = False,
) -> None:
    """Read a FASTA file with one record a row.

    Example:  eugene data fasta enhancers.fa --out enhancers.zarr
    """
    import seqdata as sd
    import seqpro as sp

    _show(sd.read_fasta(path, alphabet=getattr(sp, alphabet.value), out=out, overwrite=overwrite))


@data_app.command("build")
def data_build(
    regions: Annotated[Path, typer.Argument(help="A BED, narrowPeak or broadPeak file.")],
    genome: Annotated[Path, typer.Option(help="Genome FASTA.")],
    out: Out,
    signal: Annotated[
        list[str] | None, typer.Option(help="NAME=FILE.bw, or NAME=PLUS.bw,MINUS.bw; repeat it.")
    ] = None,
    length: Annotated[int | None, typer.Option(help="Length of every window, bp.")] = None,
    center: Annotated[str, typer.Option(help="midpoint or summit.")] = "midpoint",
    max_jitter: Annotated[int, typer.Option(help="Room on both sides for shifts, bp.")] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Cut sequences and signals for genomic regions.

    Example:  eugene data build peaks.narrowPeak --genome hg38.fa --signal atac=atac.bw
    --length 1000 --center summit --out peaks.zarr
    """
    import seqdata as sd

    readers: dict[str, Any] = {"seq": sd.GenomeFASTA(genome)}
    samples = dict(_signal(text) for text in signal or ())
    if samples:
        readers["signal"] = sd.BigWig(samples)
    _show(
        sd.build(
            regions,
            out=out,
            length=length,
            center=center,  # type: ignore[arg-type]
            max_jitter=max_jitter,
            overwrite=overwrite,
            **readers,
        )
    )


@data_app.command("split")
def data_split(
    store: Store,
    out: Out,
    by: Annotated[str, typer.Option(help="random, homology or chrom.")] = "random",
    val: Annotated[
        list[str] | None, typer.Option(help="Contig for val, with --by chrom; repeat it.")
    ] = None,
    test: Annotated[
        list[str] | None, typer.Option(help="Contig for test, with --by chrom; repeat it.")
    ] = None,
    fractions: Annotated[
        tuple[float, float, float], typer.Option(help="Shares of train, val and test.")
    ] = (0.8, 0.1, 0.1),
    stratify: Annotated[str | None, typer.Option(help="Variable kept in equal shares.")] = None,
    shared: Annotated[int, typer.Option(help="Letters in a row that make relatives.")] = 32,
    ignore_common: Annotated[
        float | None,
        typer.Option(help="Leave out stretches that more than this share of the rows have."),
    ] = None,
    seed: Seed = 0,
    overwrite: Overwrite = False,
) -> None:
    """Mark every row as train, val or test.

    Example:  eugene data split mpra.zarr --by homology --out mpra_split.zarr
    """
    import eugene as eu
    import seqdata as sd

    ds = eu.preprocess.split(
        sd.open_zarr(store),
        by=by,
        val=val or (),
        test=test or (),
        fractions=fractions,
        stratify=stratify,
        shared=shared,
        ignore_common=ignore_common,
        seed=seed,
    )
    _show(sd.to_zarr(ds, out, overwrite=overwrite))


@data_app.command("pad")
def data_pad(
    store: Store,
    length: Annotated[int, typer.Option(help="Letters of the result.")],
    out: Out,
    side: Annotated[str, typer.Option(help="Where to fill: left, right or both.")] = "right",
    overwrite: Overwrite = False,
) -> None:
    """Give sequences of unequal length one length.

    Example:  eugene data pad mpra.zarr --length 150 --side left --out mpra150.zarr
    """
    import eugene as eu
    import seqdata as sd

    ds = eu.preprocess.pad(sd.open_zarr(store), length=length, side=side)
    _show(sd.to_zarr(ds, out, overwrite=overwrite))


@data_app.command("fetch")
def data_fetch(
    name: Annotated[str, typer.Argument(help="A data set's name; see 'eugene data list'.")],
    out: Out,
    overwrite: Overwrite = False,
) -> None:
    """Fetch a public data set and write it as a store.

    Example:  eugene data fetch dream_yeast_demo --out yeast.zarr
    """
    import seqdata as sd
    import seqdatasets

    _show(sd.to_zarr(seqdatasets.load(name), out, overwrite=overwrite))


@data_app.command("list")
def data_list() -> None:
    """List the public data sets.

    Example:  eugene data list
    """
    import seqdatasets

    typer.echo(seqdatasets.list_datasets().T.to_string())


@data_app.command("info")
def data_info(store: Store, rows: Annotated[int, typer.Option(help="Rows to show.")] = 5) -> None:
    """Say what a store holds.

    Example:  eugene data info mpra.zarr
    """
    import seqdata as sd

    _show(sd.open_zarr(store), rows)


@app.command()
def simulate(
    out: Out,
    gen_type: Annotated[str, typer.Option(help="The rule: presence.")] = "presence",
    num_seqs: Annotated[int, typer.Option(help="Number of sequences.")] = 10_000,
    seq_length: Annotated[int, typer.Option(help="Length of each, bp.")] = 200,
    motif: Annotated[list[str] | None, typer.Option(help="Motif to plant; repeat it.")] = None,
    pos_motif: Annotated[
        list[str] | None, typer.Option(help="Motif that makes positives; repeat it.")
    ] = None,
    motif_set: Annotated[
        str, typer.Option(help="Bundled set to look names up in.")
    ] = "consensus_vertebrates",
    scrub: Annotated[bool, typer.Option("--scrub", help="No chance hits in backgrounds.")] = False,
    seed: Seed = 0,
    overwrite: Overwrite = False,
) -> None:
    """Generate labelled sequences whose rule is known.

    Example:  eugene simulate --num-seqs 2000 --motif POU2F1 --motif CEBPA --pos-motif POU2F1 --out sim.zarr
    """
    import seqdata as sd
    import seqdatasets

    chosen: dict[str, Any] = {}
    if motif:
        chosen["motifs"] = motif
    if pos_motif:
        chosen["pos_motifs"] = pos_motif
    ds = seqdatasets.simulate(
        gen_type=gen_type,
        num_seqs=num_seqs,
        seq_length=seq_length,
        motif_set=motif_set,
        scrub=scrub,
        seed=seed,
        **chosen,
    )
    _show(sd.to_zarr(ds, out, overwrite=overwrite))


@app.command()
def fit(
    model: Annotated[str, typer.Argument(help="cnn, dream_cnn or kmer_linear.")],
    store: Store,
    target: Annotated[list[str], typer.Option(help="Variable to predict; repeat it.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run's folder.")] = None,
    inputs: Annotated[str, typer.Option(help="The sequence variable.")] = "seq",
    epochs: Annotated[int, typer.Option(help="Passes over the train rows.")] = 15,
    batch_size: Annotated[int, typer.Option(help="Rows in a step.")] = 64,
    missing: Annotated[str, typer.Option(help="NaN targets: drop, mask or error.")] = "drop",
    seed: Seed = 0,
) -> None:
    """Train a model on the train rows and choose its best epoch on the val rows.

    Example:  eugene fit cnn mpra_split.zarr --target activity --out runs/mpra
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
        missing=missing,
        seed=seed,
        out=out,
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
    run: RunFolder,
    store: Store,
    out: Out,
    method: Annotated[
        str, typer.Option(help="deeplift_shap, gradient_x_input, ism or occlusion.")
    ] = "deeplift_shap",
    split: Split = "test",
    output: Annotated[
        str | None, typer.Option(help="Target to explain, if there are several.")
    ] = None,
    seed: Seed = 0,
    overwrite: Overwrite = False,
) -> None:
    """Explain predictions letter by letter, into a store.

    Example:  eugene interpret runs/mpra mpra_split.zarr --method ism --out explained.zarr
    """
    import eugene as eu
    import seqdata as sd

    ds = eu.interpret.attribute(
        eu.load_model(run),
        sd.open_zarr(store),
        method=method,
        split=split,
        output=output,
        seed=seed,
        out=out,
        overwrite=overwrite,
    )
    typer.echo(f"{ds.sizes['_sequence']} rows explained by {method}: {out}")


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
    import motifdata as md
    import seqdata as sd

    is_file = Path(known).exists() or Path(known).suffix in (".meme", ".txt")
    motifs = md.read_meme(known) if is_file else md.load(known)
    path = eu.report.report(eu.load_run(run, sd.open_zarr(store)), out, known=motifs, seed=seed)
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


def _signal(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    files = value.split(",")
    if not name or not value or len(files) > 2:
        msg = f"--signal must be NAME=FILE.bw or NAME=PLUS.bw,MINUS.bw; found {text!r}"
        raise ValueError(msg)
    return name, (files[0] if len(files) == 1 else (files[0], files[1]))


def _show(ds: Any, rows: int = 5) -> None:
    import pandas as pd

    import seqdata as sd

    sizes = ", ".join(f"{dim} {size:,}" for dim, size in ds.sizes.items())
    typer.echo(f"{sizes}")
    if "split" in ds:
        counts = ", ".join(
            f"{part} {count:,}" for part, count in ds["split"].to_series().value_counts().items()
        )
        typer.echo(f"split: {counts}")
    with pd.option_context("display.width", 160, "display.max_columns", 20):
        typer.echo(sd.head(ds, rows).to_string())


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
