"""S5 bins of a coverage track, float32."""

import numpy as np

CASES = {
    "10 x 1 Mb, bins of 128": (10, 1_000_064, 128),
    "20,000 x 1 kb, bins of 128": (20_000, 1_024, 128),
    "20,000 x 1 kb, bins of 4": (20_000, 1_024, 4),
    "1,000,000 x 40, bins of 8": (1_000_000, 40, 8),
}
SIDES = {"ours": "ours", "public_seqpro": "peers"}


def track(n, length):
    return np.random.default_rng(0).integers(0, 50, (n, length)).astype(np.float32)


def ours(n, length, width):
    import seqpro as sp

    coverage = track(n, length)
    return lambda: sp.bin_coverage(coverage, width), bytes


def public_seqpro(n, length, width):
    import seqpro as sp

    coverage = track(n, length)
    return lambda: sp.bin_coverage(coverage, width, 1), bytes
