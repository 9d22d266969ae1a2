"""HOMER files: ids that do not repeat, thresholds and statistics that are not lost."""

from __future__ import annotations

import math

import pytest

from motifdata import read_motifs, write_motifs

# the columns of a de novo result: consensus, name, threshold, ln p, 0, occurrences, places
DE_NOVO = (
    ">NATGASTCATNN\t1-NATGASTCATNN,BestGuess:Fra1(bZIP)/BT549-Fra1-ChIP-Seq(GSE46166)/Homer(0.989)\t6.882535"
    "\t-10317.500000\t0\tT:17311.0(44.36%),B:2181.5(5.80%),P:1e-4480\tTpos:100.7,Tstd:32.6,StrandBias:0.0\n"
    "0.241\t0.305\t0.304\t0.150\n0.997\t0.001\t0.001\t0.001\n"
    ">GGGCGGGGCN\t2-GGGCGGGGCN\t7.1\t-99.5\t0\tT:5.0(1.00%),B:1.0(0.10%),P:1e-43\n0.1\t0.1\t0.7\t0.099\n"
)
KNOWN = (  # the library's own file; two motifs share a consensus
    ">ATGACTCATC\tAP-1(bZIP)/ThioMac-PU.1-ChIP-Seq(GSE21512)/Homer\t6.049537\t-1782.996\t0\t9805.3,5781.0,3085.1\n"
    "0.419\t0.275\t0.277\t0.028\n"
    ">ATGACTCATC\tBATF(bZIP)/Th17-BATF-ChIP-Seq(GSE39756)/Homer\t7.2\t-1.0\t0\t1,2,3\n0.001\t0.001\t0.001\t0.997\n"
)
HOCOMOCO = (
    ">dKhGCGTGh\tAHR_HUMAN.H10MO.B\t4.7241\n0.262\t0.122\t0.363\t0.253\n0.25\t0.25\t0.25\t0.25\n"
)


@pytest.fixture
def read(tmp_path):
    def read_text(text, **options):
        (tmp_path / "some.motif").write_text(text)
        return read_motifs(tmp_path / "some.motif", **options)

    return read_text


def test_read__a_de_novo_result(read):
    motifs = read(DE_NOVO)
    assert motifs.ids == [
        "1-NATGASTCATNN,BestGuess:Fra1(bZIP)/BT549-Fra1-ChIP-Seq(GSE46166)/Homer(0.989)",
        "2-GGGCGGGGCN",
    ]
    first, second = motifs
    assert first.threshold == pytest.approx(6.882535 / math.log(2))  # bits
    assert first.statistics == (
        "-10317.500000 0 T:17311.0(44.36%),B:2181.5(5.80%),P:1e-4480 Tpos:100.7,Tstd:32.6,StrandBias:0.0"
    )
    assert (first.nsites, first.consensus()) == (None, "CA")
    assert second.probabilities.sum() == pytest.approx(1)  # 0.999, as HOMER rounds


def test_read__motifs_of_one_consensus_stay_two(read):
    assert read(KNOWN).ids == [
        "AP-1(bZIP)/ThioMac-PU.1-ChIP-Seq(GSE21512)/Homer",
        "BATF(bZIP)/Th17-BATF-ChIP-Seq(GSE39756)/Homer",
    ]


def test_read__hocomoco_in_homer_format_and_a_bare_consensus(read):
    assert read(HOCOMOCO).ids == ["AHR_HUMAN.H10MO.B"]
    bare = read(">TGACTCA\t\t5.5\n1\t0\t0\t0\n")
    assert (bare.ids, bare["TGACTCA"].statistics) == (["TGACTCA"], "")


def test_write__the_columns_are_homers(read, tmp_path):
    motifs = read(DE_NOVO)
    write_motifs(motifs, tmp_path / "m", format="homer")
    lines = (tmp_path / "m").read_text().splitlines()
    columns = lines[0].split("\t")
    assert (columns[0], columns[1]) == (">VA", motifs.ids[0])
    assert float(columns[2]) == pytest.approx(6.882535, rel=1e-15)
    assert columns[3:5] == ["-10317.500000", "0"]
    assert read_motifs(tmp_path / "m") == motifs


def test_write__no_threshold_is_written_as_zero_and_read_as_none(read, tmp_path):
    motifs = read(">TG\tid name\t0\n1\t0\t0\t0\n")
    assert (motifs["id"].threshold, motifs["id"].name) == (None, "name")
    write_motifs(motifs, tmp_path / "m", format="homer")
    assert (tmp_path / "m").read_text() == ">A\tid name\t0\n1\t0\t0\t0\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (">A\tx\tlow\n1\t0\t0\t0\n", 1, "expected a number; found 'low'"),
        (">A\tx\t5\n1\t0\t0\t0\n1\t0\t0\n", 3, "expected 4 numbers; found 3"),
        (">A\tx\t5\n1\t0\t0\n", 1, "found 3"),
        (">A\tx\t5\n>B\ty\t5\n1\t0\t0\t0\n", 1, "expected rows of numbers after the title"),
        (">A\tx\t5\n9\t1\t0\t0\n", 1, "sum to 1"),
        (
            "1\t0\t0\t0\n>A\tx\t5\n1\t0\t0\t0\n",
            1,
            "expected a title that begins with >; found a row",
        ),
        (">A\tx\t5\n1\t0\t0\tzero\n", 2, "found 'zero'"),
        (">\n1\t0\t0\t0\n", 1, "blank title"),
    ],
)
def test_read__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text, format="homer")
    assert f"some.motif, line {line}: " in str(error.value)
