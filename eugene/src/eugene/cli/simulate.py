"""The command ``eugene simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eugene.cli.options import Overwrite, Seed
from eugene.cli.store_text import rows_text

Letters = tuple[float, float, float, float]


def simulate(
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", "-o", help="File to write: .zarr .simdata .fa .tsv .bed; repeat it."),
    ] = None,
    gen_type: Annotated[
        str | None,
        typer.Option(help="presence, order or distance; presence unless a distance is given."),
    ] = None,
    num_seqs: Annotated[int, typer.Option(help="Number of sequences.")] = 10_000,
    seq_length: Annotated[int, typer.Option(help="Length of each, bp.")] = 200,
    background_dist: Annotated[
        Letters | None, typer.Option(help="Probabilities of A, C, G and T, summing to 1.")
    ] = None,
    motif: Annotated[list[str] | None, typer.Option(help="Motif to plant; repeat it.")] = None,
    pos_motif: Annotated[
        list[str] | None,
        typer.Option(help="Motif that decides the label; two for order and distance."),
    ] = None,
    min_dist: Annotated[
        int | None, typer.Option(help="distance: least distance of positives, bp.")
    ] = None,
    max_dist: Annotated[
        int | None, typer.Option(help="distance: greatest distance of positives, bp.")
    ] = None,
    dist_from: Annotated[
        str | None, typer.Option(help="distance: edge, start or center of the motifs.")
    ] = None,
    logic: Annotated[str | None, typer.Option(help="presence: any, all, none or count.")] = None,
    count: Annotated[
        int | None, typer.Option(help="presence with --logic count: sites of a positive.")
    ] = None,
    negatives: Annotated[
        str | None,
        typer.Option(
            help="presence: background or shuffled; distance: uniform, far, near or both."
        ),
    ] = None,
    distractor_rate: Annotated[
        float, typer.Option(help="Share of the sequences with each other motif.")
    ] = 0.5,
    pos_fraction: Annotated[float, typer.Option(help="Share of positives.")] = 0.5,
    strand: Annotated[str, typer.Option(help="both or forward.")] = "both",
    sampling: Annotated[str, typer.Option(help="pwm or best: letters of motifs.")] = "pwm",
    min_score: Annotated[
        float | None, typer.Option(help="Least score of what is planted, bits.")
    ] = None,
    motif_set: Annotated[
        str,
        typer.Option(help="Where names are looked up: a set of motifdata.sources(), or a file."),
    ] = "consensus_vertebrates",
    scrub: Annotated[
        bool, typer.Option("--scrub", help="No chance sites of deciding motifs in backgrounds.")
    ] = False,
    split: Annotated[
        bool,
        typer.Option("--split", help="Mark train, val and test rows of a store, by the label."),
    ] = False,
    list_motifs: Annotated[
        str | None, typer.Option(help="List the motifs whose name holds this text, and stop.")
    ] = None,
    seed: Seed = 0,
    overwrite: Overwrite = False,
) -> None:
    """Generate labelled sequences whose rule is known.

    Example:  eugene simulate --gen-type order --motif GATA1 --motif STAT1 --split --out order.zarr
    """
    import seqdata as sd
    from seqdatasets.simulation import command

    motifs = command.motif_set(motif_set)
    if list_motifs is not None:
        typer.echo(command.list_motifs(motifs, list_motifs).to_string(index=False))
        return
    if not out:
        msg = "--out must name at least one file to write, such as --out sim.zarr"
        raise ValueError(msg)
    chosen = {"motifs": motif, "pos_motifs": pos_motif}
    paths = command.generate(
        out,
        overwrite=overwrite,
        num_seqs=num_seqs,
        seq_length=seq_length,
        gen_type=gen_type,
        background_dist=background_dist,
        min_dist=min_dist,
        max_dist=max_dist,
        dist_from=dist_from,
        logic=logic,
        count=count,
        negatives=negatives,
        distractor_rate=distractor_rate,
        pos_fraction=pos_fraction,
        strand=strand,
        sampling=sampling,
        min_score=min_score,
        motif_set=motifs,
        scrub=scrub,
        seed=seed,
        **{name: values for name, values in chosen.items() if values},
    )
    for path in paths:
        if split and path.suffix == ".zarr":
            _split(path, seed)
        typer.echo(rows_text(sd.open_zarr(path)) if path.suffix == ".zarr" else str(path))


def _split(store: Path, seed: int) -> None:
    """Write a store again, with its rows marked."""
    import eugene as eu
    import seqdata as sd

    data = eu.preprocess.split(sd.open_zarr(store), stratify="label", seed=seed)
    sd.to_zarr(data, store, overwrite=True)
