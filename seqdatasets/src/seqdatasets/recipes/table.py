"""Tables and FASTA files of a user's own, described by the options of their entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import xarray as xr

import seqdata
from seqdatasets.recipes.common import split_by, store_in, with_split
from seqpro import DNA, RNA, Alphabet
from seqpro.checks import choice

_FASTA = (".fa", ".fasta", ".fna", ".fa.gz", ".fasta.gz", ".fna.gz")
_ALPHABETS = {"DNA": DNA, "RNA": RNA}


def load(
    files: Mapping[str, Path],
    *,
    folder: Path | None = None,
    sequence: str | None = None,
    targets: Sequence[str] = (),
    alphabet: str = "DNA",
    separator: str | None = None,
    names: Sequence[str] | None = None,
    missing: Sequence[str] | None = None,
    rename: Mapping[str, str] | None = None,
    split: str | None = None,
    splits: Mapping[str, str] | None = None,
) -> xr.Dataset:
    r"""Read tables, or FASTA files, with one sequence a row.

    Parameters
    ----------
    files
        Paths by name. Rows of several files follow each other.
    folder
        Where stores may be made; None keeps the data in memory.
    sequence
        Column with the letters; of FASTA files, None.
    targets
        Columns with measurements.
    alphabet
        ``"DNA"`` or ``"RNA"``.
    separator, names, missing
        As in `seqdata.read_table`.
    rename
        New names of columns by their names in the file.
    split
        Column that holds train, val or test; other words are those of `seqdata`'s unused rows.
    splits
        The split of each file, by its name.

    Returns
    -------
    Dataset with the columns of the table and, where asked for, ``split``

    Raises
    ------
    ValueError
        If a column is not there, or an option does not fit.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.csv"); _ = path.write_text("dna,y,set\nACGT,1.5,val\n")
    >>> ds = load({"a.csv": path}, sequence="dna", targets=["y"], split="set")
    >>> ds["y"].values.tolist(), ds["split"].values.tolist()
    ([1.5], ['val'])
    """
    letters = _ALPHABETS[choice(alphabet, "alphabet", tuple(_ALPHABETS))]
    parts = []
    for name, path in files.items():
        out = store_in(folder, name)
        if sequence is None:
            ds = _fasta(path, letters, out)
        else:
            ds = seqdata.read_table(
                path,
                sequence=sequence,
                targets=targets,
                alphabet=letters,
                separator=separator,
                names=names,
                missing=missing,
                out=out,
            )
        parts.append(with_split(ds, splits[name]) if splits and name in splits else ds)
    ds = parts[0] if len(parts) == 1 else seqdata.concat(parts)
    if split is not None:
        ds = split_by(ds, split, {word: word for word in ("train", "val", "test", "unused")})
    return ds.rename_vars(rename or {})


def _fasta(path: Path, alphabet: Alphabet, out: Path | None) -> xr.Dataset:
    if not path.name.endswith(_FASTA):
        msg = f"option 'sequence' must name the column with the letters of {path.name}; found none"
        raise ValueError(msg)
    return seqdata.read_fasta(path, alphabet=alphabet, out=out)
