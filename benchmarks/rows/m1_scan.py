"""M1 scan 200 motifs of 12 letters over 2 Mb, both strands, p < 1e-4."""

import numpy as np

SIDES = {"ours": "ours", "memelite": "ours"}


def _inputs():
    import motifdata as md

    rng = np.random.default_rng(0)
    motifs = [md.Motif(f"m{i}", rng.dirichlet(np.full(4, 0.3), 12)) for i in range(200)]
    codes = rng.choice(np.frombuffer(b"ACGT", np.uint8), 2_000_000)
    return motifs, codes


def ours():
    import motifdata as md

    motifs, codes = _inputs()
    known = md.MotifSet(motifs)
    return lambda: md.scan(codes[None], known, pvalue=1e-4), None


def memelite():
    from memelite import fimo

    import seqpro as sp

    motifs, codes = _inputs()
    onehot = sp.ohe(codes[None], sp.DNA, ohe_axis=-2).astype(np.int8)
    pwms = {motif.id: motif.probabilities.T for motif in motifs}
    return lambda: fimo(pwms, onehot, threshold=1e-4), None
