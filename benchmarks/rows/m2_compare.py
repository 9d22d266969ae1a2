"""M2 compare the 1,443 motifs of HOCOMOCO 12 with the 841 of JASPAR 2022, p-values of all pairs.

Both sides compute the p-value, offset and strand of every pair. Answers are compared in the tests: the two
round distances to other bins, and columns without information count for memelite only.
"""

from inputs import MIRROR

SIDES = {"ours": "ours", "memelite": "ours"}


def _inputs():
    import motifdata as md

    return [
        md.read_meme(MIRROR / "motifs" / name)
        for name in (
            "H12CORE_meme_format.meme",
            "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme",
        )
    ]


def ours():
    import motifdata as md

    queries, targets = _inputs()
    return lambda: md.compare(queries, targets, top=1), None


def memelite():
    from memelite import tomtom

    pwms = [[motif.probabilities.T for motif in motifs] for motifs in _inputs()]
    return lambda: tomtom(*pwms), None
