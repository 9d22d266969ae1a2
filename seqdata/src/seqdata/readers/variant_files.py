"""VCF and BCF files as files: header, compression and index."""

from __future__ import annotations

import gzip
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ENDINGS = (".tbi", ".csi")


@contextmanager
def quiet_htslib() -> Iterator[None]:
    """Keep htslib from writing to the error stream: what matters comes as an exception.

    Examples
    --------
    >>> with quiet_htslib():
    ...     pass
    """
    import pysam

    loudness = pysam.set_verbosity(0)
    try:
        yield
    finally:
        pysam.set_verbosity(loudness)


def read_header(path: Path) -> tuple[list[str], dict[str, int]]:
    r"""Read the names of samples, and the length of each contig, bp (0 where it is not said).

    Raises
    ------
    ValueError
        If the file is no VCF or BCF file, or has no samples.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp(), "a.vcf")
    >>> _ = path.write_text("##fileformat=VCFv4.2\n##contig=<ID=c,length=9>\n"
    ...                     "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tAnn\n")
    >>> read_header(path)
    (['Ann'], {'c': 9})
    """
    import pysam

    try:
        with quiet_htslib(), pysam.VariantFile(os.fspath(path)) as file:
            samples = [str(name) for name in file.header.samples]
            lengths = {str(n): int(c.length or 0) for n, c in file.header.contigs.items()}
    except (OSError, ValueError) as error:
        msg = f"{path.name} must be a VCF or BCF file; it cannot be read as one ({error})"
        raise ValueError(msg) from None
    if not samples:
        msg = f"{path.name} must hold samples with genotypes; found a file of sites alone"
        raise ValueError(msg)
    return samples, lengths


def is_plain(path: Path) -> bool:
    """Whether a file is not compressed.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp(), "a.vcf"); _ = path.write_text("##fileformat=VCFv4.2")
    >>> is_plain(path)
    True
    """
    with path.open("rb") as file:
        return file.read(2) != b"\x1f\x8b"


def is_bcf(path: Path) -> bool:
    """Whether a file is compressed BCF.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp(), "a.bcf"); _ = path.write_bytes(gzip.compress(b"BCF"))
    >>> is_bcf(path)
    True
    """
    if is_plain(path):
        return False
    with gzip.open(path) as file:
        return file.read(3) == b"BCF"


def check_blocks(path: Path) -> None:
    """Refuse files that are not in blocks of gzip, as the first header says.

    Raises
    ------
    ValueError
        If the file is plain, or compressed in one piece.

    Notes
    -----
    The blocks are described in the SAM specification, section 4.1.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp(), "a.vcf"); _ = path.write_text("##fileformat=VCFv4.2")
    >>> check_blocks(path)
    Traceback (most recent call last):
    ValueError: a.vcf must be compressed in blocks, so that it can be indexed. Run: bgzip a.vcf && ...
    """
    with path.open("rb") as file:
        head = file.read(14)
    if head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC":
        return
    text = path.name.removesuffix(".gz")
    unzip = f"gunzip {path.name} && " if text != path.name else ""
    msg = (
        f"{path.name} must be compressed in blocks, so that it can be indexed. Run: {unzip}bgzip {text} "
        f"&& tabix -p vcf {text}.gz"
    )
    raise ValueError(msg)


def ensure_index(path: Path, longest: int) -> Path:
    """Find the index beside a file, or make one; refuse one that is of another file.

    Parameters
    ----------
    path
        The VCF or BCF file.
    longest
        Length of the longest contig, bp, which decides the kind of index that is made.

    Returns
    -------
    Path of the index

    Raises
    ------
    ValueError
        If no index can be made, or one that is there does not fit the file.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp(), "a.vcf"); _ = path.write_text("##fileformat=VCFv4.2")
    >>> ensure_index(path, 0)
    Traceback (most recent call last):
    ValueError: a.vcf must be compressed in blocks, so that it can be indexed. Run: bgzip a.vcf && ...
    """
    check_blocks(path)
    is_binary = is_bcf(path)
    with_csi = is_binary or longest > 2**29  # what the older kind of index can hold
    indexes = [path.with_name(path.name + ending) for ending in _ENDINGS]
    there = [index for index in indexes if index.exists()]
    force = "-f " if there else ""
    how = f"bcftools index {force}{path.name}" if with_csi else f"tabix {force}-p vcf {path.name}"
    for index in there:
        _check_fits(index, path, how)
    if there:
        return there[0]
    if not os.access(path.parent, os.W_OK):
        msg = f"{path.name} must have an index beside it, and {path.parent} cannot be written. Run: {how}"
        raise ValueError(msg)
    _make_index(path, indexes[with_csi], "bcf" if is_binary else "vcf", with_csi=with_csi)
    return indexes[with_csi]


def _make_index(path: Path, index: Path, preset: Any, *, with_csi: bool) -> None:
    import pysam

    with quiet_htslib(), tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = os.path.join(folder, "index")
        try:
            pysam.tabix_index(os.fspath(path), preset=preset, index=made, csi=with_csi, force=True)
        except OSError:
            msg = (
                f"{path.name} cannot be indexed: its records must be sorted by contig and position. Run: "
                f"bcftools sort {path.name} -Oz -o sorted.vcf.gz"
            )
            raise ValueError(msg) from None
        os.replace(made, index)


def _check_fits(index: Path, path: Path, how: str) -> None:
    """Refuse an index that does not end where the file ends: the file has changed since.

    Times of files are not looked at, for copying changes them.
    """
    import pysam

    try:
        end = _last_offset(gzip.decompress(index.read_bytes()))
        with quiet_htslib(), pysam.BGZFile(os.fspath(path), "rb", None) as file:
            file.seek(end)
            fits = not file.read(1) if end else _is_empty(path)
    except (OSError, EOFError, struct.error):
        fits = False
    if not fits:
        msg = (
            f"{index.name} must fit {path.name}; it is the index of another file, or of this one before it "
            f"was changed. Make it anew: {how}"
        )
        raise ValueError(msg)


def _is_empty(path: Path) -> bool:
    import pysam

    with pysam.VariantFile(os.fspath(path)) as file:
        return next(iter(file), None) is None


def _last_offset(index: bytes) -> int:
    """Virtual offset of the end of the last record that an index knows of; 0 if it knows none.

    Formats: the Tabix and CSIv1 specifications. A bin that holds counts ends with one that is 0.
    """
    is_csi = index[:4] == b"CSI\1"
    number, offset = struct.Struct("<i").unpack_from, struct.Struct("<Q").unpack_from
    place = 16 + number(index, 12)[0] if is_csi else 36 + number(index, 32)[0]
    contigs = number(index, place if is_csi else 4)[0]
    place += 4 if is_csi else 0
    last, head = 0, 16 if is_csi else 8
    for _ in range(contigs):
        bins, place = number(index, place)[0], place + 4
        for _ in range(bins):
            place += head + 16 * number(index, place + head - 4)[0]
            last = max(last, offset(index, place - 8)[0])
        if not is_csi:
            place += 4 + 8 * number(index, place)[0]
    return int(last)
