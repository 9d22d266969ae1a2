"""M2 compare 400 motifs with 800, exact p-values."""

import numpy as np

SIDES = {"ours": "ours", "memelite": "ours"}


def _inputs():
    import motifdata as md

    rng = np.random.default_rng(0)
    widths = rng.integers(6, 20, 1200)
    motifs = [
        md.Motif(f"m{i}", rng.dirichlet(np.full(4, 0.3), width)) for i, width in enumerate(widths)
    ]
    for i in range(400):  # each query is a target with noise, so that there is a best match
        blurred = motifs[400 + i].probabilities + 0.1
        motifs[i] = md.Motif(f"m{i}", blurred / blurred.sum(axis=1, keepdims=True))
    return motifs[:400], motifs[400:]


def ours():
    import motifdata as md

    queries, targets = _inputs()

    def best(table) -> bytes:
        return np.array([int(name[1:]) - 400 for name in table["target"]]).tobytes()

    return lambda: md.compare(queries, targets, top=1), best


def memelite():
    from memelite import tomtom

    queries, targets = _inputs()
    pwms = [[motif.probabilities.T for motif in motifs] for motifs in (queries, targets)]
    return lambda: tomtom(*pwms), lambda found: found[0].argmin(axis=1).astype(int).tobytes()
