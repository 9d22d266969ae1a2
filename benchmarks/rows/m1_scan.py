"""M1 scan the 841 motifs of JASPAR 2022 over 2 Mb, both strands, p < 1e-4.

Each side makes its scores from probabilities, finds its thresholds and gives all sites with their scores.
The peers round scores otherwise, so that their sites differ near the threshold; the tests compare them.
lightmotif takes counts.
"""

import numpy as np
from inputs import MIRROR

SIDES = {"ours": "ours", "memelite": "ours", "moods": "peers", "lightmotif": "peers"}
PVALUE = 1e-4


def motifs():
    """Probabilities by id, shape (length, letters) each, read without any side's reader."""
    found, rows = {}, []
    path = MIRROR / "motifs" / "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme"
    for line in path.read_text().splitlines():
        words = line.split()
        if words[:1] == ["MOTIF"]:
            rows = found.setdefault(words[1], [])
        elif len(words) == 4 and words[0][0] in "01":
            rows.append([float(word) for word in words])
    matrices = {key: np.array(rows) for key, rows in found.items()}
    return {key: matrix / matrix.sum(axis=1, keepdims=True) for key, matrix in matrices.items()}


def letters():
    """2 Mb of random DNA, ASCII codes."""
    return np.random.default_rng(0).choice(np.frombuffer(b"ACGT", np.uint8), 2_000_000)


def ours():
    import motifdata as md

    known = md.MotifSet(md.Motif(key, matrix) for key, matrix in motifs().items())
    codes = letters()[None]
    return lambda: md.scan(codes, known, pvalue=PVALUE), None


def memelite():
    from memelite import fimo

    import seqpro as sp

    onehot = sp.ohe(letters()[None], sp.DNA, ohe_axis=-2).astype(np.int8)
    known = {key: matrix.T for key, matrix in motifs().items()}
    return lambda: fimo(known, onehot, threshold=PVALUE), None


def moods():
    import MOODS.scan
    import MOODS.tools

    known, text = [(m.T * 0.999 + 0.00025) for m in motifs().values()], letters().tobytes().decode()
    background = [0.25] * 4

    def call():
        matrices = []
        for probabilities in known:
            scores = np.log2(probabilities / 0.25).tolist()
            matrices += [scores, MOODS.tools.reverse_complement(scores)]
        thresholds = [MOODS.tools.threshold_from_p(m, background, PVALUE) for m in matrices]
        scanner = MOODS.scan.Scanner(7)
        scanner.set_motifs(matrices, background, thresholds)
        return scanner.scan(text)

    return call, None


def lightmotif():
    import lightmotif

    text = letters().tobytes().decode()
    known = [
        {letter: np.rint(1000 * m[:, i]).astype(int).tolist() for i, letter in enumerate("ACGT")}
        for m in motifs().values()
    ]

    def call():
        sequence = lightmotif.stripe(text)
        found = []
        for counts in known:
            plus = lightmotif.CountMatrix(counts).normalize(1.0).log_odds()
            for scores in (plus, plus.reverse_complement()):
                threshold = scores.score(PVALUE)
                found.append(list(lightmotif.scan(scores, sequence, threshold=threshold)))
        return found

    return call, None
