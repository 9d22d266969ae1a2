"""HDF5: the suite's own file, and results of TF-MoDISco."""

from __future__ import annotations

import sys

import h5py
import numpy as np
import pytest

import seqpro as sp
from motifdata import Motif, MotifSet, read_motifs, write_motifs

PPM = np.array([[0.7, 0.1, 0.1, 0.1], [0.0, 1.0, 0.0, 0.0]])


@pytest.fixture
def modisco(tmp_path):
    """A file in the layout of modisco-lite: 11 patterns, so that order by text would be wrong."""
    path = tmp_path / "results.h5"
    with h5py.File(path, "w") as file:
        for i in range(11):
            group = file.create_group(f"pos_patterns/pattern_{i}")
            group["sequence"] = PPM
            group["contrib_scores"] = PPM
            group["seqlets/n_seqlets"] = np.array([100 - i])
        file["neg_patterns/pattern_0/sequence"] = PPM[::-1]
        file.attrs["window_size"] = 400
    return path


def test_read__modisco_patterns_in_order_with_their_numbers_of_seqlets(modisco):
    motifs = read_motifs(modisco)
    assert motifs.ids == [
        *(f"pos_patterns.pattern_{i}" for i in range(11)),
        "neg_patterns.pattern_0",
    ]
    assert [m.nsites for m in motifs][-3:] == [91, 90, None]
    assert np.array_equal(motifs["pos_patterns.pattern_3"].probabilities, PPM)
    assert motifs["neg_patterns.pattern_0"].consensus() == "CA"


def test_read__the_first_versions_layout(tmp_path):
    path = tmp_path / "old.hdf5"
    start = "metacluster_idx_to_submetacluster_results/metacluster_0/seqlets_to_patterns_result/patterns"
    with h5py.File(path, "w") as file:
        file[f"{start}/pattern_0/sequence/fwd"] = PPM
        file[f"{start}/pattern_0/seqlets_and_alnmts/seqlets"] = np.array([b"a", b"b", b"c"])
        file[f"{start}/all_pattern_names"] = np.array([b"pattern_0"])
        file.create_group("metacluster_idx_to_submetacluster_results/metacluster_1")
    motifs = read_motifs(path)
    assert motifs.ids == ["metacluster_0.pattern_0"]
    assert motifs["metacluster_0.pattern_0"].nsites == 3


def test_read__a_pattern_that_is_no_distribution_is_named(modisco):
    with h5py.File(modisco, "a") as file:
        file["pos_patterns/pattern_4/sequence"][0] = 3
    with pytest.raises(ValueError, match=r"results.h5, pos_patterns.pattern_4: .*sum to 1"):
        read_motifs(modisco)
    with h5py.File(modisco, "a") as file:
        del file["pos_patterns/pattern_4/sequence"]
    with pytest.raises(ValueError, match=r"results.h5, pos_patterns.pattern_4: expected a matrix"):
        read_motifs(modisco)


def test_h5__any_text_and_alphabet_survive_and_equal_sets_are_equal_bytes(tmp_path):
    alphabet = sp.Alphabet('5"mC', "zmTGCA1", "AT CG m1 zz", unknown="?")
    motif = Motif("an id\nwith é", np.eye(7)[:2], alphabet, name="  ", source="\t", threshold=-1.5)
    motifs = MotifSet([motif], background=np.arange(1, 8) / 28)
    write_motifs(motifs, tmp_path / "a.h5", format="h5")
    assert read_motifs(tmp_path / "a.h5") == motifs
    assert read_motifs(tmp_path / "a.h5").alphabet.pairs == alphabet.pairs
    write_motifs(motifs, tmp_path / "b.h5", format="h5")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_read__a_damaged_or_foreign_file_is_named(tmp_path):
    path = tmp_path / "a.h5"
    write_motifs(Motif("m", [[1, 0, 0, 0]]), path, format="h5")
    with pytest.raises(ValueError, match=r"a.h5: expected the letters ACGU; found ACGT"):
        read_motifs(path, alphabet=sp.RNA)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"a.h5: expected a whole HDF5 file"):
        read_motifs(path)
    path.write_bytes(whole)
    with h5py.File(path, "a") as file:
        del file["nsites"]
    with pytest.raises(
        ValueError, match=r"a.h5: expected a file that write_motifs made; found .*nsites"
    ):
        read_motifs(path)
    with h5py.File(path, "w") as file:
        file["counts"] = [1]
    with pytest.raises(
        ValueError, match=r"a.h5: expected an HDF5 file of write_motifs .* with counts"
    ):
        read_motifs(path)


def test_h5__without_h5py_the_pip_line_is_given(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"pip install 'eugene-motifdata\[h5\]'"):
        write_motifs(Motif("m", [[1, 0, 0, 0]]), tmp_path / "m.h5", format="h5")
