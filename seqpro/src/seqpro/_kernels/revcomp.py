"""Reverse complement of rows of codes."""

import numpy as np

from seqpro.kernel import kernel

_CHUNK = 1024  # positions that are looked at together


@kernel
def _all_plain(part, plain):
    """Whether a stretch holds nothing but the four plain letters in either case."""
    p0, p1, p2, p3 = plain[0], plain[1], plain[2], plain[3]
    found = True
    for j in range(np.uint64(part.size)):
        letter = part[j] & np.uint8(0xDF)
        found &= (letter == p0) | (letter == p1) | (letter == p2) | (letter == p3)
    return found


@kernel
def _flip_words(values, start, stop, flips, out, begin):
    """Complement by flipping bits and reverse, eight letters at a time; the last eight overlap others.

    The compiler makes one word of the eight bytes that are read, and of those that are written.
    """
    ones, one, eight = np.uint64(0x0101010101010101), np.uint64(1), np.uint64(8)
    bit, either, clear = np.uint64(flips[0]), np.uint64(flips[1]) * ones, np.uint64(flips[2]) * ones
    low, last = np.uint64(0), np.uint64(stop - start) - eight
    while True:
        a, b = np.uint64(start) + low, np.uint64(begin) + last - low
        word = np.uint64(values[a]) | np.uint64(values[a + one]) << eight
        word |= np.uint64(values[a + np.uint64(2)]) << np.uint64(16)
        word |= np.uint64(values[a + np.uint64(3)]) << np.uint64(24)
        word |= np.uint64(values[a + np.uint64(4)]) << np.uint64(32)
        word |= np.uint64(values[a + np.uint64(5)]) << np.uint64(40)
        word |= np.uint64(values[a + np.uint64(6)]) << np.uint64(48)
        word |= np.uint64(values[a + np.uint64(7)]) << np.uint64(56)
        with_bit = (word >> bit) & ones
        word ^= clear ^ (((with_bit << eight) - with_bit) & either)
        out[b] = word >> np.uint64(56)
        out[b + one] = word >> np.uint64(48)
        out[b + np.uint64(2)] = word >> np.uint64(40)
        out[b + np.uint64(3)] = word >> np.uint64(32)
        out[b + np.uint64(4)] = word >> np.uint64(24)
        out[b + np.uint64(5)] = word >> np.uint64(16)
        out[b + np.uint64(6)] = word >> eight
        out[b + np.uint64(7)] = word
        if low == last:
            return
        low = min(low + eight, last)


@kernel
def _look_up(part, table, foreign, out):
    """Write each letter's entry of `table`, backwards; give whether a letter is marked in `foreign`."""
    found = False
    for j in range(part.size):
        letter = part[part.size - 1 - j]
        out[j] = table[letter]
        found |= foreign[letter]
    return found


@kernel
def reverse_complement(values, starts, sizes, plain, flips, table, foreign, mask, out):
    """Write each masked row reversed and complemented, other rows as they are, one after the other.

    Stretches of nothing but the four `plain` letters in either case are complemented by flipping bits:
    `flips` gives the number of a bit, what to flip more in letters that have it, and what to flip in
    all. Other stretches, and all if `plain` is zeros, go through `table`. Gives the number of a row with
    a letter marked in `foreign`, or -1.
    """
    found = -1
    begin = 0
    seen_from, seen_to, seen_plain = 0, 0, False  # a stretch looked at, maybe of many rows
    for i in range(sizes.size):
        start, end = starts[i], starts[i] + sizes[i]
        begin += sizes[i]  # where the next row goes; this one is written from its end to its start
        if not mask[i]:
            out[begin - sizes[i] : begin] = values[start:end]
            continue
        target = begin
        while start < end:
            stop = min(start + _CHUNK, end)
            target -= stop - start
            flip = False
            if plain[0] and stop - start >= 8:
                if start >= seen_to:
                    seen_from, seen_to = start, min(start + _CHUNK, values.size)
                    seen_plain = _all_plain(values[start:seen_to], plain)
                inside = seen_plain and seen_from <= start and stop <= seen_to
                flip = inside or _all_plain(values[start:stop], plain)
            if flip:
                _flip_words(values, start, stop, flips, out, target)
            elif _look_up(values[start:stop], table, foreign, out[target:]):
                found = i
            start = stop
    return found


@kernel
def reverse(rows, mask, out):
    """Write each masked row backwards, other rows as they are."""
    one = np.uint64(1)
    length = np.uint64(rows.shape[1])
    for i in range(rows.shape[0]):
        row, target = rows[i], out[i]
        if mask[i]:
            for j in range(length):
                target[length - one - j] = row[j]
        else:
            for j in range(length):
                target[j] = row[j]


@kernel
def replace(values, starts, sizes, table, out):
    """Write each letter's entry of `table`, row after row."""
    begin = 0
    for i in range(sizes.size):
        for j in range(sizes[i]):
            out[begin + j] = table[values[starts[i] + j]]
        begin += sizes[i]
