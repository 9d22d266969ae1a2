"""The motif sets that come with the package."""

from __future__ import annotations

import pytest

from motifdata import load, read_meme, scan, sources, write_meme


@pytest.mark.parametrize("name", ["consensus_yeast", "consensus_vertebrates"])
def test_load__every_motif_says_that_it_is_made_and_from_what(name):
    motifs = load(name)
    for motif in motifs:
        consensus = motif.consensus("iupac")
        assert motif.source.startswith(f"made from the consensus {consensus}: ")
        assert motif.source.endswith(tuple("0123456789"))  # volume:page
        assert motif.name


def test_sources__lists_what_load_gives():
    table = sources()
    assert table["name"].tolist() == ["consensus_yeast", "consensus_vertebrates"]
    assert [len(load(name)) for name in table["name"]] == table["motifs"].tolist()


def test_load__an_unknown_name_suggests_a_close_one():
    with pytest.raises(ValueError, match="Did you mean 'consensus_yeast'"):
        load("yeast")


def test_load__sources_survive_a_meme_file(tmp_path):
    motifs = load("consensus_yeast")
    write_meme(motifs, tmp_path / "yeast.meme")
    assert read_meme(tmp_path / "yeast.meme") == motifs


def test_load__finds_known_sites_in_a_yeast_like_promoter():
    hits = scan(["ATTACCCGCC" + "CACGTG" * 2 + "TATATAAA"], load("consensus_yeast"), pvalue=1e-3)
    assert {"REB1", "PHO4"} <= set(hits["motif"])
