"""Kernels that decide for each row what is planted, and where.

Every draw is keyed by the seed and the row's number, so that rows do not depend on threads, on blocks or
on other rows. An element is what takes room in a row: a site, a pair of sites with the room kept for it, or
room that stays empty. Elements never overlap.
"""

import math

import numpy as np

from seqpro.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ARMS = np.uint64(0xC2B2AE3D27D4EB4F)  # any numbers: the draws of one seed differ by purpose
_COUNTS = np.uint64(0x165667B19E3779F9)
_DETAILS = np.uint64(0x27D4EB2F165667C5)
_TRIES = 10_000

BOTH, FORWARD, COMPOSITE, SAME = 0, 1, 2, 3
ANYWHERE, CENTRAL, OUTSIDE, NORMAL, FIXED = 0, 1, 2, 3, 4

STEP = np.dtype(
    [
        ("first_count", "i8"),  # the law of how many: entries of the tables of laws
        ("slots", "i8"),  # elements at least, those beyond the number drawn being empty room
        ("first_motif", "i8"),  # the motifs to choose from: entries of the table of choices
        ("end_motif", "i8"),
        ("partner", "i8"),  # second motif of a pair, or -1
        ("first_gap", "i8"),  # the law of the gap
        ("room", "i8"),  # bp that a pair takes
        ("strand", "i8"),
        ("position", "i8"),
        ("a", "f8"),  # what the position's law needs
        ("b", "f8"),
        ("is_scrambled", "i8"),
        ("sampling", "i8"),
        ("min_score", "f8"),
    ],
    align=True,
)
"""One embedder, as kernels read it."""

ELEMENT = np.dtype(
    [
        ("step", "i8"), ("start", "i8"), ("width", "i8"), ("is_empty", "i8"), ("motif", "i8"),
        ("partner", "i8"), ("gap", "i8"), ("is_reverse", "i8"), ("partner_is_reverse", "i8"),
    ],
    align=True,
)  # fmt: skip
"""Place for one element while a row is arranged."""

SITE = np.dtype(
    [
        ("row", "i8"), ("step", "i8"), ("motif", "i8"), ("start", "i8"), ("is_reverse", "i8"),
        ("pair", "i8"), ("is_scrambled", "i8"),
    ],
    align=True,
)  # fmt: skip
"""One site: its row within the block, its embedder, and the number of its pair within the row, or -1."""


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
def _draw(state, laws, values, first):
    """Draw a value of the law that begins at `first`; `laws` are cumulative, on the scale of 2**53."""
    state = state + _GOLDEN
    draw = _mix(state) >> np.uint64(11)
    while draw >= laws[first]:
        first += 1
    return state, values[first]


@kernel
def draw_arms(seed, rows, quota, out):
    """Give each row its arm: every ``quota.size`` rows in a row share out `quota` in random order."""
    order = np.empty(quota.size, np.int64)
    known = np.int64(-1)
    for i in range(rows.size):
        group = rows[i] // quota.size
        if group != known:
            order[:] = quota
            state = _row_state(seed ^ _ARMS, group)
            for j in range(quota.size - 1, 0, -1):
                state, pick = _below(state, j + 1)
                order[j], order[pick] = order[pick], order[j]
            known = group
        out[i] = order[rows[i] % quota.size]


@kernel
def count_sites(seed, rows, arms, bounds, steps, laws, values, out, scrambled):
    """Count each row's sites, and those of them that are scrambled afterwards."""
    for i in range(rows.size):
        state = _row_state(seed ^ _COUNTS, rows[i])
        out[i] = 0
        scrambled[i] = 0
        for e in range(bounds[arms[i]], bounds[arms[i] + 1]):
            step = steps[e]
            state, count = _draw(state, laws, values, step.first_count)
            if step.partner >= 0:
                count *= 2
            out[i] += count
            if step.is_scrambled:
                scrambled[i] += count


@kernel
def _describe(state, step, laws, values, choices, widths, element):
    """Draw motifs, gap and strands of an element."""
    state, pick = _below(state, step.end_motif - step.first_motif)
    element.motif = choices[step.first_motif + pick]
    element.partner = step.partner
    element.gap = 0
    element.width = widths[element.motif]
    element.is_reverse = 0
    element.partner_is_reverse = 0
    if step.strand != FORWARD:
        state, element.is_reverse = _below(state, 2)
        element.partner_is_reverse = element.is_reverse
    if step.partner >= 0:
        element.width = step.room
        state, element.gap = _draw(state, laws, values, step.first_gap)
        if step.strand == BOTH:
            state, element.partner_is_reverse = _below(state, 2)
    return state


@kernel
def _scatter(state, elements, n, size, order, chosen):
    """Arrange elements without overlap, all arrangements being equally likely.

    The free positions around n elements in a random order are n different numbers below free + n, sorted;
    they are drawn by Floyd's method.
    """
    free = size
    for j in range(n):
        order[j] = j
        free -= elements[j].width
    for j in range(n - 1, 0, -1):
        state, pick = _below(state, j + 1)
        order[j], order[pick] = order[pick], order[j]
    for j in range(n):
        state, number = _below(state, free + j + 1)
        for i in range(j):
            if chosen[i] == number:
                number = free + j
                break
        i = j
        while i > 0 and chosen[i - 1] > number:
            chosen[i] = chosen[i - 1]
            i -= 1
        chosen[i] = number
    taken = 0
    for j in range(n):
        elements[order[j]].start = chosen[j] - j + taken
        taken += elements[order[j]].width
    return state


@kernel
def _draw_start(state, step, width, size):
    """Draw a start by the position's law; -1 where it does not fit."""
    a = np.int64(step.a)
    low = (size - a) // 2  # where the central stretch of `a` bp begins
    start = np.int64(-1)
    if step.position == ANYWHERE:
        if width <= size:
            state, start = _below(state, size - width + 1)
    elif step.position == CENTRAL:
        if width <= a and a <= size:
            state, start = _below(state, a - width + 1)
            start += low
    elif step.position == OUTSIDE:
        left = max(np.int64(0), low - width + 1)
        right = max(np.int64(0), size - width - low - a + 1)
        if left + right > 0:
            state, start = _below(state, left + right)
            if start >= left:
                start += low + a - left
    elif step.position == NORMAL:
        state = state + _GOLDEN
        first = _mix(state)
        state = state + _GOLDEN
        second = _mix(state)
        radius = math.sqrt(-2 * math.log(((first >> np.uint64(11)) + 1) / 2.0**53))
        normal = radius * math.cos(2 * math.pi * ((second >> np.uint64(11)) / 2.0**53))
        start = np.int64(math.floor((size - width) / 2 + step.b + step.a * normal + 0.5))
    else:
        start = a
    if start < 0 or start + width > size:
        start = np.int64(-1)
    return state, start


@kernel
def _reject(state, elements, n, size, steps):
    """Draw all starts by their laws until nothing overlaps; tell whether that came about."""
    for _ in range(_TRIES):
        fits = True
        for j in range(n):
            width = elements[j].width
            state, start = _draw_start(state, steps[elements[j].step], width, size)
            elements[j].start = start
            fits = start >= 0
            for i in range(j):
                other = elements[i].start
                if start < other + elements[i].width and other < start + width:
                    fits = False
            if not fits:
                break
        if fits:
            return state, True
    return state, False


@kernel
def _put(site, row, step, motif, start, is_reverse, pair, is_scrambled):
    site.row = row
    site.step = step
    site.motif = motif
    site.start = start
    site.is_reverse = is_reverse
    site.pair = pair
    site.is_scrambled = is_scrambled


@kernel
def _emit(row, element, step, widths, pair, sites, place):
    """Write an element's sites, the upstream one of a pair first."""
    scrambled = step.is_scrambled
    if element.partner < 0:
        _put(sites[place], row, element.step, element.motif, element.start, element.is_reverse, -1,
             scrambled)  # fmt: skip
        return place + 1
    first, second = element.motif, element.partner
    first_reverse, second_reverse = element.is_reverse, element.partner_is_reverse
    if step.strand == COMPOSITE and element.is_reverse:
        first, second = second, first
    start = element.start
    _put(sites[place], row, element.step, first, start, first_reverse, pair, scrambled)
    start += widths[first] + element.gap
    _put(sites[place + 1], row, element.step, second, start, second_reverse, pair, scrambled)
    return place + 2


@kernel
def place_sites(
    seed, rows, sizes, arms, bounds, steps, laws, values, choices, widths, elements, offsets, sites
):
    """Arrange the elements of each row and write its sites, by start, from ``offsets[i]`` on.

    `elements` is room to work in. Gives the first row whose elements found no arrangement, or -1.
    """
    order, chosen = np.empty((2, elements.size), np.int64)
    for i in range(rows.size):
        state = _row_state(seed ^ _DETAILS, rows[i])
        counts = _row_state(seed ^ _COUNTS, rows[i])
        n = 0
        anywhere = True
        for e in range(bounds[arms[i]], bounds[arms[i] + 1]):
            step = steps[e]
            anywhere &= step.position == ANYWHERE
            counts, count = _draw(counts, laws, values, step.first_count)
            for j in range(max(count, step.slots)):
                elements[n].step = e
                elements[n].is_empty = j >= count
                state = _describe(state, step, laws, values, choices, widths, elements[n])
                n += 1
        if anywhere:
            state = _scatter(state, elements, n, sizes[i], order, chosen)
        else:
            state, fits = _reject(state, elements, n, sizes[i], steps)
            if not fits:
                return i
        for j in range(n):
            k = j
            while k > 0 and elements[order[k - 1]].start > elements[j].start:
                order[k] = order[k - 1]
                k -= 1
            order[k] = j
        place = offsets[i]
        pair = 0
        for j in range(n):
            element = elements[order[j]]
            if not element.is_empty:
                place = _emit(i, element, steps[element.step], widths, pair, sites, place)
                pair += element.partner >= 0
    return -1
