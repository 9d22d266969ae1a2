"""Reading and writing motif files of any format."""

from __future__ import annotations

import gzip
import math
import os
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Literal

import numpy as np

from motifdata.io._detect import detect_format
from motifdata.io._matrix import Content
from motifdata.io.formats import FIELDS, FORMATS, MotifFormat
from motifdata.motif import Motif
from motifdata.motifset import Motifs, MotifSet, as_motifset, number_repeated
from seqpro import Alphabet
from seqpro.alphabet import require_alphabet
from seqpro.checks import choice
from seqpro.files import write_whole

_CLOSE = 1e-12  # relative; numbers of sites and thresholds that come back are this close


def read_motifs(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002
    alphabet: Alphabet | None = None,
    repeated: Literal["refuse", "number"] = "refuse",
) -> MotifSet:
    r"""Read the motifs of a file, whose format is told from its content, or of all files of a folder.

    Files may be compressed with gzip. A file is read whole or not at all. Where a format gives counts, a
    matrix whose positions all sum to 1 is one of probabilities, and the number of sites is not known.

    Parameters
    ----------
    path
        A file; or a folder, all of whose files are read in the order of their names, as CIS-BP gives them.
    format
        A name that `formats` lists; None to tell it from the content.
    alphabet
        The letters in the order of the matrices, for files that do not name them; None for DNA, or
        protein where there are 20.
    repeated
        What to do with two motifs of one id: ``"refuse"``, or ``"number"`` the later ones ``id_2``, ``id_3``.

    Returns
    -------
    The motifs in the file's order, with the file's background (uniform where it has none)

    Raises
    ------
    ValueError
        If the format cannot be told or the file does not follow it, the file holds no motif, or two motifs
        have one id. The message names file and line.

    Warns
    -----
    UserWarning
        If a file of CIS-BP lists motifs without their matrices; the others are read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "one.txt"
    >>> _ = path.write_text(">MA0035.1 GATA1\nA [ 0 9 ]\nC [ 1 0 ]\nG [ 8 0 ]\nT [ 0 0 ]\n")
    >>> read_motifs(path)
    MotifSet(1 motif of DNA: MA0035.1)
    """
    if format is not None:
        choice(format, "format", tuple(FORMATS))
    if alphabet is not None:
        require_alphabet(alphabet)
    choice(repeated, "repeated", ("refuse", "number"))
    contents = [(each, _read_file(each, format, alphabet)) for each in _files(Path(path))]
    _warn_of_empty(Path(path), [key for _, content in contents for key in content.empty])
    motifs = [motif for _, content in contents for motif in content.motifs]
    if not motifs:
        msg = f"{path}: expected at least one motif; found none"
        raise ValueError(msg)
    if repeated == "number":
        motifs = number_repeated(motifs)
    else:
        _refuse_repeated(contents)
    backgrounds = [content.background for _, content in contents if content.motifs]
    one = all(each == backgrounds[0] for each in backgrounds)
    return MotifSet(motifs, background=backgrounds[0] if one else None)


def write_motifs(
    motifs: Motifs,
    path: str | os.PathLike[str],
    *,
    format: str,  # noqa: A002
) -> None:
    """Write motifs to a file, so that `read_motifs` gives the same motifs back.

    Numbers are written with all their digits; what differs nevertheless is within the format's tolerance
    (`formats`). The file is read again before it is put in its place: it appears whole or not at all, and
    whatever of the motifs does not come back is named in one warning. Ids and letters always come back.

    Parameters
    ----------
    motifs
        A motif, a set, or any iterable of motifs over one alphabet.
    path
        The file; an older one is replaced.
    format
        A name that `formats` lists as written.

    Raises
    ------
    ValueError
        If there is no motif, the format is only read, or it cannot hold an id, a number of letters or an
        alphabet.

    Warns
    -----
    UserWarning
        If something of the motifs does not come back; it names what, and of how many motifs.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "motifs.transfac"
    >>> motifs = MotifSet([Motif.from_consensus("TGASTCA", id="AP1", taxon="vertebrates")])
    >>> write_motifs(motifs, path, format="transfac")
    >>> read_motifs(path) == motifs
    True
    """
    writers = {name: each.write for name, each in FORMATS.items() if each.write is not None}
    chosen = FORMATS[choice(format, "format", tuple(writers))]
    motifset = as_motifset(motifs)
    if not len(motifset):
        msg = "motifs must hold at least one, for a file without any cannot be read; found none"
        raise ValueError(msg)
    data = writers[format](motifset)
    lost = _lost(motifset, _read_again(motifset, Path(path), data, chosen), chosen)
    write_whole(Path(path), data)
    if lost:
        listing = ", ".join(
            key if key in ("alphabet", "background") else f"{key} of {count}"
            for key, count in lost.items()
        )
        msg = (
            f"the {format} file {path} does not hold all of the {len(motifset)} motifs as they are: "
            f"{listing}. MEME and h5 files hold everything"
        )
        warnings.warn(msg, stacklevel=2)


def read_meme(path: str | os.PathLike[str]) -> MotifSet:
    """Read the motifs of a MEME text file: minimal format, or the text output of MEME itself.

    The version line, strands, background, `nsites` and `E` may be missing; whatever the version line says
    is passed over. A missing alphabet is DNA for matrices of 4 columns and protein for 20. A letter of
    background 0 gets 1e-6. Matrices of log-odds are skipped; a motif must have one of probabilities. The
    text after ``URL``, or after the ``# source:`` that `write_meme` writes, becomes the motif's `source`.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    The motifs in the file's order, with the file's background (uniform where it has none)

    Raises
    ------
    ValueError
        If the file does not follow the format, or holds no motif. The message names file and line.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "one.meme"
    >>> text = '''MEME version 5
    ... MOTIF MA0001 GENE
    ... letter-probability matrix: alength= 4 w= 2 nsites= 20
    ... 1 0 0 0
    ... 0 0.5 0.5 0
    ... '''
    >>> _ = path.write_text(text)
    >>> read_meme(path)["GENE"]
    Motif('MA0001' 'GENE', length 2, consensus 'AC')
    """
    return read_motifs(path, format="meme")


def write_meme(motifs: Motifs, path: str | os.PathLike[str]) -> None:
    """Write motifs in minimal MEME format, so that `read_meme` gives the same motifs back.

    Probabilities are written with all their digits. A `source` that is a URL becomes the motif's ``URL``
    line; other text becomes a line ``# source:``, which other programs pass over, and so do the species,
    taxon, licence, threshold and statistics. The file appears whole or not at all.

    Parameters
    ----------
    motifs
        A motif, a set, or any iterable of motifs over one alphabet.
    path
        The file; an older one is replaced.

    Raises
    ------
    ValueError
        If there is no motif, or the format cannot hold something: white space in an id, or an alphabet
        whose letters are not in MEME's order (A-Z, a-z, 0-9, ``*-.``).

    Warns
    -----
    UserWarning
        If a text does not come back: line breaks, runs of white space, or ``width =`` in a name.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "motifs.meme"
    >>> motifs = MotifSet([Motif.from_consensus("TGASTCA", id="AP1", name="JUN")])
    >>> write_meme(motifs, path)
    >>> read_meme(path) == motifs
    True
    """
    write_motifs(motifs, path, format="meme")


# Reading


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(each for each in path.iterdir() if each.is_file() and each.name[0] != ".")
    if not found:
        msg = f"{path}: expected a folder with motif files; found an empty one"
        raise ValueError(msg)
    yield from found


def _read_file(path: Path, chosen: str | None, alphabet: Alphabet | None) -> Content:
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            msg = f"{path}: expected a whole gzip file; found one that cannot be unpacked ({error})"
            raise ValueError(msg) from error
    return FORMATS[chosen or detect_format(path, data)].read(path, data, alphabet)


def _warn_of_empty(path: Path, empty: list[str]) -> None:
    if empty:
        shown = ", ".join(empty[:3]) + (", ..." if len(empty) > 3 else "")
        msg = f"{path}: left out what is listed without a matrix, {len(empty)} in all: {shown}"
        warnings.warn(msg, stacklevel=3)


def _refuse_repeated(contents: list[tuple[Path, Content]]) -> None:
    seen: dict[str, str] = {}
    for path, content in contents:
        for motif, line in zip(content.motifs, content.lines, strict=True):
            place = f"{path}, line {line}" if line else f"{path}"
            if motif.id in seen:
                msg = (
                    f"{place}: a second motif with the id {motif.id!r}, after {seen[motif.id]}; ids must "
                    "be unique. To number them: read_motifs(..., repeated='number')"
                )
                raise ValueError(msg)
            seen[motif.id] = place


# Writing


def _read_again(motifs: MotifSet, path: Path, data: bytes, chosen: MotifFormat) -> Content:
    """Read what is about to be written; refuse it if ids or matrices are not the same."""
    problem = ""
    try:
        content = chosen.read(path, data, None)
    except ValueError as error:
        problem = str(error)
    else:
        ids = [motif.id for motif in content.motifs]
        differ = [key for key, other in zip(motifs.ids, ids, strict=False) if key != other]
        same = (_same_matrix(*pair, chosen) for pair in zip(motifs, content.motifs, strict=False))
        if differ or len(ids) != len(motifs):
            problem = (
                f"id {differ[0]!r}" if differ else f"{len(motifs)} motifs; {len(ids)} come back"
            )
        elif not all(same):
            problem = "a matrix"
    if problem:
        msg = (
            f"ids and matrices must come back from a file of the format {chosen.name!r}; found that they "
            f"do not: {problem}. Rename the motifs, or write h5, which holds everything"
        )
        raise ValueError(msg)
    return content


def _same_matrix(motif: Motif, other: Motif, chosen: MotifFormat) -> bool:
    if motif.probabilities.shape != other.probabilities.shape:
        return False
    return bool(np.abs(motif.probabilities - other.probabilities).max() <= chosen.tolerance)


def _lost(motifs: MotifSet, content: Content, chosen: MotifFormat) -> dict[str, int]:
    """Count for each field in how many motifs it does not come back."""
    counted = Counter[str]()
    for motif, other in zip(motifs, content.motifs, strict=True):
        for field in fields(Motif):
            if field.name not in ("id", "probabilities"):
                before, after = getattr(motif, field.name), getattr(other, field.name)
                counted[field.name] += not _same(before, after)
    again = MotifSet(content.motifs, background=content.background)
    close = chosen.tolerance or 0.0
    counted["background"] = not np.allclose(again.background, motifs.background, rtol=0, atol=close)
    return {field: counted[field] for field in FIELDS if counted[field]}


def _same(before: object, after: object) -> bool:
    if isinstance(before, float | int) and isinstance(after, float | int):
        return before == after or math.isclose(before, after, rel_tol=_CLOSE)
    return before == after
