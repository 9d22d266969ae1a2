"""Kernel that finds rows with a site that nobody planted."""

import numpy as np

from seqpro.kernel import kernel

WORD = 6  # letters of the words that are looked up; sites as rare as 1e-4 are longer
_MASK = (1 << (2 * WORD)) - 1
_GROUP = 64  # matrices that one number tells apart


@kernel
def _is_hit(columns, start, size, planted_before, matrix, width, limit):
    """Whether the window is inside, touches nothing planted and scores at least `limit`."""
    if start < 0 or start + width > size:
        return False
    if planted_before[start + width] != planted_before[start]:
        return False
    score = 0
    for j in range(width):
        score += matrix[j, columns[start + j]]
    return score >= limit


@kernel
def _has_hit(columns, size, planted_before, group, words, matrices, widths, limits, cores):
    """Whether a row has a hit of one of 64 matrices, the first being number ``64 * group``."""
    code = 0
    known = 0
    for j in range(size):
        if columns[j] == 4:
            known = 0
            continue
        code = ((code << 2) | columns[j]) & _MASK
        known += 1
        if known < WORD:
            continue
        possible = words[code]
        m = group * _GROUP
        while possible:
            if possible & np.uint64(1):
                start = j - WORD + 1 - cores[m]
                if _is_hit(columns, start, size, planted_before, matrices[m], widths[m], limits[m]):
                    return True
            possible >>= np.uint64(1)
            m += 1
    return False


@kernel
def find_hits(codes, sizes, planted, table, words, matrices, widths, limits, cores, out):
    """Tell which rows have a site of any matrix outside what is planted.

    `matrices` are whole scores of shape (matrices, longest, 5), the last column for unknown letters, and
    `table` turns codes into columns. Bit m of ``words[g, w]`` says whether a site of matrix ``64 * g + m``
    can have the word w at its core, which begins at ``cores[64 * g + m]``.
    """
    columns = np.empty(codes.shape[1], np.int64)
    planted_before = np.zeros(codes.shape[1] + 1, np.int64)
    for i in range(codes.shape[0]):
        for j in range(sizes[i]):
            columns[j] = min(table[codes[i, j]], 4)
            planted_before[j + 1] = planted_before[j] + planted[i, j]
        out[i] = False
        for g in range(words.shape[0]):
            if _has_hit(
                columns, sizes[i], planted_before, g, words[g], matrices, widths, limits, cores
            ):
                out[i] = True
                break
