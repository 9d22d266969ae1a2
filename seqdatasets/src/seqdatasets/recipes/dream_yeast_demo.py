"""Random yeast promoters with their expression: an excerpt of the DREAM 2022 training data.

Each measured sequence, about 80 random letters between two adapters, stands in a plasmid. As in the
challenge, `load` gives every row the 150 letters that end where the measured sequence ends: as much of
the plasmid's upstream part as is needed, and the whole measured sequence.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata import annotate, read_table
from seqdata.provenance import add_step, file_entry
from seqdata.schema import LENGTH, SEQUENCE
from seqdata.view import sequences
from seqpro import Ragged, as_codes

LENGTH_BP = 150
_LEFT_ADAPTER = "TGCATTTTTTTCACATC"
_INSERT = "N" * 80  # how the plasmid's file writes the random part


def load(files: dict[str, Path]) -> xr.Dataset:
    r"""Read the promoters into a Dataset.

    Parameters
    ----------
    files
        Paths of ``demo_train.txt`` (sequence and expression, no header) and ``plasmid.json``.

    Returns
    -------
    Dataset with 6,370 rows: ``seq`` (_sequence, _length = 150), ``expression`` (float32, sorting bin from
    0 to 17), ``is_singleton`` (int8, 1 where the value is a whole number: one observation most likely)
    and ``measured_start`` (int64, where in ``seq`` the measured sequence begins, 0-based)

    Raises
    ------
    ValueError
        If a sequence does not begin with the left adapter, or the plasmid has no insert.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> table, plasmid = folder / "demo_train.txt", folder / "plasmid.json"
    >>> _ = table.write_text("TGCATTTTTTTCACATCACGT\t11\n")
    >>> _ = plasmid.write_text(json.dumps("A" * 150 + "TGCATTTTTTTCACATC" + "N" * 80))
    >>> load({"demo_train.txt": table, "plasmid.json": plasmid})["measured_start"].values
    array([129])
    """
    table = read_table(
        files["demo_train.txt"],
        sequence="sequence",
        targets="expression",
        names=["sequence", "expression"],
    )
    measured = sequences(table, "seq")
    expression = table["expression"].values
    ds = xr.Dataset(
        {
            "row": table["row"].variable,
            "seq": (
                (SEQUENCE, LENGTH),
                _with_plasmid(measured, files["plasmid.json"]),
                {"alphabet": "DNA"},
            ),
            "expression": (
                SEQUENCE,
                expression,
                {"units": "expression bin, 0 to 17", "task": "regression"},
            ),
            "is_singleton": (SEQUENCE, (expression % 1 == 0).astype(np.int8)),
            "measured_start": (SEQUENCE, LENGTH_BP - measured.sizes),
        },
    )
    entries = [file_entry(path) for path in files.values()]
    return annotate(add_step(ds, "seqdatasets.load", dataset="dream_yeast_demo", files=entries))


def _with_plasmid(measured: Ragged, plasmid: Path) -> NDArray[np.uint8]:
    """Put the plasmid's upstream letters before each measured sequence, 150 letters in all."""
    letters: str = json.loads(plasmid.read_text())
    insert = letters.find(_INSERT)
    if insert < LENGTH_BP or letters[:insert][-len(_LEFT_ADAPTER) :] != _LEFT_ADAPTER:
        msg = f"{plasmid.name} must hold {len(_INSERT)} N after the left adapter {_LEFT_ADAPTER}; found none"
        raise ValueError(msg)
    adapter = as_codes(_LEFT_ADAPTER)
    heads = Ragged(measured.values, measured.starts, np.full(len(measured), adapter.size))
    odd = (heads.to_padded(adapter.size, 0) != adapter).any(axis=1)
    if odd.any():
        msg = f"every sequence must begin with the adapter {_LEFT_ADAPTER}; row {int(odd.argmax())} does not"
        raise ValueError(msg)
    upstream = as_codes(letters[: insert - adapter.size])[-LENGTH_BP:]
    context = np.broadcast_to(upstream, (len(measured), LENGTH_BP))
    padded = measured.to_padded(LENGTH_BP, 0, side="left", truncate="left")
    room = LENGTH_BP - measured.sizes[:, None]
    position = np.arange(LENGTH_BP)
    shifted = np.take_along_axis(context, (position - room) % LENGTH_BP, axis=1)
    return np.where(position < room, shifted, padded)
