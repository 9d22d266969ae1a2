"""Random yeast promoters within their plasmid, as the DREAM 2022 challenge gives them to models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import seqdata
from seqdata.schema import LENGTH, SEQUENCE
from seqdata.view import is_ragged
from seqdatasets.recipes.common import measured, store_in
from seqpro import Ragged, as_codes, as_ragged

LENGTH_BP = 150
_LEFT_ADAPTER = "TGCATTTTTTTCACATC"
_INSERT = "N" * 80  # how the plasmid's file writes the random part
_ROWS = 1 << 16  # rows that are laid out at a time
_STORED_ROWS = 1 << 20


def read_promoters(
    table: Path, plasmid: Path, *, target: str, folder: Path | None = None
) -> xr.Dataset:
    r"""Read measured sequences, and give each the 150 letters that end where it ends.

    Each measured sequence, about 80 random letters between two adapters, stands in a plasmid. Before it
    comes as much of the plasmid's upstream part as is needed.

    Parameters
    ----------
    table
        Sequence and measured value, tabs between, no header.
    plasmid
        The plasmid's letters as one JSON string, N where the random part is.
    target
        What to call the measured value.
    folder
        Where stores may be made; None keeps the data in memory.

    Returns
    -------
    Dataset with ``row``, ``seq`` (_sequence, _length = 150), the target (float32) and ``measured_start``
    (int64, where in ``seq`` the measured sequence begins, 0-based)

    Raises
    ------
    ValueError
        If a sequence does not begin with the left adapter, or the plasmid has no insert.

    Examples
    --------
    >>> import json, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> table, plasmid = folder / "a.txt", folder / "plasmid.json"
    >>> _ = table.write_text("TGCATTTTTTTCACATCACGT\t11\n")
    >>> _ = plasmid.write_text(json.dumps("A" * 150 + "TGCATTTTTTTCACATC" + "N" * 80))
    >>> read_promoters(table, plasmid, target="expression")["measured_start"].values
    array([129])
    """
    upstream = _upstream(plasmid)
    read = seqdata.read_table(
        table,
        sequence="sequence",
        targets=target,
        separator="\t",
        names=["sequence", target],
        out=store_in(folder, f"measured-{table.stem}"),
    )
    n = read.sizes[SEQUENCE]
    if folder is None:
        return _laid_out(read, target, upstream, 0, n)
    parts = [
        seqdata.to_zarr(
            _laid_out(read, target, upstream, first, min(first + _STORED_ROWS, n)),
            folder / f"{table.stem}-{first}.zarr",
        )
        for first in range(0, n, _STORED_ROWS)
    ]
    return parts[0] if len(parts) == 1 else seqdata.concat(parts)


def _laid_out(
    read: xr.Dataset, target: str, upstream: NDArray[np.uint8], first: int, last: int
) -> xr.Dataset:
    """Rows `first` to `last` with their context, in memory."""
    letters = np.empty((last - first, LENGTH_BP), np.uint8)
    sizes = np.empty(last - first, np.int64)
    for start in range(first, last, _ROWS):
        stop = min(start + _ROWS, last)
        part = _rows(read, start, stop)
        sizes[start - first : stop - first] = part.sizes
        letters[start - first : stop - first] = _with_context(part, upstream, start)
    rows = read.isel({SEQUENCE: slice(first, last)})
    return xr.Dataset(
        {
            "row": (SEQUENCE, rows["row"].values),
            "seq": ((SEQUENCE, LENGTH), letters, {"alphabet": "DNA"}),
            target: (SEQUENCE, measured(rows, target)),
            "measured_start": (SEQUENCE, np.maximum(LENGTH_BP - sizes, 0)),
        },
        attrs=read.attrs,
    )


def _rows(read: xr.Dataset, first: int, last: int) -> Ragged:
    """Letters of some neighbouring rows, and no others."""
    if not is_ragged(read, "seq"):
        return as_ragged(read["seq"][first:last].values)
    starts, sizes = read["seq_start"][first:last].values, read["seq_size"][first:last].values
    low, high = int(starts[0]), int(starts[-1] + sizes[-1])
    return Ragged(read["seq"][low:high].values, starts - low, sizes)


def _upstream(plasmid: Path) -> NDArray[np.uint8]:
    """Give the plasmid's last 150 letters before the left adapter."""
    letters: str = json.loads(plasmid.read_text())
    insert = letters.find(_INSERT)
    if insert < LENGTH_BP or letters[:insert][-len(_LEFT_ADAPTER) :] != _LEFT_ADAPTER:
        msg = f"{plasmid.name} must hold {len(_INSERT)} N after the left adapter {_LEFT_ADAPTER}; found none"
        raise ValueError(msg)
    return as_codes(letters[: insert - len(_LEFT_ADAPTER)])[-LENGTH_BP:]


def _with_context(inserts: Ragged, upstream: NDArray[np.uint8], first: int) -> NDArray[np.uint8]:
    """Put the plasmid's upstream letters before each measured sequence, 150 letters in all."""
    adapter = as_codes(_LEFT_ADAPTER)
    if (inserts.sizes < adapter.size).any():
        row = first + int((inserts.sizes < adapter.size).argmax())
        msg = f"every sequence must begin with the adapter {_LEFT_ADAPTER}; row {row} does not"
        raise ValueError(msg)
    heads = Ragged(inserts.values, inserts.starts, np.full(len(inserts), adapter.size))
    odd = (heads.to_padded(adapter.size, 0) != adapter).any(axis=1)
    if odd.any():
        row = first + int(odd.argmax())
        msg = f"every sequence must begin with the adapter {_LEFT_ADAPTER}; row {row} does not"
        raise ValueError(msg)
    context = np.broadcast_to(upstream, (len(inserts), LENGTH_BP))
    padded = inserts.to_padded(LENGTH_BP, 0, side="left", truncate="left")
    room = LENGTH_BP - inserts.sizes[:, None]
    position = np.arange(LENGTH_BP)
    shifted = np.take_along_axis(context, (position - room) % LENGTH_BP, axis=1)
    return np.where(position < room, shifted, padded)
