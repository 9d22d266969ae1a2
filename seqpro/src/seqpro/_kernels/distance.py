"""Distances between pairs of rows."""

import numpy as np

from seqpro.kernel import kernel


@kernel
def _classes(values, start, size, table, out):
    for j in range(size):
        out[j] = table[values[start + j]]


@kernel
def _mismatches(first, second, size):
    count = 0
    for j in range(size):
        count += first[j] != second[j]
    return count


@kernel
def hamming_pairs(
    values, starts, sizes, table, other_values, other_starts, other_sizes, other_table, out
):
    """Count mismatches of row i with the other row i, which is as long."""
    most = max(np.max(sizes), np.max(other_sizes)) if sizes.size else 0
    first = np.empty(most, np.uint8)
    second = np.empty(most, np.uint8)
    for i in range(sizes.size):
        _classes(values, starts[i], sizes[i], table, first)
        _classes(other_values, other_starts[i], other_sizes[i], other_table, second)
        out[i] = _mismatches(first, second, sizes[i])


@kernel
def hamming_all(
    values, starts, sizes, table, other_values, other_starts, other_sizes, other_table, out
):
    """``out[i, j]`` counts mismatches of row i with the other row j; all are of one length."""
    length = sizes[0] if sizes.size else 0
    first = np.empty(length, np.uint8)
    second = np.empty((other_sizes.size, length), np.uint8)
    for j in range(other_sizes.size):
        _classes(other_values, other_starts[j], length, other_table, second[j])
    for i in range(sizes.size):
        _classes(values, starts[i], length, table, first)
        for j in range(other_sizes.size):
            out[i, j] = _mismatches(first, second[j], length)


@kernel
def _letters(values, start, size):
    """Number of letters before the zero bytes at the end, which are padding."""
    while size > 0 and values[start + size - 1] == 0:
        size -= 1
    return size


@kernel
def _mark(values, start, size, table, masks):
    """Set a bit in ``masks[letter]`` for each place of a letter."""
    masks[:, : (size + 63) >> 6] = np.uint64(0)
    for j in range(size):
        masks[table[values[start + j]], j >> 6] |= np.uint64(1) << np.uint64(j & 63)


@kernel
def _edits(masks, size, values, start, count, table, up, down):
    """Edit distance of the marked row of `size` letters to another (Myers 1999, Hyyrö 2003).

    Bits of `up` and `down` say where a column of the table of distances rises and falls; a word of 64
    letters hands the change along its last row on to the next.
    """
    words = (size + 63) >> 6
    if words == 0:
        return count
    one = np.uint64(1)
    last = one << np.uint64((size - 1) & 63)
    for w in range(words):
        up[w] = np.uint64(0xFFFFFFFFFFFFFFFF)
        down[w] = np.uint64(0)
    distance = size
    for j in range(count):
        letter = table[values[start + j]]
        rises, falls = one, np.uint64(0)  # the row of the empty word rises by one at each letter
        for w in range(words):
            equal = masks[letter, w]
            vertical = equal | down[w]
            equal |= falls
            horizontal = (((equal & up[w]) + up[w]) ^ up[w]) | equal
            rise = down[w] | ~(horizontal | up[w])
            fall = up[w] & horizontal
            if w == words - 1:
                distance += (rise & last) != 0
                distance -= (fall & last) != 0
            next_rises, next_falls = rise >> np.uint64(63), fall >> np.uint64(63)
            rise = (rise << one) | rises
            fall = (fall << one) | falls
            up[w] = fall | ~(vertical | rise)
            down[w] = rise & vertical
            rises, falls = next_rises, next_falls
    return distance


@kernel
def edit_pairs(
    values, starts, sizes, table, other_values, other_starts, other_sizes, other_table, out
):
    """Edit distance of row i to the other row i."""
    most = max(np.max(sizes), 1) if sizes.size else 1
    words = (most + 63) >> 6
    masks = np.empty((256, words), np.uint64)
    up = np.empty(words, np.uint64)
    down = np.empty(words, np.uint64)
    for i in range(sizes.size):
        size = _letters(values, starts[i], sizes[i])
        count = _letters(other_values, other_starts[i], other_sizes[i])
        _mark(values, starts[i], size, table, masks)
        out[i] = _edits(masks, size, other_values, other_starts[i], count, other_table, up, down)


@kernel
def edit_all(
    values, starts, sizes, table, other_values, other_starts, other_sizes, other_table, out
):
    """``out[i, j]`` is the edit distance of row i to the other row j."""
    most = max(np.max(sizes), 1) if sizes.size else 1
    words = (most + 63) >> 6
    masks = np.empty((256, words), np.uint64)
    up = np.empty(words, np.uint64)
    down = np.empty(words, np.uint64)
    for i in range(sizes.size):
        size = _letters(values, starts[i], sizes[i])
        _mark(values, starts[i], size, table, masks)
        for j in range(other_sizes.size):
            count = _letters(other_values, other_starts[j], other_sizes[j])
            out[i, j] = _edits(
                masks, size, other_values, other_starts[j], count, other_table, up, down
            )
