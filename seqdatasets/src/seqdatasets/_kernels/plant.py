"""Kernels that write the letters of sites into rows, and mark where they are.

The letters of a site are keyed by the seed, the row's number and the site's number within the row.
"""

import numpy as np

from seqpro.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_LETTERS = np.uint64(0x85EBCA77C2B2AE63)  # any numbers: the draws of one seed differ by purpose
_VARIANTS = np.uint64(0xE6546B64CC9E2D51)
_TRIES = 10_000

DRAWN, BEST = 0, 1


@kernel
def _mix(z):
    """Finish a splitmix64 step (Steele, Lea and Flood 2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def _row_state(seed, row):
    return _mix(seed ^ _mix(np.uint64(row) + _GOLDEN))


@kernel
def _below(state, bound):
    """Draw a whole number below `bound` (at most 2**32), exactly uniform (Lemire 2019)."""
    bound = np.uint64(bound)
    while True:
        state = state + _GOLDEN
        product = (_mix(state) >> np.uint64(32)) * bound
        low = product & np.uint64(0xFFFFFFFF)
        if low >= bound or low >= (np.uint64(1 << 32) - bound) % bound:
            return state, np.int64(product >> np.uint64(32))


@kernel
def _draw_site(state, thresholds, scores, width, min_score, columns):
    """Draw letters, each position on its own, until their score is at least `min_score`."""
    for _ in range(_TRIES):
        score = 0.0
        for j in range(width):
            state = state + _GOLDEN
            draw = _mix(state) >> np.uint64(11)
            a = 0
            while draw >= thresholds[j, a]:
                a += 1
            columns[j] = a
            score += scores[j, a]
        if score >= min_score:
            return True
    return False


@kernel
def plant_sites(
    seed, rows, offsets, sites, scrambled, steps, widths, thresholds, scores, letters, codes
):
    """Write the sites that are `scrambled`, or those that are not, into `codes`.

    `thresholds` are cumulative probabilities on the scale of 2**53 and `scores` bits, both of shape (motifs,
    longest, 4); `letters` are the codes of A, C, G and T. Gives the number of the first site whose letters
    never scored high enough, or -1.
    """
    columns = np.empty(thresholds.shape[1], np.int64)
    for i in range(rows.size):
        state = _row_state(seed ^ _LETTERS, rows[i])
        for s in range(offsets[i], offsets[i + 1]):
            state = _mix(state + _GOLDEN)  # each site has a generator of its own
            site = sites[s]
            if site.is_scrambled != scrambled:
                continue
            step = steps[site.step]
            m = site.motif
            width = widths[m]
            if step.sampling == BEST:
                for j in range(width):
                    columns[j] = scores[m, j].argmax()
            elif not _draw_site(state, thresholds[m], scores[m], width, step.min_score, columns):
                return s
            for j in range(width):
                if site.is_reverse:
                    codes[i, site.start + width - 1 - j] = letters[3 - columns[j]]
                else:
                    codes[i, site.start + j] = letters[columns[j]]
    return -1


@kernel
def mark_sites(offsets, sites, chosen, widths, out):
    """Mark the positions of the motifs that are `chosen`; scrambled sites are not there any more."""
    for i in range(out.shape[0]):
        for s in range(offsets[i], offsets[i + 1]):
            site = sites[s]
            if chosen[site.motif] and not site.is_scrambled:
                out[i, site.start : site.start + widths[site.motif]] = True


@kernel
def draw_variants(
    seed, rows, sizes, inside, planted, share, columns, letters, codes, position, alt
):
    """Draw a position and another letter for each row.

    With probability ``share / 2**53`` the position is one that `inside` marks, if there is one; else one that
    `planted` does not; where everything is planted, any.
    """
    for i in range(rows.size):
        state = _row_state(seed ^ _VARIANTS, rows[i]) + _GOLDEN
        within = 0
        free = 0
        for j in range(sizes[i]):
            within += inside[i, j]
            free += not planted[i, j]
        is_inside = within > 0 and _mix(state) >> np.uint64(11) < share
        count = within if is_inside else free if free else sizes[i]
        state, pick = _below(state, count)
        for j in range(sizes[i]):
            fits = inside[i, j] if is_inside else free == 0 or not planted[i, j]
            pick -= fits
            if pick < 0:
                position[i] = j
                break
        state, other = _below(state, 3)
        own = columns[codes[i, position[i]]]
        alt[i] = letters[other + (other >= own)]
