"""Kernels that draw random numbers: samples, offsets, mutations and noise.

Each row has a generator of its own, seeded by the row's number, so that rows do not depend on threads,
on blocks or on how many rows there are.
"""

import math

import numpy as np

from seqpro.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_OFFSETS = np.uint64(0xD6E8FEB86659FD93)  # any numbers: the draws of one seed differ by function
_MUTATIONS = np.uint64(0xA0761D6478BD642F)
_NOISE = np.uint64(0xE7037ED1A0B428DB)


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
def sample(letters, thresholds, guide, seed, rows, out):
    """Fill rows of `out` with letters; `thresholds` are cumulative weights on the scale of 2**53.

    `guide` holds, for every value of a draw's ten highest bits, the first letter it can be.
    """
    for i in range(rows.size):
        state = _row_state(seed, rows[i])
        for j in range(out.shape[1]):
            state = state + _GOLDEN
            draw = _mix(state) >> np.uint64(11)
            a = guide[draw >> np.uint64(43)]
            while draw >= thresholds[a]:
                a += 1
            out[i, j] = letters[a]


@kernel
def sample_chain(letters, tails, initial, transitions, order, seed, rows, out):
    """Fill rows of `out` by a Markov chain; thresholds as in `sample`, one row of them a k-mer.

    ``tails[code] + column`` is the k-mer that follows a k-mer when that letter is drawn.
    """
    width = letters.size
    length = out.shape[1]
    for i in range(rows.size):
        state = _row_state(seed, rows[i]) + _GOLDEN
        draw = _mix(state) >> np.uint64(11)
        context, high = 0, initial.size - 1
        while context < high:
            middle = (context + high) // 2
            if draw < initial[middle]:
                high = middle
            else:
                context = middle + 1
        rest = context
        for j in range(order - 1, -1, -1):
            if j < length:
                out[i, j] = letters[rest % width]
            rest //= width
        for j in range(order, length):
            state = state + _GOLDEN
            draw = _mix(state) >> np.uint64(11)
            a = 0
            for b in range(width - 1):
                a += draw >= transitions[context, b]
            out[i, j] = letters[a]
            context = tails[context] + a if order else 0


@kernel
def count_transitions(values, starts, sizes, columns, width, order, out):
    """``out[code, c]`` counts how often letter c follows the k-mer `code`, for `sample_chain`.

    Stretches with a letter outside the alphabet, column 255, are skipped.
    """
    span = width ** max(order - 1, 0)
    for i in range(sizes.size):
        context = 0
        good = 0
        for j in range(starts[i], starts[i] + sizes[i]):
            c = columns[values[j]]
            if c == 255:
                context = 0
                good = 0
                continue
            if good >= order:
                out[context, c] += 1
                if order:
                    context = (context - columns[values[j - order]] * span) * width + c
            else:
                context = context * width + c
            good += 1


@kernel
def offsets(seed, rows, bounds, out):
    """Draw a whole number below its bound for each row."""
    for i in range(rows.size):
        _, out[i] = _below(_row_state(seed ^ _OFFSETS, rows[i]), bounds[i])


@kernel
def add_normal(seed, rows, deviation, out):
    """Add normal noise to each row of (n, length) numbers (Box and Muller 1958)."""
    for i in range(rows.size):
        state = _row_state(seed ^ _NOISE, rows[i])
        for j in range(0, out.shape[1], 2):
            state = state + _GOLDEN
            first = _mix(state)
            state = state + _GOLDEN
            second = _mix(state)
            radius = math.sqrt(-2 * math.log(((first >> np.uint64(11)) + 1) / 2.0**53)) * deviation
            angle = 2 * math.pi * ((second >> np.uint64(11)) / 2.0**53)
            out[i, j] += radius * math.cos(angle)
            if j + 1 < out.shape[1]:
                out[i, j + 1] += radius * math.sin(angle)


@kernel
def _replace(code, columns, letters, state):
    """Draw another letter than `code`, a known one; all are equally likely."""
    state, pick = _below(state, letters.shape[1] - 1)
    return state, letters[code, pick + (pick >= columns[code])]


@kernel
def mutate_rate(values, starts, sizes, columns, letters, threshold, seed, rows, out):
    """Write rows with each known letter replaced, with probability ``threshold / 2**53``; give -1.

    A position draws 8 bits and, if they equal the threshold's highest, 45 more. Words of 8 positions
    without a byte below `bound` are told by arithmetic on the whole word and change nothing.
    """
    whole = threshold >> np.uint64(45)
    rest = threshold & np.uint64((1 << 45) - 1)
    bound = whole + np.uint64(rest > 0)
    ones, highs = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    begin = 0
    for i in range(sizes.size):
        size = sizes[i]
        row = values[starts[i] : starts[i] + size]
        target = out[begin : begin + size]
        begin += size
        for j in range(size):
            target[j] = row[j]
        state = _row_state(seed ^ _MUTATIONS, rows[i])
        for low in range(0, size, 8):
            state = state + _GOLDEN
            word = _mix(state)
            if bound <= 128 and not (word - ones * bound) & ~word & highs:
                continue
            for j in range(low, min(low + 8, size)):
                byte = word & np.uint64(255)
                word = word >> np.uint64(8)
                if byte >= bound:
                    continue
                if byte == whole:
                    state = state + _GOLDEN
                    if _mix(state) >> np.uint64(19) >= rest:
                        continue
                if columns[row[j]] != 255:
                    state, target[j] = _replace(row[j], columns, letters, state)
    return -1


@kernel
def mutate_number(values, starts, sizes, columns, letters, number, seed, rows, out):
    """Write rows with `number` known letters replaced; give the first row with fewer, or -1."""
    longest = 0
    for i in range(sizes.size):
        longest = max(longest, sizes[i])
    places = np.empty(longest + 1, np.int64)
    begin = 0
    for i in range(sizes.size):
        size = sizes[i]
        row = values[starts[i] : starts[i] + size]
        target = out[begin : begin + size]
        begin += size
        for j in range(size):
            target[j] = row[j]
        known = 0
        for j in range(size):
            places[known] = j
            known += columns[row[j]] != 255
        if known < number:
            return i
        state = _row_state(seed ^ _MUTATIONS, rows[i])
        for j in range(number):
            state, pick = _below(state, known - j)
            place = places[j + pick]
            places[j + pick] = places[j]
            state, target[place] = _replace(row[place], columns, letters, state)
    return -1
