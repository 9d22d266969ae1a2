"""The commands of ``eugene data``: raw files to stores, and what to do with stores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from eugene.cli.options import Kind, Out, Overwrite, Seed, Store
from eugene.cli.store_text import figures_text, rows_text, store_text

data_app = typer.Typer(
    help="Read raw files into a store, check it, split it, look at it.", no_args_is_help=True
)

_RECIPES = (".yaml", ".yml")

OptionalOut = Annotated[
    Path | None, typer.Option("--out", "-o", help="Where to write.", show_default=False)
]
RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe (.yaml).")]


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
    typer.echo(rows_text(ds))


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

    ds = sd.read_fasta(path, alphabet=getattr(sp, alphabet.value), out=out, overwrite=overwrite)
    typer.echo(rows_text(ds))


@data_app.command("build")
def data_build(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A recipe (.yaml); or regions: a BED, narrowPeak or broadPeak file.",
        ),
    ],
    out: OptionalOut = None,
    genome: Annotated[Path | None, typer.Option(help="Genome FASTA.")] = None,
    signal: Annotated[
        list[str] | None, typer.Option(help="NAME=FILE.bw, or NAME=PLUS.bw,MINUS.bw; repeat it.")
    ] = None,
    length: Annotated[
        int | None, typer.Option(help="Length of every window, bp; without it each region's own.")
    ] = None,
    center: Annotated[
        str | None, typer.Option(help="midpoint or summit; midpoint if not said.")
    ] = None,
    max_jitter: Annotated[
        int | None, typer.Option(help="Room on both sides for shifts, bp; 0 if not said.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Cut windows for genomic regions, or do what a recipe says.

    For one genome and bigWig files the options below will do.

    Example:  eugene data build peaks.narrowPeak --genome hg38.fa --signal atac=atac.bw
    --length 1000 --center summit --out peaks.zarr

    A recipe names all files and options, of every kind of file that can be read. Building from it again
    gives the same store, byte for byte. Its entries are the keywords of seqdata.build (or of
    seqdata.read_table or read_fasta), its paths begin in its folder:

    \b
    build:
      regions: peaks.narrowPeak
      out: peaks.zarr
      length: 1000
      readers:
        seq: {type: GenomeFASTA, path: hg38.fa}
        atac: {type: BigWig, files: {liver: liver.bw, brain: brain.bw}}

    Example:  eugene data build recipe.yaml
    """  # noqa: D301
    options = {"length": length, "center": center, "max_jitter": max_jitter}
    given = {name: value for name, value in options.items() if value is not None}
    if source.suffix.lower() in _RECIPES:
        sources = {"genome": genome, "signal": signal}
        _refuse_options(source, [*(k for k, v in sources.items() if v), *given])
        from eugene.recipes import read_recipe

        ds = read_recipe(source).run(out=out, overwrite=overwrite)
    else:
        ds = _build_regions(source, out, genome, signal or [], overwrite, given)
    typer.echo(rows_text(ds))


@data_app.command("lint")
def data_lint(
    recipe: RecipeFile,
    split: Annotated[
        str | None, typer.Option(help="Column of the regions with their split, to find leakage.")
    ] = None,
    variants: Annotated[
        Path | None, typer.Option(help="VCF file to compare with the genome.")
    ] = None,
) -> None:
    """Look at a recipe's files before building.

    Prints one line for each thing found, with the fix. Errors would stop the build or mislead a model;
    the command then ends with exit code 1.

    Example:  eugene data lint recipe.yaml
    """
    from eugene.recipes import read_recipe

    findings = read_recipe(recipe).lint(split=split, variants=variants)
    for finding in findings.itertuples():
        example = f" (first {finding.example})" if finding.example else ""
        where = f"{finding.severity:<8}{finding.source} ({finding.count:,})"
        typer.echo(f"{where}: {finding.message}{example}")
    if findings.empty:
        typer.echo("nothing found")
    if (findings["severity"] == "error").any():
        raise typer.Exit(1)


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
    typer.echo(rows_text(sd.to_zarr(ds, out, overwrite=overwrite)))


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
    typer.echo(rows_text(sd.to_zarr(ds, out, overwrite=overwrite)))


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

    typer.echo(rows_text(sd.to_zarr(seqdatasets.load(name), out, overwrite=overwrite)))


@data_app.command("list")
def data_list() -> None:
    """List the public data sets.

    Example:  eugene data list
    """
    import seqdatasets

    typer.echo(seqdatasets.list_datasets().T.to_string())


@data_app.command("info")
def data_info(
    store: Store,
    rows: Annotated[int, typer.Option(help="Rows to show; 0 for none.")] = 5,
    recipe: Annotated[
        bool, typer.Option("--recipe", help="Print the recipe that makes the store again.")
    ] = False,
) -> None:
    """Say what a store holds and how it was made.

    With --recipe: print the recipe alone, to keep as a file.

    Example:  eugene data info mpra.zarr

    Example:  eugene data info peaks.zarr --recipe > peaks.yaml
    """
    import seqdata as sd

    ds = sd.open_zarr(store)
    if recipe:
        from eugene.recipes import recipe_of

        typer.echo(recipe_of(ds, out=store.name), nl=False)
        return
    typer.echo(store_text(ds, store, rows))


@data_app.command("validate")
def data_validate(store: Store) -> None:
    """Check that a store follows the data contract.

    Lists what is wrong with names, dimensions, types and values, a line each, and ends with exit code 1
    if anything is.

    Example:  eugene data validate mpra.zarr
    """
    import seqdata as sd
    from eugene.cli.breaches import breaches

    found = breaches(sd.open_zarr(store))
    for breach in found:
        typer.echo(breach)
    if found:
        raise typer.Exit(1)
    typer.echo(f"{store.name} follows the data contract")


@data_app.command("convert")
def data_convert(
    store: Annotated[Path, typer.Argument(help="A store that SeqData wrote (zarr v2).")],
    out: Out,
    overwrite: Overwrite = False,
) -> None:
    """Rewrite a store of the published SeqData as a store of today.

    Example:  eugene data convert old.zarr --out new.zarr
    """
    import seqdata as sd

    typer.echo(rows_text(sd.convert(store, out, overwrite=overwrite)))


@data_app.command("report")
def data_report(
    store: Store,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="HTML page to write, with drawings.")
    ] = None,
) -> None:
    """Sum up a store in figures.

    Lengths, GC content, duplicates, missing targets, classes, leakage between splits and totals of
    tracks: as tables, or as a page for the browser.

    Example:  eugene data report mpra.zarr --out mpra.html
    """
    import seqdata as sd

    ds = sd.open_zarr(store)
    if out is None:
        typer.echo(figures_text(sd.report(ds)))
    else:
        typer.echo(f"report: {sd.report_page(ds, out, title=store.stem)}")


def _build_regions(
    regions: Path,
    out: Path | None,
    genome: Path | None,
    signal: list[str],
    overwrite: bool,
    options: dict[str, Any],
) -> Any:
    """Call `seqdata.build` as the options of the command line say."""
    import seqdata as sd

    for name, value in (("--out", out), ("--genome", genome)):
        if value is None:
            msg = f"{name} must be given with regions ({regions.name}); or name a recipe, which ends in .yaml"
            raise ValueError(msg)
    readers: dict[str, Any] = {"seq": sd.GenomeFASTA(str(genome))}
    samples = dict(_signal(text) for text in signal)
    if samples:
        readers["signal"] = sd.BigWig(samples)
    return sd.build(regions, out=out, overwrite=overwrite, **options, **readers)


def _refuse_options(recipe: Path, options: list[str]) -> None:
    """Refuse options of the command line that a recipe says itself."""
    if options:
        listed = ", ".join(f"--{name.replace('_', '-')}" for name in options)
        msg = f"{listed} must not be given with a recipe; write it into {recipe.name}"
        raise ValueError(msg)


def _signal(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    files = value.split(",")
    if not name or not value or len(files) > 2:
        msg = f"--signal must be NAME=FILE.bw or NAME=PLUS.bw,MINUS.bw; found {text!r}"
        raise ValueError(msg)
    return name, (files[0] if len(files) == 1 else (files[0], files[1]))
