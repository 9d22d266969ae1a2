"""Cohorts stored as genotypes: the loader makes the very letters that would be stored as haplotypes."""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pysam
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.seqdata.vcf_cases import Record, cases, write_genome, write_vcf

import seqdata as sd
import seqpro as sp
from seqdata.genotypes import haplotypes
from seqdata.readers.genotypes import Genotypes
from seqdata.readers.vcf import VCF
from seqdata.testing import assert_conforms

OVERS = [
    (),
    ("hap_sample",),
    ("hap_haplotype",),
    ("hap_sample", "hap_haplotype"),
    ("hap_haplotype", "hap_sample"),
]
ITEMS = ("_sequence", "hap_sample")


def build(reader: VCF, table: pd.DataFrame, **options: Any) -> xr.Dataset:
    """A Dataset of the reader's haplotypes, stored as it stores them, with a number for every item."""
    ds = sd.build(table, hap=reader, **options)
    numbers = np.arange(ds.sizes["_sequence"] * ds.sizes["hap_sample"], dtype="i8")
    return ds.assign(item=(ITEMS, numbers.reshape(len(table), -1)))


def flat(values: Any) -> list[Any]:
    """What a batch holds, as lists."""
    if isinstance(values, sp.Ragged):
        return [values.sizes.tolist(), values.packed().values.tolist()]
    return [values.shape, values.tolist()]


def assert_same_batches(first: Any, second: Any) -> int:
    """Compare batches, bit for bit; give their number."""
    n = 0
    for a, b in itertools.zip_longest(first, second):
        assert a.keys() == b.keys()
        for name in a:
            assert a[name].dtype == b[name].dtype if hasattr(a[name], "dtype") else True
            assert flat(a[name]) == flat(b[name]), name
        n += 1
    return n


# the law


@settings(deadline=None, max_examples=25)
@given(case=cases(), data=st.data())
def test_every_haplotype_is_the_one_that_would_be_stored(
    case: dict[str, Any], data: st.DataObject
) -> None:
    """Any variants and policies, both strands, over the contig's ends, of one length or not."""
    lengths = {name: len(letters) for name, letters in case["contigs"].items()}
    length = data.draw(st.sampled_from([None, 1, 5]))
    regions = [
        (c, max(a, 0), max(min(b, lengths[c]), max(a, 0) + 1), strand)
        for c, a, b, strand in case["rows"]
    ]
    table = pd.DataFrame(regions, columns=["chrom", "chromStart", "chromEnd", "strand"])
    options: dict[str, Any] = {
        "length": length,
        "max_jitter": data.draw(st.sampled_from([0, 1, 7])),
    }
    over = data.draw(st.sampled_from(OVERS))
    policies = {key: case[key] for key in ("missing", "indels", "ploidy")} | {"unphased": "as_is"}
    with tempfile.TemporaryDirectory() as folder:
        genome = write_genome(Path(folder), case["contigs"])
        path = write_vcf(Path(folder), ["Ann", "Ben"], case["records"])
        reader = VCF(path, genome, samples=["Ben", "Ann"], **policies)
        stored = sd.build(table, hap=reader, place=reader.positions(), **options)
        cohort = Genotypes(path, genome, samples=["Ben", "Ann"], **policies)
        genotypes = sd.build(table, hap=cohort, **options)
    made = haplotypes(genotypes, "hap", positions=True)
    for key in ("hap", "hap_start", "hap_size"):
        assert (key in made) == (key in stored)
        if key in stored:
            xr.testing.assert_identical(made[key].variable, stored[key].variable)
    np.testing.assert_array_equal(made["hap_position"].values, stored["place"].values)
    loaded = [
        sd.Loader(ds, ["hap"], batch_size=2, over=("_sequence", *over), crop="random")
        for ds in (stored, genotypes)
    ]
    assert assert_same_batches(*loaded) == len(loaded[0])


# a cohort


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Three contigs with phased variants of nine samples: SNPs, indels, several alleles, missing calls."""
    folder = tmp_path_factory.mktemp("cohort")
    rng = np.random.default_rng(5)
    contigs = {
        name: rng.choice(np.frombuffer(b"ACGT", "u1"), size).tobytes().decode()
        for name, size in {"chr1": 3_000, "chr2": 900, "chr3": 400}.items()
    }
    records: list[Record] = []
    for contig, letters in contigs.items():
        for start in range(0, len(letters) - 20, 7):
            ref = letters[start : start + (rng.integers(2, 15) if rng.random() < 0.2 else 1)]
            other = "ACGT".replace(letters[start], "")
            alts = [
                other[0],
                ref[0] + "TTGCA"[: rng.integers(1, 6)],
                ref[0] if len(ref) > 1 else other[1],
            ]
            k = int(rng.integers(1, 4))
            calls = rng.choice([0, 0, 0, *range(1, k + 1)], (9, 2)).astype(str)
            calls[rng.random((9, 2)) < 0.03] = "."
            records.append((contig, start, ref, ",".join(alts[:k]), ["|".join(c) for c in calls]))
    names = [f"s{i}" for i in (3, 1, 4, 8, 5, 9, 2, 6, 7)]
    return write_vcf(folder, names, records, contigs=list(contigs)), write_genome(folder, contigs)


def regions(n: int, size: int | None = 60) -> pd.DataFrame:
    """Regions in no order, on both strands, some at the ends of their contigs."""
    rng = np.random.default_rng(n)
    contigs = rng.choice(["chr1", "chr2", "chr3"], n)
    lengths = pd.Series(contigs).map({"chr1": 3_000, "chr2": 900, "chr3": 400}).to_numpy()
    starts = rng.integers(0, lengths - 60)
    starts[:3] = [0, lengths[1] - 60, 5]
    sizes = np.full(n, size) if size else rng.integers(20, 60, n)
    return pd.DataFrame(
        {"chrom": contigs, "chromStart": starts, "chromEnd": starts + sizes,
         "strand": rng.choice(["+", "-", "."], n), "split": rng.choice(["train", "test"], n)}
    )  # fmt: skip


@pytest.fixture(scope="module", params=[60, None], ids=["one length", "unequal"])
def pair(
    request: pytest.FixtureRequest,
    files: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[xr.Dataset, xr.Dataset]:
    """The same haplotypes as letters and as genotypes, in stores of many small blocks."""
    table, folder = regions(40, request.param), tmp_path_factory.mktemp("pair")
    found = []
    for kind in (VCF, Genotypes):
        reader = kind(*files, missing="N")
        path = folder / f"{kind.__name__}.zarr"
        ds = build(reader, table, max_jitter=8, block_bytes=20_000)
        sd.to_zarr(ds, path)
        found.append(sd.open_zarr(path))
    return found[0], found[1]


@pytest.mark.parametrize("batch_size", [1, 2, 7, 40])
@pytest.mark.parametrize("over", OVERS, ids=str)
def test_batches_in_order(
    pair: tuple[xr.Dataset, xr.Dataset], batch_size: int, over: tuple[str, ...]
) -> None:
    """Training on a cohort gives other numbers than training on its letters."""
    loaders = [
        sd.Loader(ds, ["hap", "row", "item"], batch_size=batch_size, over=("_sequence", *over))
        for ds in pair
    ]
    assert assert_same_batches(*loaders) == len(loaders[0])


@pytest.mark.parametrize(
    "options",
    [
        {"shuffle": True, "crop": "random"},
        {"shuffle": True, "split": "train", "drop_last": True},
        {"rows": [3, 3, 1, 39]},
        {"shuffle": True, "weights": np.arange(40) % 5, "epoch_size": 90, "crop": "random"},
        {"shuffle": True, "rank": 1, "world": 2},
        {"dtypes": {"hap": "i4"}},
    ],
    ids=str,
)
def test_options_of_the_loader(
    pair: tuple[xr.Dataset, xr.Dataset], options: dict[str, Any]
) -> None:
    loaders = [
        sd.Loader(ds, ["item", "hap"], batch_size=7, over=ITEMS, seed=3, **options) for ds in pair
    ]
    for _ in range(2):
        assert assert_same_batches(*loaders) == len(loaders[0])


def test_a_buffer_smaller_than_the_store(pair: tuple[xr.Dataset, xr.Dataset]) -> None:
    """Streaming reads other rows together; each item is still there once, with its own letters."""
    stored, genotypes = pair
    whole = {}
    for batch in sd.Loader(stored, ["item", "hap"], batch_size=1, over=ITEMS):
        whole[int(batch["item"][0])] = flat(batch["hap"])
    for shuffle in (False, True):
        loader = sd.Loader(
            genotypes,
            ["item", "hap"],
            batch_size=1,
            over=ITEMS,
            shuffle=shuffle,
            buffer_bytes=3_000,
        )
        assert loader.options()["buffer_bytes"] == 3_000
        seen = []
        for batch in loader:
            seen.append(int(batch["item"][0]))
            assert flat(batch["hap"]) == whole[seen[-1]]
        assert sorted(seen) == sorted(whole)
        assert (seen == sorted(seen)) is not shuffle


def test_going_on_in_mid_epoch(pair: tuple[xr.Dataset, xr.Dataset]) -> None:
    stored, genotypes = (
        sd.Loader(ds, ["hap"], batch_size=7, over=ITEMS, shuffle=True, crop="random") for ds in pair
    )
    for _ in range(5):
        batches = iter(stored)
    expected = [next(batches) for _ in range(9)][5:]
    for _ in range(5):
        batches = iter(genotypes)
    for _ in range(5):
        next(batches)
    again = sd.Loader(pair[1], ["hap"], batch_size=7, over=ITEMS, shuffle=True, crop="random")
    again.load_state_dict(genotypes.state_dict())
    assert_same_batches(expected, itertools.islice(iter(again), 4))


@pytest.mark.parametrize("prefetch", [0, 3])
def test_torch_batches(pair: tuple[xr.Dataset, xr.Dataset], prefetch: int) -> None:
    is_ragged = "hap_size" in pair[0]
    options: dict[str, Any] = {"pad": {"hap": "N"}} if is_ragged else {"ohe": {"hap": sp.DNA}}
    loaders = [
        sd.get_torch_dataloader(
            ds,
            ["hap", "item"],
            batch_size=7,
            over=ITEMS,
            shuffle=True,
            prefetch=prefetch,
            **options,
        )
        for ds in pair
    ]
    n = 0
    for a, b in zip(*loaders, strict=True):
        assert (a["hap"] == b["hap"]).all()
        assert (a["item"] == b["item"]).all()
        n += 1
    assert n == -(-360 // 7)
    if is_ragged:
        with pytest.raises(ValueError, match=r"must have one length .*'hap' with rows of unequal"):
            sd.get_torch_dataloader(pair[1], ["hap"], batch_size=2)
    else:
        with pytest.raises(
            ValueError, match=r"ohe must name sequences .*'hap', haplotypes in dtypes"
        ):
            sd.get_torch_dataloader(
                pair[1], ["hap"], batch_size=2, ohe={"hap": sp.DNA}, dtypes={"hap": "i4"}
            )
        with pytest.raises(ValueError, match=r"pad must name .*'hap' of one length"):
            sd.Loader(pair[1], ["hap"], batch_size=2, pad={"hap": "N"})


def test_selected_rows_and_samples(pair: tuple[xr.Dataset, xr.Dataset]) -> None:
    """A Dataset that was cut down or sorted must not give other rows' variants."""
    chosen = {"_sequence": [7, 2, 30, 2 + 9], "hap_sample": [5, 0]}
    stored, genotypes = (ds.isel(chosen) for ds in pair)
    found = haplotypes(genotypes, "hap")
    for batches in ([ds.load() for ds in (stored, genotypes)], [stored, genotypes]):
        assert_same_batches(*(sd.Loader(ds, ["hap"], batch_size=3) for ds in batches))
    by_name = haplotypes(pair[1], "hap", rows=[7, 2, 30, 11], samples=["s9", "s3"])
    xr.testing.assert_equal(found, by_name)
    assert by_name["hap_sample"].values.tolist() == ["s9", "s3"]
    if "hap_size" in stored:
        assert sd.ragged(stored, "hap").sizes.tolist() == sd.ragged(found, "hap").sizes.tolist()
        assert flat(sd.ragged(stored, "hap")) == flat(sd.ragged(found, "hap"))
    else:
        xr.testing.assert_equal(stored["hap"].drop_attrs(), found["hap"].drop_attrs())


def test_labels_may_be_codes(files: tuple[Path, Path], tmp_path: Path) -> None:
    ds = build(Genotypes(*files, missing="N"), regions(6), out=None)
    sd.to_zarr(ds, tmp_path / "a.zarr")
    coded = sd.open_zarr(tmp_path / "a.zarr", labels="codes")
    assert coded["strand"].dtype.kind in "iu"
    xr.testing.assert_equal(haplotypes(coded, "hap")["hap"], haplotypes(ds, "hap")["hap"])


def test_the_dataset_follows_the_contract_and_is_small(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    """1,000 samples and regions of 1 kb are 2 GB as letters."""
    table = regions(30)
    sizes = {}
    for kind in (VCF, Genotypes):
        ds = sd.build(
            table, hap=kind(*files, missing="N"), length=500, out=tmp_path / kind.__name__
        )
        sizes[kind] = sum(v.nbytes for v in ds.variables.values() if v.dtype.kind in "iu")
        assert_conforms(ds)
        again = sd.build(
            table, hap=kind(*files, missing="N"), length=500, out=tmp_path / "again", overwrite=True
        )
        assert again.attrs["uuid"] == ds.attrs["uuid"]
    assert sizes[Genotypes] < sizes[VCF] / 4
    assert "hap" not in ds
    assert_conforms(haplotypes(ds, "hap", positions=True))


# by hand


def test_the_table_of_variants(tmp_path: Path) -> None:
    """One entry for each allele that somebody carries, once, however many windows it is in."""
    genome = write_genome(tmp_path, {"chr1": "AACCGGTTAC", "chr2": "AACCGGTTAC"})
    records: list[Record] = [
        ("chr1", 0, "A", "G", ["0|0", "0|0"]),
        ("chr1", 1, "A", "T,*,C,<DEL>", ["1|3", "2|4"]),
        ("chr1", 4, "GG", "G", [".|1", "0|0"]),
        ("chr2", 3, "C", ".", ["0|.", "0|0"]),
        ("chr2", 5, "GT", "G,GTA", ["0|0", "2|0"]),
        ("chr2", 9, "C", "A", ["1|1", "1|1"]),
    ]
    path = write_vcf(tmp_path, ["Ann", "Ben"], records)
    reader = Genotypes(path, genome, missing="N", symbolic="skip")
    rows = [("chr2", 2, 6), ("chr1", 1, 7), ("chr1", 0, 5), ("chr1", 6, 10)]
    ds = sd.build(
        pd.DataFrame(rows, columns=["chrom", "chromStart", "chromEnd"]), length=4, hap=reader
    )
    table = [
        (str(c), int(s), int(e), str(r), str(a), g.tolist())
        for c, s, e, r, a, g in zip(
            *(ds[f"hap_{k}"].values for k in
              ("chrom", "variantStart", "variantEnd", "ref", "alt", "genotype")), strict=True
        )
    ]  # fmt: skip
    assert table == [
        ("chr2", 3, 4, "C", "", [[0, -1], [0, 0]]),
        ("chr2", 5, 7, "GT", "GTA", [[0, 0], [1, 0]]),
        ("chr1", 1, 2, "A", "T", [[1, 0], [0, 0]]),
        ("chr1", 1, 2, "A", "C", [[0, 1], [0, 0]]),
        ("chr1", 4, 6, "GG", "G", [[-1, 1], [0, 0]]),
    ]
    # the second window begins behind the variants of the first bases, the last one has none
    assert ds["hap_first"].values.tolist()[:3] == [0, 4, 2]
    assert ds["hap_count"].values.tolist() == [2, 1, 3, 0]
    assert ds["hap_chromSize"].values.tolist() == [10] * 4
    letters = haplotypes(ds, "hap")["hap"].values
    assert [row.tobytes().decode() for row in letters.reshape(16, 4)] == [
        "CCGG", "CNGG", "CCGG", "CCGG",
        "CCNN", "CCGT", "CCGG", "CCGG",
        "ATCC", "ACCC", "AACC", "AACC",
        "TTAC", "TTAC", "TTAC", "TTAC",
    ]  # fmt: skip


def test_what_a_policy_refuses_is_refused_when_it_is_built(tmp_path: Path) -> None:
    """A loader that stops in the third epoch because of one call would cost days."""
    genome = write_genome(tmp_path, {"chr1": "AACCGGTTAC"})
    table = pd.DataFrame({"chrom": ["chr1"], "chromStart": [1], "chromEnd": [5]})
    cases = {
        r"must be phased \(0\|1\); sample 'Ben' has 0/1 at chr1, POS 3": ("T", "0/1"),
        r"must not be missing; sample 'Ben' has 0\|\. at chr1, POS 3": ("T", "0|."),
        r"must have letters; sample 'Ben' has 0\|1 .* allele <DEL>": ("<DEL>", "0|1"),
    }
    for i, (message, (alt, call)) in enumerate(cases.items()):
        path = write_vcf(
            tmp_path, ["Ann", "Ben"], [("chr1", 2, "C", alt, ["0|0", call])], name=f"{i}.vcf"
        )
        with pytest.raises(ValueError, match=message):
            sd.build(table, hap=Genotypes(path, genome))
        ds = sd.build(table, hap=Genotypes(path, genome, samples=["Ann"]))
        assert haplotypes(ds, "hap")["hap"].values.tobytes() == b"ACCG" * 2
        away = sd.build(table.assign(chromStart=5, chromEnd=9), hap=Genotypes(path, genome))
        assert away.sizes["hap_variant"] == 0
        assert haplotypes(away, "hap")["hap"].values.tobytes() == b"GTTA" * 4


def test_overlaps_are_counted_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    genome = write_genome(tmp_path, {"chr1": "AACCGGTTAC"})
    records: list[Record] = [("chr1", 1, "ACC", "A", ["1"]), ("chr1", 2, "C", "T", ["1"])]
    reader = Genotypes(write_vcf(tmp_path, ["Ann"], records), genome)
    table = pd.DataFrame({"chrom": ["chr1"], "chromStart": [1], "chromEnd": [5]})
    sd.build(table, hap=reader)
    assert "v.vcf.gz, chr1: 1 variants overlap an earlier one" in caplog.text


# what does not fit


@pytest.fixture
def small(tmp_path: Path) -> xr.Dataset:
    genome = write_genome(tmp_path, {"chr1": "AACCGGTTAC"})
    path = write_vcf(tmp_path, ["Ann", "Ben"], [("chr1", 2, "C", "T", ["0|1", "1|0"])])
    table = pd.DataFrame({"chrom": ["chr1"] * 2, "chromStart": [1, 4], "chromEnd": [5, 8]})
    return sd.build(table, hap=Genotypes(path, genome), seq=sd.GenomeFASTA(genome))


def test_spliced_rows_are_refused(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": "AACCGGTTAC"})
    path = write_vcf(tmp_path, ["Ann"], [("chr1", 2, "C", "T", ["0|1"])])
    table = pd.DataFrame({
        "chrom": ["chr1"], "chromStart": [0], "chromEnd": [9],
        "exon_starts": [np.array([0, 6])], "exon_ends": [np.array([3, 9])],
    })  # fmt: skip
    with pytest.raises(
        ValueError, match=r"genotypes need rows of one piece; found 1 rows of 2 exons"
    ):
        sd.build(table, hap=Genotypes(path, genome))


def test_a_dataset_that_lost_what_haplotypes_are_made_of(small: xr.Dataset) -> None:
    with pytest.raises(ValueError, match=r"'hap' are made of .* found no hap_first in the Dataset"):
        sd.Loader(small.drop_vars("hap_first"), ["hap"], batch_size=1)
    with pytest.raises(
        ValueError,
        match=r"_length must be that of the windows .* found 2 positions for windows of 4 bp",
    ):
        sd.Loader(small.isel(_length=slice(2)), ["hap"], batch_size=1)
    with pytest.raises(ValueError, match=r"variables must be in the Dataset; found no 'hop'"):
        sd.Loader(small, ["hop"], batch_size=1)
    with pytest.raises(
        ValueError, match=r"over must name dimensions of seq; none of them has 'hap_sample'"
    ):
        sd.Loader(small, ["seq"], batch_size=1, over=ITEMS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variable": "hop"}, r"stored as genotypes; found 'hop'. The Dataset has hap"),
        ({"variable": "seq"}, r"stored as genotypes; found 'seq'. The Dataset has hap"),
        (
            {"variable": "hap", "samples": ["Eve"]},
            r"samples must be in hap_sample; found 'Eve'. It has Ann, Ben",
        ),
        ({"variable": "hap", "samples": "Ann"}, r"samples must be a list of at least one name"),
        ({"variable": "hap", "rows": [5]}, r"rows must"),
        ({"variable": "hap", "positions": 1}, r"positions must be True or False"),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit(
    small: xr.Dataset, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        haplotypes(small, **arguments)


def test_a_loader_reads_beside_other_variables(small: xr.Dataset) -> None:
    batch = next(iter(sd.Loader(small, ["hap", "seq"], batch_size=2)))
    assert batch["seq"].tobytes() == b"ACCGGGTT"
    assert batch["hap"].shape == (2, 2, 2, 4)
    assert batch["hap"][0, 0, 1].tobytes() == b"ATCG"


# real files


def test_a_cohort_of_a_hundred(mirror: Path, tmp_path: Path) -> None:
    folder = mirror / "region_fixtures/human_hg19_chr20_na12878"
    genome, path = folder / "hg19_chr20_9.995-11.095Mb.fa.gz", folder / "multisample_100.vcf.gz"
    options: dict[str, Any] = {"unphased": "as_is", "missing": "reference"}
    with pysam.VariantFile(str(path)) as file:
        starts = np.array([record.start for record in file])[::-3] - 150
    table = pd.DataFrame({"chrom": "chr20", "chromStart": starts, "chromEnd": starts + 300})
    stored = sd.build(table, hap=VCF(path, genome, **options))
    ds = sd.build(table, hap=Genotypes(path, genome, **options), out=os.fspath(tmp_path / "a.zarr"))
    np.testing.assert_array_equal(haplotypes(ds, "hap")["hap"].values, stored["hap"].values)
    assert (stored["hap"].values != stored["hap"].values[:, :1, :1]).any()


def test_cohorts_of_two_builds_are_joined(files: tuple[Path, Path]) -> None:
    """Each row keeps its own variants."""
    parts = [regions(12).iloc[:5], regions(12).iloc[5:]]
    cohort, letters = (
        sd.concat([sd.build(part, hap=kind(*files, missing="N")) for part in parts])
        for kind in (Genotypes, VCF)
    )
    assert_conforms(cohort)
    assert cohort["hap_first"].values[5:].min() > cohort["hap_first"].values[:5].max()
    assert np.array_equal(haplotypes(cohort, "hap")["hap"].values, letters["hap"].values)
    others = sd.build(parts[1], hap=Genotypes(*files, missing="N", samples=["s3"]))
    with pytest.raises(ValueError, match=r"hap_sample"):
        sd.concat([cohort, others])
