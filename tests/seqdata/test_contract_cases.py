"""Ten kinds of study that one contract carries without a special rule, a numbered test for each.

Each is made by the calls a user has, or by hand where no call makes it, and goes through a store, plain
xarray, a selection, a join and the loader; every value must come back.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyBigWig
import pysam
import pytest
import xarray as xr

import seqdata as sd
import seqpro as sp
from seqdata.schema import ROW_KEYS
from seqdata.testing import assert_conforms

BASES = np.frombuffer(b"ACGT", "u1")


def text(words: Sequence[str]) -> np.ndarray:
    return np.array(list(words), dtype=object)


def by_key(ds: xr.Dataset) -> dict[int, dict[str, Any]]:
    """All that is known of each row, by its key: values, ragged rows, entries of long tables."""
    keys = ds["row"].values.tolist()
    out: dict[int, dict[str, Any]] = {key: {} for key in keys}
    flat = [str(dim).removesuffix("_value") for dim in ds.dims if str(dim).endswith("_value")]
    places = {f"{stem}_{part}" for stem in flat for part in ("start", "size")}
    cohorts = [
        str(dim).removesuffix("_variant") for dim in ds.dims if str(dim).endswith("_variant")
    ]
    places |= {f"{stem}_first" for stem in cohorts}
    for name, variable in ds.data_vars.items():
        dim = str(variable.dims[0]) if variable.dims else ""
        if dim in ROW_KEYS:
            owners = ds[ROW_KEYS[dim]].values
            for key in keys:
                out[key][str(name)] = variable.values[owners == key]
        elif dim == "_sequence" and name not in places:
            for key, value in zip(keys, variable.values, strict=True):
                out[key][str(name)] = value
        elif dim.endswith("_variant"):
            stem = dim.removesuffix("_variant")
            stretches = zip(ds[f"{stem}_first"].values, ds[f"{stem}_count"].values, strict=True)
            for key, (first, count) in zip(keys, stretches, strict=True):
                out[key][str(name)] = variable.values[first : first + count]
        elif dim.endswith("_value"):
            for key, value in zip(keys, sd.ragged(ds, str(name)), strict=True):
                out[key][str(name)] = value
    return out


def assert_same(found: xr.Dataset, wanted: xr.Dataset) -> None:
    """Every row that was found is the row of that key that was wanted."""
    expected = by_key(wanted)
    for key, values in by_key(found).items():
        assert set(values) == set(expected[key])
        for name, value in values.items():
            np.testing.assert_array_equal(value, expected[key][name], err_msg=f"{name} of {key}")


def through_all(ds: xr.Dataset, folder: Path, *, load: Sequence[str]) -> xr.Dataset:
    """Take a Dataset through a store, plain xarray, a selection, a join and the loader."""
    assert_conforms(ds)
    stored = sd.to_zarr(ds, folder / "case.zarr")
    assert_same(stored, ds)
    assert stored.attrs["seqdata_contract"] == "1"
    plain = xr.open_zarr(folder / "case.zarr")  # a warning would fail the test
    assert dict(plain.sizes) == dict(ds.sizes)
    for name, variable in plain.variables.items():
        assert variable.attrs.get("description") or name in ds.dims
        if ds[name].dtype != object:
            np.testing.assert_array_equal(variable.values, ds[name].values, err_msg=str(name))
    n = ds.sizes["_sequence"]
    part = sd.select(stored, rows=[n - 1, 0])
    sd.validate(part)
    assert_same(part, ds)
    halves = [stored.isel(_sequence=slice(n // 2, None)), stored.isel(_sequence=slice(0, n // 2))]
    joined = sd.concat(halves)
    sd.validate(joined)
    assert_same(joined, ds)
    assert sorted(joined["row"].values) == sorted(ds["row"].values)
    assert len(sd.head(stored, 2)) == 2
    expected = by_key(ds)
    for batch in sd.Loader(stored, ["row", *load], batch_size=2, shuffle=True):
        for i, key in enumerate(batch["row"].tolist()):
            for name in load:
                np.testing.assert_array_equal(batch[name][i], expected[key][name])
    return stored


def write_fasta(path: Path, records: dict[str, str]) -> Path:
    path.write_text("".join(f">{name}\n{letters}\n" for name, letters in records.items()))
    return path


def random_letters(n: int, seed: int = 0) -> str:
    return np.random.default_rng(seed).choice(BASES, n).tobytes().decode()


def test_01_rnas_of_any_length_with_reactivity_at_each_base(tmp_path: Path) -> None:
    lengths = [7, 1, 30, 12]
    rnas = {f"r{i}": random_letters(n, i).replace("T", "U") for i, n in enumerate(lengths)}
    ds = sd.read_fasta(write_fasta(tmp_path / "a.fa", rnas), alphabet=sp.RNA)
    profiles = [np.arange(n * 2, dtype="f4").reshape(n, 2) + 100 * i for i, n in enumerate(lengths)]
    profiles[2][4, 1] = np.nan  # not measured
    flat = np.concatenate(profiles)
    ds = ds.assign(
        reactivity=(("seq_value", "reactivity_sample"), flat, {"units": "normalised"}),
        reactivity_error=(("seq_value", "reactivity_sample"), flat / 10),
        predictions_reactivity=(("seq_value", "reactivity_sample"), flat + 1),
        is_paired=("seq_value", flat[:, 0] % 3 == 0),
        signal_to_noise=(("_sequence", "reactivity_sample"), np.ones((4, 2), "f4")),
        half_life=("_sequence", np.array([1, np.nan, 3, 4], "f4")),
    ).assign_coords(reactivity_sample=text(["2A3", "DMS"]))
    stored = through_all(ds, tmp_path, load=["seq", "reactivity", "is_paired", "half_life"])
    turned = stored.isel(_sequence=[2, 0])
    for row, i in zip(sd.ragged(turned, "reactivity"), [2, 0], strict=True):
        np.testing.assert_array_equal(row, profiles[i])
    assert sd.head(stored)["seq"].tolist() == list(rnas.values())
    (batch,) = sd.Loader(
        stored, ["seq", "reactivity"], batch_size=4, pad={"seq": "N", "reactivity": np.nan}
    )
    assert batch["seq"].shape == (4, 30)
    assert batch["reactivity"].shape == (4, 30, 2)
    assert np.isnan(batch["reactivity"][0, 7:]).all()


def write_cuts(path: Path, contigs: dict[str, int], seed: int) -> Path:
    """Reads of 20 bp on both strands, whose 5' ends are what is counted."""
    header = pysam.AlignmentHeader.from_references(list(contigs), list(contigs.values()))
    rng, reads = np.random.default_rng(seed), []
    for contig, size in contigs.items():
        for start in np.sort(rng.integers(0, size - 20, size)).tolist():
            line = (
                f"r\t{rng.integers(2) * 16}\t{contig}\t{start + 1}\t60\t20M\t*\t0\t0\t{'A' * 20}\t*"
            )
            reads.append(pysam.AlignedSegment.fromstring(line, header))
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for read in reads:
            file.write(read)
    pysam.index(str(path))
    return path


def five_prime_ends(path: Path, contig: str, size: int) -> np.ndarray:
    """Counts (strand, position) of a whole contig, read by read."""
    out = np.zeros((2, size), "u4")
    with pysam.AlignmentFile(str(path)) as file:
        for read in file.fetch(contig):
            out[
                int(read.is_reverse),
                read.reference_end - 1 if read.is_reverse else read.reference_start,
            ] += 1
    return out


def test_02_long_windows_with_stranded_counts_a_shorter_output_and_controls(tmp_path: Path) -> None:
    size, length, output, room = 7000, 2114, 1000, 50
    genome = sd.GenomeFASTA(write_fasta(tmp_path / "g.fa", {"chr1": random_letters(size)}))
    paths = {name: write_cuts(tmp_path / f"{name}.bam", {"chr1": size}, seed)
             for seed, name in enumerate(["rep1", "rep2", "input"])}  # fmt: skip
    options: dict[str, Any] = {"count": "five_prime", "stranded": True}
    regions = pd.DataFrame({"chrom": "chr1", "chromStart": [1500, 3000, 4000, 5000],
                            "chromEnd": [1700, 3200, 4100, 5400], "strand": [*"+-.-"]})  # fmt: skip
    readers = {
        "seq": genome,
        "cuts": sd.BAM({"rep1": paths["rep1"], "rep2": paths["rep2"]}, **options),
        "control": sd.BAM({"input": paths["input"]}, **options),
    }
    ds = sd.build(regions, length=length, **readers)
    offset = (length - output) // 2
    shorter = ds["cuts"].isel(_length=slice(offset, offset + output)).rename(_length="cuts_length")
    ds = ds.assign(cuts=shorter.assign_attrs(offset=offset))
    shape = (4, 2, 2, output)
    profile = ("_sequence", "cuts_sample", "_strand", "cuts_length")
    ds = ds.assign(
        totals=shorter.sum("cuts_length").astype("f4"),
        predictions_profile=(profile, np.random.default_rng(9).random(shape, "f4")),
        predictions_totals=(profile[:3], np.ones(shape[:3], "f4")),
        is_mappable=(("_sequence", "cuts_length"), np.ones((4, output), bool)),
    )
    stored = through_all(ds, tmp_path, load=["seq", "cuts", "control", "totals"])
    assert stored["cuts"].dtype == np.uint32
    whole = five_prime_ends(paths["rep2"], "chr1", size)
    for i, row in regions.iterrows():
        middle = (row["chromStart"] + row["chromEnd"]) // 2
        wanted = whole[:, middle - output // 2 : middle + output // 2]
        wanted = wanted[::-1, ::-1] if row["strand"] == "-" else wanted
        np.testing.assert_array_equal(stored["cuts"].sel(cuts_sample="rep2").values[i], wanted)
    sd.to_bigwig(
        stored, tmp_path / "a.bw", variable="cuts", sample="rep2", strand="+", reduce="max"
    )
    with pyBigWig.open(str(tmp_path / "a.bw")) as file:
        found = np.nan_to_num(file.values("chr1", 1100, 2100))
    np.testing.assert_array_equal(found, whole[0, 1100:2100])
    roomy = sd.build(
        regions, length=length, max_jitter=room, out=tmp_path / "roomy.zarr", **readers
    )
    rows = by_key(roomy)
    (batch,) = sd.Loader(roomy, ["row", "seq", "cuts", "control"], batch_size=4, crop="random")
    for i, key in enumerate(batch["row"].tolist()):
        kept = [
            s
            for s in range(2 * room + 1)
            if np.array_equal(rows[key]["seq"][s : s + length], batch["seq"][i])
        ]
        assert len(kept) == 1, "the crop must be one of the window's"
        for name in ("cuts", "control"):
            np.testing.assert_array_equal(
                batch[name][i], rows[key][name][..., kept[0] : kept[0] + length]
            )


def test_03_barcoded_promoters_with_replicates(tmp_path: Path) -> None:
    """More barcodes than labels may have, so that they are free text, which the loader never reads."""
    n, rng = 4200, np.random.default_rng(0)
    promoters = [random_letters(50, i) for i in range(n // 10)]
    barcodes = [
        "".join(letters) for letters in itertools.islice(itertools.product("ACGT", repeat=7), n)
    ]
    table = pd.DataFrame({"promoter": np.repeat(promoters, 10), "id": barcodes,
                          "group": np.repeat(np.arange(n // 10), 10),
                          **{f"rep{i}": rng.normal(size=n).astype("f4") for i in (1, 2, 3)}})  # fmt: skip
    table.loc[5, "rep2"] = np.nan
    table.to_csv(tmp_path / "a.tsv", sep="\t", index=False)
    replicates = ["rep1", "rep2", "rep3"]
    ds = sd.read_table(
        tmp_path / "a.tsv", sequence="promoter", targets=replicates, out=tmp_path / "raw.zarr"
    )
    activity = np.stack([ds[name].values for name in replicates], axis=1)
    ds = ds.drop_vars(replicates).assign(
        activity=(("_sequence", "activity_sample"), activity, {"units": "log2 RNA/DNA"}),
        activity_mean=("_sequence", np.nanmean(activity, axis=1)),
        activity_mean_se=("_sequence", np.nanstd(activity, axis=1) / np.float32(np.sqrt(3))),
        reads=(("_sequence", "activity_sample"), rng.integers(0, 99, (n, 3)).astype("u4")),
        barcode=(("_sequence", "barcode_length"), sp.as_codes(barcodes), {"alphabet": "DNA"}),
        batch=("activity_sample", text(["day 1", "day 1", "day 2"])),
    ).assign_coords(activity_sample=text(replicates))  # fmt: skip
    stored = through_all(ds, tmp_path, load=["seq", "barcode", "activity", "activity_mean"])
    assert (
        stored["activity"].sel(activity_sample="rep2").values[5:6].tobytes()
        == np.float32(np.nan).tobytes()
    )
    np.testing.assert_array_equal(
        stored["activity"].sel(activity_sample="rep3"), table["rep3"].to_numpy("f4")
    )
    shown = sd.head(stored, 2)
    assert shown["barcode"].tolist() == barcodes[:2] == shown["id"].tolist()
    raw = xr.open_zarr(tmp_path / "case.zarr")["id"]
    assert "flag_meanings" not in raw.attrs
    assert raw.values.tolist() == barcodes


SAMPLES = [f"HG{i:05d}" for i in range(50)]
Variant = tuple[int, str, str, np.ndarray]


def write_cohort(folder: Path, contig: str) -> list[Variant]:
    """Phased genotypes of 50 samples: substitutions and indels, the last two samples without any."""
    rng, variants = np.random.default_rng(4), list[Variant]()
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID=chr1,length={len(contig)}>",
             '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
             "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(SAMPLES)]  # fmt: skip
    for start in range(5, len(contig) - 9, 11):
        ref = contig[start : start + int(rng.choice([1, 1, 3]))]
        other = "ACGT"[("ACGT".index(ref[0]) + 1) % 4]
        alt = ref[0] if len(ref) > 1 else [other, ref + "GG"][rng.integers(2)]
        calls = rng.integers(0, 2, (50, 2)).astype("i1")
        calls[48:] = 0
        variants.append((start, ref, alt, calls))
        genotypes = "\t".join(f"{a}|{b}" for a, b in calls)
        lines.append(f"chr1\t{start + 1}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t{genotypes}")
    (folder / "v.vcf").write_text("\n".join(lines) + "\n")
    pysam.tabix_index(str(folder / "v.vcf"), preset="vcf", force=True)
    return variants


def cohort(folder: Path) -> tuple[xr.Dataset, str, list[Variant]]:
    contig = random_letters(900)
    variants = write_cohort(folder, contig)
    genome = sd.GenomeFASTA(write_fasta(folder / "g.fa", {"chr1": contig}))
    starts = np.arange(20) * 40 + 3
    regions = pd.DataFrame({"chrom": "chr1", "chromStart": starts, "chromEnd": starts + 32,
                            "strand": np.resize([*"+-"], 20)})  # fmt: skip
    reader = sd.VCF(folder / "v.vcf.gz", genome)
    ds = sd.build(regions, seq=genome, hap=reader, place=reader.positions())
    expression = np.random.default_rng(5).normal(size=(20, 50)).astype("f4")
    return ds.assign(expression=(("_sequence", "hap_sample"), expression)), contig, variants


def test_04_phased_samples_with_indels(tmp_path: Path) -> None:
    ds, contig, variants = cohort(tmp_path)
    stored = through_all(ds, tmp_path, load=["seq", "hap", "place", "expression"])
    assert stored["hap"].shape == (20, 50, 2, 32)
    assert stored["hap_sample"].values.tolist() == SAMPLES
    same = stored["hap"].sel(hap_sample=SAMPLES[-1])
    assert (same == stored["seq"]).all(), "a sample without variants has the reference's letters"
    assert (stored["place"].sel(place_sample=SAMPLES[-1])[::2].diff("_length") == 1).all()
    touched = {p for start, ref, _, _ in variants for p in range(start, start + len(ref) + 1)}
    forward = stored.isel(_sequence=slice(0, None, 2))
    letters, places = forward["hap"].values, forward["place"].values
    is_free = ~np.isin(places, sorted(touched)) & (places >= 0)
    np.testing.assert_array_equal(
        letters[is_free], np.frombuffer(contig.encode(), "u1")[places[is_free]]
    )
    assert (letters != forward["seq"].values[:, None, None]).any()
    assert (np.diff(places) > 1).any(), "deletions skip places"
    assert (np.diff(places) == 0).any(), "inserted letters share one"
    loader = sd.Loader(
        stored, ["row", "hap", "expression"], batch_size=64, over=("_sequence", "hap_sample")
    )
    assert sum(len(batch["row"]) for batch in loader) == 20 * 50


def test_04_a_large_cohort_as_genotypes(tmp_path: Path) -> None:
    """Variants are stored once; every row knows its stretch of them, and a selection leaves them whole."""
    ds, contig, variants = cohort(tmp_path)
    ds = ds.drop_vars(["hap", "place", "expression"]).drop_dims(["place_sample", "place_haplotype"])
    starts = np.array([start for start, *_ in variants])
    ends = np.array([start + len(ref) for start, ref, *_ in variants])
    low, high = ds["windowStart"].values, ds["windowEnd"].values
    first, last = np.searchsorted(ends, low, side="right"), np.searchsorted(starts, high)
    sizes = high - low + 5
    reference = np.concatenate(
        [np.frombuffer(contig[a : a + n].encode(), "u1") for a, n in zip(low, sizes, strict=True)]
    )
    calls = np.stack([calls for *_, calls in variants])
    calls[0, 0, 0] = -1
    ds = ds.assign(
        hap_first=("_sequence", first), hap_count=("_sequence", last - first),
        hap_chromSize=("_sequence", np.full(20, len(contig))),
        hap_reference=("hap_reference_value", reference, {"alphabet": "DNA"}),
        hap_reference_start=("_sequence", np.cumsum(sizes) - sizes),
        hap_reference_size=("_sequence", sizes),
        hap_chrom=("hap_variant", text(["chr1"] * len(variants))),
        hap_variantStart=("hap_variant", starts), hap_variantEnd=("hap_variant", ends),
        hap_ref=("hap_variant", text([ref for _, ref, *_ in variants])),
        hap_alt=("hap_variant", text([alt for *_, alt, _ in variants])),
        hap_genotype=(("hap_variant", "hap_sample", "hap_haplotype"), calls),
        hap_quality=("hap_variant", np.full(len(variants), 30, "f4")),
    ).assign_coords(hap_sample=text(SAMPLES), hap_haplotype=text(["1", "2"]))  # fmt: skip
    stored = through_all(ds, tmp_path, load=["seq", "hap_reference"])
    part = sd.select(stored, rows=[17, 3])
    for i, row in enumerate([17, 3]):
        mine = slice(
            part["hap_first"].values[i], part["hap_first"].values[i] + part["hap_count"].values[i]
        )
        wanted = [
            (s, ref, alt)
            for s, ref, alt, _ in variants
            if s < high[row] and s + len(ref) > low[row]
        ]
        names = ("hap_variantStart", "hap_ref", "hap_alt")
        assert list(zip(*(part[name].values[mine] for name in names), strict=True)) == wanted
        np.testing.assert_array_equal(part["hap_genotype"].values[mine], calls[mine])
    assert list(sd.head(part)) == list(sd.head(ds))
    assert "hap_first" not in sd.head(part)


def test_05_proteins_with_a_table_of_mutations(tmp_path: Path) -> None:
    amino, rng = "ACDEFGHIKLMNPQRSTVWY", np.random.default_rng(6)
    wild = ["".join(rng.choice(list(amino), n)) for n in (30, 12, 45)]
    frame = pd.DataFrame({"protein": wild, "name": ["GFP", "p53", "TEM1"]})
    frame.to_csv(tmp_path / "wild.csv", index=False)
    parents = sd.read_table(tmp_path / "wild.csv", sequence="protein", alphabet=sp.AA)
    mutants, edits = [], []
    for key in range(40):
        parent = key % 3
        letters = list(wild[parent])
        start = int(rng.integers(0, len(letters) - 4))
        end = start + [1, 3, 0][key % 3]  # a substitution, a deletion, an insertion
        alt = [str(rng.choice([a for a in amino if a != letters[start]])), "", "GG"][key % 3]
        edits.append((key, start, end, "".join(letters[start:end]), alt))
        letters[start:end] = alt
        if key % 3 == 0:  # two substitutions in one protein
            other = (start + 2) % len(letters)
            new = "W" if letters[other] != "W" else "Y"
            edits.append((key, other, other + 1, letters[other], new))
            letters[other] = new
        mutants.append("".join(letters))
    pd.DataFrame({"protein": mutants, "fitness": rng.normal(size=40)}).to_csv(
        tmp_path / "m.csv", index=False
    )
    ds = sd.read_table(tmp_path / "m.csv", sequence="protein", targets="fitness", alphabet=sp.AA)
    rows, starts, ends, refs, alts = zip(*edits, strict=True)
    ds = ds.assign(
        parent_row=("_sequence", parents["row"].values[np.arange(40) % 3]),
        group=("_sequence", np.arange(40) % 3),
        edit_row=("_edit", np.array(rows)), edit_start=("_edit", np.array(starts)),
        edit_end=("_edit", np.array(ends)), edit_ref=("_edit", text(refs)),
        edit_alt=("_edit", text(alts)), edit_ddg=("_edit", np.ones(len(edits), "f4")),
    )  # fmt: skip
    assert_conforms(parents)
    stored = through_all(ds, tmp_path, load=["seq", "fitness"])
    part = sd.select(stored, rows=np.arange(39, 20, -1))
    table = {str(k)[5:]: v.values for k, v in part.data_vars.items() if str(k).startswith("edit_")}
    for row, key, parent in zip(
        sd.ragged(part, "seq"), part["row"].values, part["parent_row"].values, strict=True
    ):
        letters = list(
            sd.ragged(parents, "seq")[int(np.flatnonzero(parents["row"].values == parent)[0])]
            .tobytes()
            .decode()
        )
        for i in np.flatnonzero(table["row"] == key):
            a, b = int(table["start"][i]), int(table["end"][i])
            assert "".join(letters[a:b]) == table["ref"][i]
            letters[a:b] = table["alt"][i]
        assert "".join(letters) == row.tobytes().decode()
    twice = sd.concat([stored, stored])
    sd.validate(twice)
    assert set(twice["edit_row"].values) == set(twice["row"].values)


def test_06_two_genomes(tmp_path: Path) -> None:
    built = []
    for seed, name in enumerate(["hg38", "mm10"]):
        folder = tmp_path / name
        folder.mkdir()
        path = write_fasta(folder / "g.fa", {"chr1": random_letters(500, seed)})
        regions = pd.DataFrame(
            {"chrom": "chr1", "chromStart": [10, 200, 300], "chromEnd": [20, 210, 310]}
        )
        ds = sd.build(regions, length=40, seq=sd.GenomeFASTA(path)).assign_attrs(genome=name)
        built.append(sd.to_zarr(ds, folder / "a.zarr"))
    ds = sd.concat(built)
    assert "genome" not in ds.attrs
    stored = through_all(ds, tmp_path, load=["seq"])
    for original in built:
        part = sd.select(stored, where={"genome": original.attrs["genome"]})
        assert part["chrom"].values.tolist() == ["chr1"] * 3
        np.testing.assert_array_equal(part["seq"].values, original["seq"].values)
    assert sd.head(stored)["genome"].tolist() == ["hg38"] * 3 + ["mm10"] * 2


@pytest.mark.parametrize("groups", ["type", None], ids=["pseudobulks", "cells"])
def test_07_single_cells_over_regions(tmp_path: Path, groups: str | None) -> None:
    import anndata
    from scipy import sparse

    counts = np.random.default_rng(7).poisson(0.5, (30, 6)).astype("f4")
    obs = pd.DataFrame({"type": np.resize(["B", "T", "NK"], 30), "depth": counts.sum(1),
                        "donor": "d1"}, index=[f"cell{i}" for i in range(30)])  # fmt: skip
    var = pd.DataFrame(
        {"gc": np.linspace(0, 1, 6)}, index=[f"chr1:{60 * i}-{60 * i + 50}" for i in range(6)]
    )
    reader = sd.AnnData(anndata.AnnData(sparse.csr_matrix(counts), obs=obs, var=var), groups=groups)
    genome = sd.GenomeFASTA(write_fasta(tmp_path / "g.fa", {"chr1": random_letters(400)}))
    ds = reader.add_to(sd.build(reader.regions(), length=40, seq=genome), "atac")
    stored = through_all(ds, tmp_path, load=["seq", "atac", "gc"])
    for sample in stored["atac_sample"].values:
        mine = (obs["type"] == sample) if groups else (obs.index == sample)
        np.testing.assert_array_equal(
            stored["atac"].sel(atac_sample=sample), counts[np.asarray(mine)].sum(0)
        )
    assert stored["atac_donor"].values.tolist() == ["d1"] * stored.sizes["atac_sample"]
    back = sd.to_anndata(stored, variable="atac")
    np.testing.assert_array_equal(back.X, stored["atac"].values.T)
    items = sd.Loader(stored, ["seq", "atac"], batch_size=5, over=("_sequence", "atac_sample"))
    assert sum(len(batch["atac"]) for batch in items) == stored["atac"].size


TARGETS = ["K562", "HepG2", "GM12878", "H1", "A549"]


def linear(letters: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A model whose explanation is known: weights (target, letter, position) of the observed letters."""
    onehot = sp.ohe(letters, sp.DNA).astype("f4")  # (n, length, letters)
    return np.einsum("nla,tal->nt", onehot, weights)


def test_08_several_targets_by_several_explanations(tmp_path: Path) -> None:
    import torch

    import seqexplainer as sx

    length, rng = 12, np.random.default_rng(8)
    weights = rng.normal(size=(5, 4, length)).astype("f4")
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * length, 5, bias=False))
    with torch.no_grad():
        module[1].weight.copy_(torch.from_numpy(weights.reshape(5, -1)))
    write_fasta(tmp_path / "a.fa", {f"r{i}": random_letters(length, i) for i in range(6)})
    ds = sd.read_fasta(tmp_path / "a.fa")
    codes = ds["seq"].values
    methods = {"ism": sx.ism, "occlusion": sx.occlusion, "gradient_x_input": sx.gradient_x_input}
    dims = ("_sequence", "_target", "_ohe", "_length")
    predictor = sx.TorchPredictor(module)
    found = {}
    for name, method in methods.items():
        scores = np.stack([method(predictor, codes, output=i).scores for i in range(5)], axis=1)
        found[f"attributions_{name}"] = (dims, scores.astype("f4"), {"method": name, "seed": 0})
    ds = ds.assign(found).assign(
        expression=(("_sequence", "_target"), rng.normal(size=(6, 5)).astype("f4"), {"task": "regression"}),
        predictions=(("_sequence", "_target"), linear(codes, weights)),
    ).assign_coords(_target=text(TARGETS), _ohe=text([*"ACGT"]))  # fmt: skip
    stored = through_all(
        ds, tmp_path, load=["seq", "expression", "attributions_ism", "attributions_occlusion"]
    )
    for name in methods:
        assert stored[f"attributions_{name}"].encoding["chunks"][1] == 1, "one target is read alone"
    centred = weights[3] - weights[3].mean(axis=0)  # what both give of a linear model
    for name in ("ism", "gradient_x_input"):
        one = stored[f"attributions_{name}"].sel(_target="H1").values
        one = one - one.mean(axis=1, keepdims=True)
        np.testing.assert_allclose(
            one, np.broadcast_to(centred, one.shape), atol=1e-5, err_msg=name
        )


def test_09_effects_of_variants(tmp_path: Path) -> None:
    length, rng = 20, np.random.default_rng(9)
    contig = random_letters(300)
    genome = sd.GenomeFASTA(write_fasta(tmp_path / "g.fa", {"chr1": contig}))
    peaks = sd.build(
        pd.DataFrame({"chrom": "chr1", "chromStart": [30, 150], "chromEnd": [110, 240]}), seq=genome
    )
    positions = np.array([40, 55, 70, 160, 200])
    parents = peaks["row"].values[[0, 0, 0, 1, 1]]
    refs = [contig[p] for p in positions]
    alts = ["ACGT"[("ACGT".index(r) + 1) % 4] for r in refs]
    ds = sd.build(pd.DataFrame({"chrom": "chr1", "chromStart": positions, "chromEnd": positions + 1}),
                  length=length, seq=genome)  # fmt: skip
    ref = ds["seq"].values
    at = positions - ds["windowStart"].values
    alt = ref.copy()
    alt[np.arange(5), at] = np.frombuffer("".join(alts).encode(), "u1")
    weights = rng.normal(size=(2, 4, length)).astype("f4")
    both = np.stack([ref, alt], axis=1)
    predictions = np.stack([linear(ref, weights), linear(alt, weights)], axis=1)
    scores = np.broadcast_to(weights, (5, 2, 2, 4, length)).astype("f4")
    profiles = rng.random((5, 2, 1, 2, length), dtype="f4")
    ds = ds.assign(
        seq=(("_sequence", "_allele", "_length"), both, {"alphabet": "DNA"}),
        variantStart=("_sequence", positions), variantEnd=("_sequence", positions + 1),
        ref=("_sequence", text(refs)), alt=("_sequence", text(alts)),
        id=("_sequence", text(["rs1", "", "rs3", "", ""])),
        parent_row=("_sequence", parents),
        predictions=(("_sequence", "_allele", "_target"), predictions),
        effect=(("_sequence", "_target"), predictions[:, 1] - predictions[:, 0]),
        attributions_ism=(("_sequence", "_allele", "_target", "_ohe", "_length"), scores),
        predictions_profile=(("_sequence", "_allele", "atac_sample", "_strand", "_length"), profiles),
    ).assign_coords(_target=text(["K562", "HepG2"]), _allele=text(["ref", "alt"]),
                    atac_sample=text(["pool"]), _strand=text(["+", "-"]))  # fmt: skip
    stored = through_all(ds, tmp_path, load=["seq", "predictions", "effect"])
    for i, row in enumerate(stored["seq"].values):
        differs = np.flatnonzero(row[0] != row[1])
        assert (differs + stored["windowStart"].values[i]).tolist() == [positions[i]]
        assert (chr(row[0, differs[0]]), chr(row[1, differs[0]])) == (refs[i], alts[i])
        parent = peaks.isel(
            _sequence=int(np.flatnonzero(peaks["row"].values == stored["parent_row"].values[i])[0])
        )
        assert parent["chromStart"] <= positions[i] < parent["chromEnd"]
    change = (
        weights[:, ["ACGT".index(a) for a in alts], at]
        - weights[:, ["ACGT".index(r) for r in refs], at]
    )
    np.testing.assert_allclose(stored["effect"].values, change.T, atol=1e-5)
    assert sd.chars(stored, "seq").sel(_allele="alt").values[2].tobytes() == alt[2].tobytes()


def test_10_designs_with_trajectories_and_pairs_of_planted_motifs(tmp_path: Path) -> None:
    n, rounds, length, rng = 6, 5, 40, np.random.default_rng(10)
    seq = np.empty((n, rounds, length), "u1")
    seq[:, 0] = rng.choice(BASES, (n, length))
    edits, planted = [], []
    for row, step in itertools.product(range(n), range(1, rounds)):
        seq[row, step] = seq[row, step - 1]
        at = int(rng.integers(length))
        new = rng.choice([b for b in BASES if b != seq[row, step, at]])
        edits.append((row * 10, step, at, chr(seq[row, step, at]), chr(new)))
        seq[row, step, at] = new
    for row, pair in itertools.product(range(n), range(2)):
        start = 3 + 18 * pair
        planted += [
            (row * 10, start, start + 4, pair, "GATA", "+"),
            (row * 10, start + 9, start + 13, pair, "CACG", "-"),
        ]
    planted.append((0, 35, 39, -1, "TTTT", "."))
    keys, steps, at, refs, alts = zip(*edits, strict=True)
    rows, starts, ends, pairs, motifs, strands = zip(*planted, strict=True)
    mask = np.zeros((n, length), bool)
    for key, start, end, *_ in planted:
        mask[key // 10, start:end] = True
    ds = xr.Dataset(
        {
            "row": ("_sequence", np.arange(n) * 10),
            "parent_row": ("_sequence", np.array([7, 7, -1, 8, 8, 8])),
            "seq": (("_sequence", "_round", "_length"), seq, {"alphabet": "DNA"}),
            "predictions": (("_sequence", "_round", "_target"), rng.random((n, rounds, 2), dtype="f4")),
            "motif_mask": (("_sequence", "_length"), mask),
            "edit_row": ("_edit", np.array(keys)), "edit_round": ("_edit", np.array(steps)),
            "edit_start": ("_edit", np.array(at)), "edit_end": ("_edit", np.array(at) + 1),
            "edit_ref": ("_edit", text(refs)), "edit_alt": ("_edit", text(alts)),
            "embedding_row": ("_embedding", np.array(rows)),
            "embedding_start": ("_embedding", np.array(starts)),
            "embedding_end": ("_embedding", np.array(ends)),
            "embedding_pair": ("_embedding", np.array(pairs)),
            "embedding_motif": ("_embedding", text(motifs)),
            "embedding_strand": ("_embedding", text(strands)),
            "embedding_is_causal": ("_embedding", np.array(pairs) >= 0),
            "embedding_gap": ("_embedding", np.where(np.array(pairs) >= 0, 5, -1)),
            "hit_row": ("_hit", np.array([10, 30])), "hit_start": ("_hit", np.array([3, 3])),
            "hit_end": ("_hit", np.array([7, 7])), "hit_strand": ("_hit", text("+-")),
            "hit_motif": ("_hit", text(["GATA", "GATA"])),
            "hit_p_value": ("_hit", np.array([1e-4, 1e-3], "f4")),
            "motif": (("_motif", "_motif_length", "_ohe"), rng.random((2, 4, 4), dtype="f4")),
            "motif_size": ("_motif", np.array([4, 4])), "motif_id": ("_motif", text(["GATA", "CACG"])),
        },
        {"_target": text(["K562", "HepG2"])},
    )  # fmt: skip
    stored = through_all(ds, tmp_path, load=["seq", "predictions", "motif_mask"])
    part = sd.select(stored, rows=[5, 2])
    for row, key in zip(part["seq"].values, part["row"].values, strict=True):
        mine = part["edit_row"].values == key
        for step in range(1, rounds):
            now = row[0].copy()
            for i in np.flatnonzero(mine & (part["edit_round"].values <= step)):
                now[part["edit_start"].values[i]] = ord(part["edit_alt"].values[i])
            np.testing.assert_array_equal(now, row[step])
    twice = sd.concat([stored, stored])  # keys are raised, and pairs are counted within a row
    sd.validate(twice)
    in_pairs = twice["embedding_pair"].values >= 0
    partners = pd.DataFrame(
        {"row": twice["embedding_row"].values, "pair": twice["embedding_pair"].values}
    )[in_pairs]
    assert (partners.groupby(["row", "pair"]).size() == 2).all()
    assert len(partners) == 2 * 4 * n
