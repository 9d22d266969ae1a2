"""What every reader gives follows the contract, in memory and in a store, for every kind of row."""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyBigWig
import pysam
import pytest
import xarray as xr
from scipy import sparse

import seqdata as sd
import seqpro as sp
from seqdata.readers.protocol import RegionSource
from seqdata.testing import assert_conforms

CONTIGS = {"chr1": 400, "chr2": 96}
PAIR, PROPER, REVERSE, MATE_REVERSE, FIRST, SECOND = 1, 2, 16, 32, 64, 128
Files = dict[str, Path]


def write_genome(folder: Path) -> None:
    rng = np.random.default_rng(0)
    text = "".join(
        f">{name}\n{''.join(rng.choice(list('ACGTacgtN'), size))}\n"
        for name, size in CONTIGS.items()
    )
    (folder / "g.fa").write_text(text)
    pysam.tabix_compress(str(folder / "g.fa"), str(folder / "g.fa.gz"), force=True)


def write_bigwigs(folder: Path) -> None:
    for seed, name in enumerate("abcd"):
        rng = np.random.default_rng(seed)
        with pyBigWig.open(str(folder / f"{name}.bw"), "w") as file:
            file.addHeader(list(CONTIGS.items()))
            for contig, size in CONTIGS.items():
                starts = np.flatnonzero(rng.random(size) < 0.6)
                values = rng.integers(1, 9, starts.size).astype(float)
                file.addEntries([contig] * starts.size, starts.tolist(), ends=(starts + 1).tolist(),
                                values=values.tolist())  # fmt: skip


def write_fragments(folder: Path) -> None:
    """The same fragments as proper pairs of a BAM file and as lines of a fragment file."""
    rng = np.random.default_rng(1)
    header = pysam.AlignmentHeader.from_references(list(CONTIGS), list(CONTIGS.values()))
    reads, lines = [], []
    for contig, size in CONTIGS.items():
        for i, start in enumerate(np.sort(rng.integers(0, size - 40, size // 4)).tolist()):
            end = start + int(rng.integers(12, 40))
            lines.append(f"{contig}\t{start}\t{end}\tcell{i % 3}\t1\n")
            for flag, at, mate, length in (
                (PAIR + PROPER + FIRST + MATE_REVERSE, start, end - 10, end - start),
                (PAIR + PROPER + SECOND + REVERSE, end - 10, start, start - end),
            ):
                text = (
                    f"{contig}{i}\t{flag}\t{contig}\t{at + 1}\t60\t10M\t=\t{mate + 1}\t{length}\t"
                )
                reads.append(
                    pysam.AlignedSegment.fromstring(f"{text}{'A' * 10}\t{'F' * 10}", header)
                )
    (folder / "fragments.tsv").write_text("".join(lines))
    reads.sort(key=lambda read: (read.reference_id, read.reference_start))
    with pysam.AlignmentFile(str(folder / "a.bam"), "wb", header=header) as file:
        for read in reads:
            file.write(read)
    pysam.index(str(folder / "a.bam"))


def write_variants(folder: Path) -> None:
    """Substitutions, insertions and deletions of two phased samples."""
    rng = np.random.default_rng(2)
    genome = pysam.FastaFile(str(folder / "g.fa"))
    lines = ["##fileformat=VCFv4.2", *(f"##contig=<ID={c}>" for c in CONTIGS),
             '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
             "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tAnn\tBob"]  # fmt: skip
    for contig, size in CONTIGS.items():
        for start in range(3, size - 8, 7):
            base = genome.fetch(contig, start, start + 1)
            longer = genome.fetch(contig, start, start + 3)
            other = "A" if base.upper() != "A" else "C"
            ref, alt = [(base, other), (base, base + "GT"), (longer, base)][rng.integers(3)]
            calls = "\t".join(f"{a}|{b}" for a, b in rng.integers(0, 2, (2, 2)))
            lines.append(f"{contig}\t{start + 1}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t{calls}")
    (folder / "v.vcf").write_text("\n".join(lines) + "\n")
    pysam.tabix_index(str(folder / "v.vcf"), preset="vcf", force=True, keep_original=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("files")
    for write in (write_genome, write_bigwigs, write_fragments, write_variants):
        write(folder)
    return {path.name: path for path in folder.iterdir()}


def regions(case: str) -> pd.DataFrame:
    """Rows whose sizes are multiples of 4, so that they can be binned, on both strands and contigs."""
    starts = np.array([0, 40, 100, 60, 10, 380])
    sizes = (
        np.array([20, 8, 12, 28, 16, 20]) if case in ("own lengths", "spliced") else np.full(6, 20)
    )
    table = pd.DataFrame({"chrom": ["chr1", "chr2", "chr1", "chr2", "chr1", "chr1"],
                          "chromStart": starts, "chromEnd": starts + sizes,
                          "strand": ["-"] * 6 if case == "minus" else [*"+-.-+-"],
                          "name": [f"peak{i}" for i in range(6)], "score": [1, np.nan, 3, 4, 5, 6.5],
                          "summit": [-1, 41, 104, 60, 12, 390]})  # fmt: skip
    if case == "spliced":  # two exons of 4 bp each, but for a row of one and a row of a longer one
        cut = [np.array([4, size - 4]) for size in sizes.tolist()]
        cut[1], cut[5] = np.array([]), np.array([4, 8])
        pairs = list(zip(starts, sizes, cut, strict=True))
        table["exon_starts"] = [np.array([a, *(a + c[1:])]).astype(int) for a, _, c in pairs]
        table["exon_ends"] = [np.array([*(a + c[:1]), a + n]).astype(int) for a, n, c in pairs]
    return table


ROWS: dict[str, dict[str, Any]] = {
    "own lengths": {},
    "one length": {"length": 24},
    "minus": {},
    "on summits, with room": {"length": 16, "center": "summit", "max_jitter": 4},
    "spliced": {},
}
COUNTS = ("depth", "five_prime", "cut_sites", "fragments")


def fasta(f: Files, _: str) -> dict[str, RegionSource]:
    return {"plain": sd.GenomeFASTA(f["g.fa"]), "bgzip": sd.GenomeFASTA(f["g.fa.gz"])}


def bigwig(f: Files, _: str) -> dict[str, RegionSource]:
    pairs = {"s": (f["a.bw"], f["b.bw"]), "t": (f["c.bw"], f["d.bw"])}
    return {
        "one": sd.BigWig(f["a.bw"]),
        "samples": sd.BigWig({"liver": f["b.bw"], "eye": f["a.bw"]}, missing=np.nan),
        "stranded": sd.BigWig(pairs),
        "binned": sd.BigWig(f["a.bw"], bin_width=4, statistic="max"),
        "stranded_bins": sd.BigWig(pairs, bin_width=2),
    }


def bam(f: Files, _: str) -> dict[str, RegionSource]:
    two = {"x": f["a.bam"], "y": f["a.bam"]}
    return {
        **{f"{count}": sd.BAM(f["a.bam"], count=count) for count in COUNTS},
        **{f"{k}_stranded": sd.BAM(two, count=k, stranded=True, dtype="uint8") for k in COUNTS},
        "binned": sd.BAM(f["a.bam"], bin_width=4, dtype="uint16"),
        "mean": sd.BAM(f["a.bam"], bin_width=4, statistic="mean"),
    }


def fragments(f: Files, _: str) -> dict[str, RegionSource]:
    path, groups = f["fragments.tsv"], {"cell0": "B", "cell1": "T"}
    return {
        "cuts": sd.Fragments(path, contig_sizes=CONTIGS),
        "covered": sd.Fragments(path, contig_sizes=CONTIGS, count="fragments", dtype="float32"),
        "groups": sd.Fragments(path, contig_sizes=CONTIGS, groups=groups, stranded=True),
        "binned": sd.Fragments(path, contig_sizes=CONTIGS, bin_width=4, dtype="uint8"),
    }


def vcf(f: Files, case: str) -> dict[str, RegionSource]:
    reader = sd.VCF(f["v.vcf.gz"], f["g.fa"])
    one = sd.VCF(f["v.vcf.gz"], f["g.fa"], samples=["Bob"], indels=False)
    return {"hap": reader, "places": reader.positions(), "one": one}


READERS: dict[str, Callable[[Files, str], dict[str, RegionSource]]] = {
    "GenomeFASTA": fasta,
    "BigWig": bigwig,
    "BAM": bam,
    "Fragments": fragments,
    "VCF": vcf,
}


@pytest.mark.parametrize("case", ROWS)
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_conforms_for_every_kind_of_row(
    files: Files, tmp_path: Path, reader: str, case: str
) -> None:
    """A user who builds with one reader can store, select, join and load like with any other."""
    sources, options = READERS[reader](files, case), ROWS[case]
    memory = sd.build(regions(case), **options, **sources)
    assert_conforms(memory)
    stored = sd.build(regions(case), out=tmp_path / "a.zarr", block_bytes=64, **options, **sources)
    xr.testing.assert_identical(stored.drop_attrs().load(), memory.drop_attrs())
    for name, source in sources.items():
        assert memory[name].dtype.kind != "f" or memory[name].dtype == np.float32
        assert memory[name].dims == expected_dims(name, source, case)
        assert memory[name].values.any(), (
            f"{name}: nothing was read, and the test would prove nothing"
        )
        width = getattr(source, "bin_width", 1)
        if case in ("own lengths", "spliced"):
            assert len(set(memory[f"{name}_size"].values.tolist())) > 1
        else:
            spans = (memory["windowEnd"] - memory["windowStart"]).values
            assert (spans == memory[name].shape[-1] * width).all()
    assert_rows_can_be_taken(memory, list(sources))


def expected_dims(name: str, source: RegionSource, case: str) -> tuple[str, ...]:
    axes = tuple(axis.dim.replace("{v}", name) for axis in source.axes())
    if case in ("own lengths", "spliced"):
        return (f"{name}_value", *axes)
    return (
        "_sequence",
        *axes,
        f"{name}_length" if getattr(source, "bin_width", 1) > 1 else "_length",
    )


def assert_rows_can_be_taken(ds: xr.Dataset, names: list[str]) -> None:
    """Selecting, joining and loading rows keeps the contract and the values."""
    part = sd.select(ds, rows=[4, 1])
    joined = sd.concat([ds.isel(_sequence=slice(3, None)), ds.isel(_sequence=slice(0, 3))])
    for taken in (part, joined):
        sd.validate(taken)
    room = int(ds.attrs.get("max_jitter", 0))
    batch = next(iter(sd.Loader(part, ["row", *names], batch_size=2)))
    for name in names:
        rows = dict(zip(ds["row"].values.tolist(), rows_of(ds, name), strict=True))
        for key, found in zip(joined["row"].values.tolist(), rows_of(joined, name), strict=True):
            np.testing.assert_array_equal(found, rows[key])
        cut = room // ds[name].attrs.get("bin_width", 1)
        for key, found in zip(batch["row"].tolist(), batch[name], strict=True):
            expected = rows[key][..., cut:-cut] if cut else rows[key]
            np.testing.assert_array_equal(found, expected)


def rows_of(ds: xr.Dataset, name: str) -> list[np.ndarray]:
    if f"{name}_value" in ds.dims:
        return list(sd.ragged(ds, name))
    return list(ds[name].values)


LETTERS = {"one length": ["ACGT", "GGCC", "TTAA"], "own lengths": ["ACGTA", "G", "TTAANNN"]}


def write_table(folder: Path, kind: str, letters: list[str]) -> Path:
    table = pd.DataFrame({"dna": letters, "activity": [1.5, np.nan, -2], "is_on": [1, 0, 1],
                          "tissue": ["eye", "", "left ear"], "id": ["a", "b", "c"],
                          "reads": [7, 9, 2**40], "passed": [True, False, True]})  # fmt: skip
    path = folder / f"a.{kind}"
    if kind == "parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, sep="," if "csv" in kind else "\t", index=False)
    return path


@pytest.mark.parametrize("case", LETTERS)
@pytest.mark.parametrize("kind", ["csv", "tsv", "csv.gz", "parquet"])
def test_a_table_conforms(tmp_path: Path, kind: str, case: str) -> None:
    path = write_table(tmp_path, kind, LETTERS[case])
    options: dict[str, Any] = {"sequence": "dna", "targets": ["activity", "is_on"]}
    memory = sd.read_table(path, **options)
    stored = sd.read_table(path, out=tmp_path / "a.zarr", **options)
    check_rows(memory, stored, LETTERS[case])
    types = {name: str(memory[name].dtype) for name in ("activity", "is_on", "reads", "passed")}
    assert types == {"activity": "float32", "is_on": "int8", "reads": "int64", "passed": "bool"}


@pytest.mark.parametrize("case", LETTERS)
@pytest.mark.parametrize(
    ("kind", "alphabet"), [("plain", sp.AA), ("gzip", sp.DNA), ("bgzip", sp.DNA)]
)
def test_a_fasta_file_conforms(tmp_path: Path, kind: str, case: str, alphabet: sp.Alphabet) -> None:
    path = tmp_path / "a.fa"
    path.write_text("".join(f">r{i} words\n{s}\n" for i, s in enumerate(LETTERS[case])))
    if kind == "gzip":
        path = tmp_path / "b.fa.gz"
        path.write_bytes(gzip.compress((tmp_path / "a.fa").read_bytes()))
    if kind == "bgzip":
        path = tmp_path / "c.fa.gz"
        pysam.tabix_compress(str(tmp_path / "a.fa"), str(path))
    memory = sd.read_fasta(path, alphabet=alphabet)
    stored = sd.read_fasta(path, alphabet=alphabet, out=tmp_path / "a.zarr")
    check_rows(memory, stored, LETTERS[case])
    assert memory["seq"].attrs["alphabet"] == alphabet.name


def check_rows(memory: xr.Dataset, stored: xr.Dataset, letters: list[str]) -> None:
    """What holds for tables and FASTA files alike."""
    assert_conforms(memory)
    xr.testing.assert_identical(stored.drop_attrs().load(), memory.drop_attrs())
    assert [row.tobytes().decode() for row in rows_of(memory, "seq")] == letters
    sd.validate(sd.select(memory, rows=[2, 0]))
    sd.validate(sd.concat([memory, stored]))
    first = next(iter(sd.Loader(memory, ["seq"], batch_size=1)))
    assert first["seq"][0].tobytes().decode() == letters[0]


@pytest.fixture
def _plain_text() -> Iterator[None]:
    """No anndata that allows pandas 3 (0.12.6) writes the text arrays that pandas 3 makes by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pd.option_context("future.infer_string", False):
            yield


@pytest.mark.usefixtures("_plain_text")
@pytest.mark.parametrize(("source", "groups"), [("memory", None), ("file", "type")])
@pytest.mark.parametrize("case", ["alone", "one length", "own lengths", "minus"])
def test_a_matrix_of_cells_conforms(
    files: Files, tmp_path: Path, source: str, groups: str | None, case: str
) -> None:
    import anndata

    table = regions(case)
    counts = np.random.default_rng(3).poisson(1, (5, len(table))).astype("f4")
    obs = pd.DataFrame({"type": [*"BBTTT"], "lineage": ["lymphoid"] * 5, "depth": np.arange(5.0)},
                       index=[f"cell{i}" for i in range(5)])  # fmt: skip
    names = [f"{r.chrom}:{r.chromStart}-{r.chromEnd}" for r in table.itertuples()]
    var = table[["strand", "summit"]].set_axis(names).assign(gc=0.5)
    data: Any = anndata.AnnData(sparse.csr_matrix(counts), obs=obs, var=var)
    if source == "file":
        data.write_h5ad(tmp_path / "a.h5ad")
        data = tmp_path / "a.h5ad"
    reader = sd.AnnData(data, groups=groups)
    if case == "alone":
        ds = reader.dataset("x")
    else:
        windows = sd.build(reader.regions(), seq=sd.GenomeFASTA(files["g.fa"]), **ROWS[case])
        ds = reader.add_to(windows, "x")
    assert_conforms(ds)
    wanted = counts if groups is None else np.stack([counts[:2].sum(0), counts[2:].sum(0)])
    np.testing.assert_array_equal(ds["x"].values, wanted.T)
    assert ds["x_sample"].values.tolist() == (["B", "T"] if groups else obs.index.tolist())
    assert_rows_can_be_taken(ds, ["x"])


@pytest.mark.parametrize("case", [case for case in ROWS if case != "spliced"])
def test_genotypes_conform_for_every_kind_of_row(files: Files, tmp_path: Path, case: str) -> None:
    """A cohort is no variable of letters: the loader makes the letters."""
    reader = sd.Genotypes(files["v.vcf.gz"], files["g.fa"])
    memory = sd.build(regions(case), hap=reader, **ROWS[case])
    assert_conforms(memory)
    stored = sd.build(regions(case), hap=reader, out=tmp_path / "a.zarr", **ROWS[case])
    xr.testing.assert_identical(stored.drop_attrs().load(), memory.drop_attrs())
    assert memory["hap_genotype"].values.any()
    batch = next(iter(sd.Loader(sd.select(memory, rows=[4, 1]), ["hap"], batch_size=2)))
    assert len(batch["hap"]) == 2


def test_no_public_reader_is_left_out() -> None:
    """A reader that is added needs a line above."""
    classes = [value for value in vars(sd).values() if isinstance(value, type)]
    by_region = {c.__name__ for c in classes if hasattr(c, "read") and hasattr(c, "contigs")}
    by_row = {c.__name__ for c in classes if hasattr(c, "blocks") and hasattr(c, "files")}
    assert by_region == {*READERS, "Genotypes"}
    assert by_row == {"Table", "FlatFASTA"}  # as read_table and read_fasta
