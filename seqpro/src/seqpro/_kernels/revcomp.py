"""Reverse complement of rows of codes."""

import numpy as np

from seqpro.kernel import kernel

_CHUNK = 1024  # positions that are looked at together


@kernel
def _other_letters(part, plain):
    """Whether a stretch holds anything but the four plain letters in either case."""
    p0, p1, p2, p3 = plain[0], plain[1], plain[2], plain[3]
    other = np.uint8(0)
    for j in range(part.size):
        letter = part[j] & np.uint8(0xDF)
        other |= (
            np.uint8(letter != p0)
            & np.uint8(letter != p1)
            & np.uint8(letter != p2)
            & np.uint8(letter != p3)
        )
    return other != 0


@kernel
def _flip_bits(part, flips, mirror):
    """Complement by flipping bits and reverse; unsigned places let the compiler use vectors."""
    bit, flip_set, flip_clear = flips[0], flips[1], flips[2]
    one = np.uint64(1)
    size = np.uint64(part.size)
    for j in range(size):
        letter = part[j]
        mirror[size - one - j] = letter ^ (flip_set if letter & bit else flip_clear)


@kernel
def reverse_complement(values, starts, sizes, plain, flips, table, foreign, mask, out):
    """Write each masked row reversed and complemented, other rows as they are, one after the other.

    Where a stretch holds nothing but the four `plain` letters in either case, a letter is complemented
    by flipping bits: ``flips[1]`` if it has the bit ``flips[0]``, else ``flips[2]``. Any other stretch
    goes through `table`. Gives the number of a row with a letter marked in `foreign`, or -1.
    """
    found = -1
    begin = 0
    for i in range(sizes.size):
        size = sizes[i]
        row = values[starts[i] : starts[i] + size]
        target = out[begin : begin + size]
        begin += size
        if not mask[i]:
            target[:] = row
            continue
        for low in range(0, size, _CHUNK):
            part = row[low : min(low + _CHUNK, size)]
            mirror = target[size - low - part.size : size - low]
            if flips[0] and not _other_letters(part, plain):
                _flip_bits(part, flips, mirror)
                continue
            for j in range(part.size):
                letter = part[j]
                mirror[part.size - 1 - j] = table[letter]
                if foreign[letter]:
                    found = i
    return found


@kernel
def reverse_complement_flat(values, plain, flips, out):
    """Write all letters reversed and complemented if they are plain ones; give whether they are."""
    if _other_letters(values, plain):
        return False
    _flip_bits(values, flips, out)
    return True


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
