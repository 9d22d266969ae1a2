"""`simulate` as a command: every argument by its name, with dashes or underscores."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import motifdata as md
from motifdata import MotifSet
from seqdata import open_zarr
from seqdatasets.simulation.export import check_ending, write_file
from seqdatasets.simulation.generate import simulate

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_OUT = "sequences.zarr"
_MEANINGS = {
    "num_seqs": (int, "number of sequences"),
    "seq_length": (int, "bases of each"),
    "gen_type": (str, "presence, order or distance; presence unless a distance is given"),
    "min_dist": (int, "least distance of the two motifs in positives, bases"),
    "max_dist": (int, "greatest distance of the two motifs in positives, bases"),
    "motif_set": (str, "set to look names up in: one that motifdata.sources() lists, or a file"),
    "logic": (str, "presence: any, all, none or count"),
    "count": (int, "presence with --logic count: sites of a positive"),
    "dist_from": (str, "distance: edge, start or center"),
    "negatives": (str, "presence: background or shuffled; distance: uniform, far, near or both"),
    "distractor_rate": (float, "share of the sequences with each distractor"),
    "pos_fraction": (float, "share of positives"),
    "strand": (str, "both or forward"),
    "sampling": (str, "pwm or best"),
    "min_score": (float, "least score of what is planted, bits"),
    "seed": (int, "decides everything that is random"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Generate sequences as the command line says; a mistake ends in one line and exit code 1.

    Examples
    --------
    >>> main(["--list-motifs", "GATA"])  # doctest: +ELLIPSIS
    id ...
    """
    given = vars(_parser().parse_args(arguments))
    try:
        _run(given)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"simulate: {error}\n")
        sys.exit(1)


def _run(given: dict[str, Any]) -> None:
    search = given.pop("list_motifs")
    if "motif_set" in given:
        given["motif_set"] = motif_set(given["motif_set"])
    if search is not None:
        table = list_motifs(given.get("motif_set", "consensus_vertebrates"), search)
        sys.stdout.write(table.to_string(index=False) + "\n")
        return
    overwrite = given.pop("overwrite") or "out" not in given
    for path in generate(given.pop("out", [DEFAULT_OUT]), overwrite=overwrite, **given):
        sys.stdout.write(f"{path}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulate",
        description="Generate DNA sequences whose label follows a known rule.",
        argument_default=argparse.SUPPRESS,
    )

    def add(name: str, **options: Any) -> None:
        names = dict.fromkeys([f"--{name.replace('_', '-')}", f"--{name}"])
        parser.add_argument(*names, dest=name, **options)

    for name, (kind, meaning) in _MEANINGS.items():
        add(name, type=kind, help=meaning)
    add("motifs", nargs="+", help="names of the motifs to plant")
    add("pos_motifs", nargs="+", help="those that decide the label; two for order and distance")
    add("background_dist", nargs=4, type=float, help="probabilities of A, C, G and T")
    add("scrub", action="store_true", help="no chance sites of the deciding motifs in backgrounds")
    add("out", action="append", help=f"file to write, by its ending; {DEFAULT_OUT}, written anew")
    add("overwrite", action="store_true", default=False, help="replace what is there")
    add("list_motifs", nargs="?", const="", default=None, help="list motifs whose name holds this")
    return parser


def generate(out: Sequence[str | Path], *, overwrite: bool = False, **arguments: Any) -> list[Path]:
    """Generate sequences and write them to one or several files.

    Parameters
    ----------
    out
        Files to write, as for `seqdatasets.simulation.export.write_file`. A store among them is written block
        by block.
    overwrite
        Whether files may be replaced.
    arguments
        Those of `simulate`.

    Returns
    -------
    What was written

    Raises
    ------
    ValueError
        If an argument does not fit.
    FileExistsError
        If a file exists and `overwrite` is False.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> [path.name for path in generate([folder / "a.zarr", folder / "a.fa"], num_seqs=10)]
    ['a.zarr', 'a.fa']
    """
    paths = [Path(path) for path in out]
    for path in paths:
        check_ending(path)
    taken = next((path for path in paths if path.exists() and not overwrite), None)
    if taken is not None:
        msg = f"{taken} exists; pass --overwrite to replace it"
        raise FileExistsError(msg)
    store = next((path for path in paths if path.suffix == ".zarr"), None)
    ds = simulate(**arguments, out=store, overwrite=overwrite)
    ds = ds if store is None else open_zarr(store)
    for path in paths:
        if path != store:
            write_file(ds, path, overwrite=overwrite)
    return paths


def motif_set(name: str) -> str | MotifSet:
    """Give the set of a file of motifs, or the name itself, which `simulate` looks up.

    Examples
    --------
    >>> motif_set("consensus_yeast")
    'consensus_yeast'
    """
    is_file = Path(name).exists() or Path(name).suffix in (".meme", ".txt")
    return md.read_motifs(name) if is_file else name


def list_motifs(motifs: str | MotifSet, search: str = "") -> pd.DataFrame:
    """List the motifs whose id or name holds a text, whatever its case.

    Parameters
    ----------
    motifs
        A `MotifSet`, or the name of one that `motifdata.load` knows.
    search
        The text; empty lists all.

    Returns
    -------
    Table with ``id``, ``name``, ``length`` (positions), ``information`` (bits) and ``consensus``

    Examples
    --------
    >>> list_motifs("consensus_vertebrates", "stat")["id"].tolist()
    ['STAT1', 'STAT6']
    """
    known = md.load(motifs) if isinstance(motifs, str) else motifs
    table = known.to_frame()[["id", "name", "length", "information", "consensus"]]
    text = search.casefold()
    held = table["id"].str.casefold().str.contains(text, regex=False)
    held |= table["name"].str.casefold().str.contains(text, regex=False)
    return table[held].round({"information": 1}).reset_index(drop=True)
