"""The table of motif formats, which drives reading, writing, detection and the documentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from motifdata.io import (
    cisbp,
    clusterbuster,
    encode,
    h5,
    homer,
    jaspar,
    meme,
    modisco,
    pfm,
    sites,
    transfac,
    uniprobe,
)
from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import Content
from motifdata.motifset import MotifSet
from seqpro import Alphabet

if TYPE_CHECKING:
    import pandas as pd

FIELDS = (
    "name", "alphabet", "nsites", "evalue", "source", "species", "taxon", "licence", "threshold",
    "statistics", "background",
)  # fmt: skip
"""What a set holds beside ids and probabilities."""

Reader = Callable[[Path, bytes, Alphabet | None], Content]


@dataclass(frozen=True)
class MotifFormat:
    """A format: how it is read and written, and what of a motif it can hold.

    Parameters
    ----------
    name
        What `read_motifs` and `write_motifs` call it.
    read
        Turns a path (for messages), the file's bytes and an alphabet or None into motifs.
    write
        Turns a set into bytes; None for formats that are only read.
    holds
        Which of `FIELDS` come back as they were.
    tolerance
        Largest difference of a probability that was written and read.
    rows
        What a file looks like, in a few words.

    Examples
    --------
    >>> FORMATS["homer"].holds
    ('name', 'threshold', 'statistics')
    """

    name: str
    read: Reader
    write: Callable[[MotifSet], bytes] | None
    holds: tuple[str, ...]
    tolerance: float
    rows: str


def _of_text(parse: Callable[[NumberedLines, Alphabet | None], Content]) -> Reader:
    def read(path: Path, data: bytes, alphabet: Alphabet | None) -> Content:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            number = data[: error.start].count(b"\n") + 1
            msg = (
                f"{path}, line {number}: expected text in UTF-8; found byte {data[error.start]:#x}"
            )
            raise ValueError(msg) from error
        return parse(NumberedLines(path, text), alphabet)

    return read


_EXACT, _COUNTED = 0.0, 1e-12  # counts are probabilities times sites, rounded to 64 bits

FORMATS = {
    each.name: each
    for each in (
        MotifFormat(
            "meme", _of_text(meme.parse), meme.render, FIELDS, _EXACT,
            "MEME text, any header; probabilities",
        ),
        MotifFormat("h5", h5.parse, h5.render, FIELDS, _EXACT, "the suite's own HDF5; probabilities"),
        MotifFormat(
            "homer", _of_text(homer.parse), homer.render, ("name", "threshold", "statistics"), _EXACT,
            "`>consensus`, id, threshold, statistics; a row a position, probabilities",
        ),
        MotifFormat(
            "jaspar", _of_text(jaspar.parse), jaspar.render, ("name", "alphabet", "nsites"), _COUNTED,
            "`>id name`; a row a letter, `A [ 4 19 ]`, counts",
        ),
        MotifFormat(
            "pfm", _of_text(pfm.parse), pfm.render, ("name", "nsites"), _COUNTED,
            "`>id name`; a row a letter, numbers only, counts",
        ),
        MotifFormat(
            "transfac", _of_text(transfac.parse), transfac.render,
            ("name", "alphabet", "nsites", "source", "species", "taxon", "licence"), _COUNTED,
            "records of `AC`, `ID`, `P0` to `//`; a row a position, counts",
        ),
        MotifFormat(
            "clusterbuster", _of_text(clusterbuster.parse), clusterbuster.render, ("name", "nsites"),
            _COUNTED, "`>id name`; a row a position, counts; also GimmeMotifs, HOCOMOCO pcm",
        ),
        MotifFormat(
            "encode", _of_text(encode.parse), encode.render, ("source",), _EXACT,
            "`>id source`; a row a position, letter and probabilities",
        ),
        MotifFormat(
            "uniprobe", _of_text(uniprobe.parse), uniprobe.render, ("name", "alphabet"), _EXACT,
            "title; a row a letter, `A:` and probabilities",
        ),
        MotifFormat(
            "cisbp", _of_text(cisbp.parse), cisbp.render, ("name", "alphabet", "species"), _EXACT,
            "`Pos A C G T`; a row a position, probabilities; folders too",
        ),
        MotifFormat(
            "sites", _of_text(sites.parse), None, ("name", "nsites"), _EXACT,
            "FASTA of sites in capitals",
        ),
        MotifFormat(
            "modisco", modisco.parse, None, ("nsites",), _EXACT, "results of TF-MoDISco, HDF5",
        ),
    )
}  # fmt: skip
"""Every format by its name."""


def formats() -> pd.DataFrame:
    """List the formats of motif files that are read and written.

    Returns
    -------
    Table with ``name``, ``rows`` (what a file looks like), ``written`` (False: only read), ``holds`` (what
    of a motif comes back beside id and probabilities) and ``tolerance`` (largest difference of a
    probability that was written and read; NaN for formats that are only read).

    Examples
    --------
    >>> formats().set_index("name").loc["jaspar", "holds"]
    'name, alphabet, nsites'
    """
    import pandas as pd

    listed = list(FORMATS.values())
    everything = set(FIELDS)
    return pd.DataFrame(
        {
            "name": [each.name for each in listed],
            "rows": [each.rows for each in listed],
            "written": [each.write is not None for each in listed],
            "holds": [
                "everything" if set(each.holds) == everything else ", ".join(each.holds)
                for each in listed
            ],
            "tolerance": [each.tolerance if each.write else np.nan for each in listed],
        }
    )
