"""Counting kernels: letters and k-mers of rows."""

import numpy as np

from seqpro.kernel import kernel


@kernel
def count_classes(values, starts, sizes, table, out):
    """``out[i, c]`` counts the letters of row i that `table` puts in class c; class 255 is skipped."""
    for i in range(sizes.size):
        for j in range(starts[i], starts[i] + sizes[i]):
            c = table[values[j]]
            if c != 255:
                out[i, c] += 1


@kernel
def count_kmers(values, starts, sizes, table, width, k, rank, out):
    """``out[i, rank[code]]`` counts the k-mers of row i; k-mers with a letter outside are skipped."""
    span = width ** (k - 1)
    for i in range(sizes.size):
        code = 0
        good = 0
        for j in range(starts[i], starts[i] + sizes[i]):
            c = table[values[j]]
            if c == 255:
                good = 0
                code = 0
                continue
            code = (code % span) * width + c
            good += 1
            if good >= k:
                out[i, rank[code]] += 1


@kernel
def kmer_places(values, starts, sizes, table, k, both, codes, rows, places):
    """Write the 2-bit code of each k-mer, its row and its place in `values`; give their number.

    With `both`, the code is the smaller one of the two strands.
    """
    mask = np.uint64(0xFFFFFFFFFFFFFFFF) if k == 32 else np.uint64((1 << (2 * k)) - 1)
    top = np.uint64(2 * (k - 1))
    count = 0
    for i in range(sizes.size):
        forward = np.uint64(0)
        reverse = np.uint64(0)
        good = 0
        for j in range(starts[i], starts[i] + sizes[i]):
            c = table[values[j]]
            if c == 255:
                good = 0
                continue
            forward = ((forward << np.uint64(2)) | np.uint64(c)) & mask
            reverse = (reverse >> np.uint64(2)) | (np.uint64(3 - c) << top)
            good += 1
            if good >= k:
                codes[count] = min(forward, reverse) if both else forward
                rows[count] = i
                places[count] = j - k + 1
                count += 1
    return count


@kernel
def join_equal(codes, rows, order, parent):
    """Join the rows that hold equal codes next to each other in `order` (union-find, path halving)."""
    for i in range(1, order.size):
        if codes[order[i]] == codes[order[i - 1]]:
            a = rows[order[i]]
            b = rows[order[i - 1]]
            while parent[a] != a:
                parent[a] = parent[parent[a]]
                a = parent[a]
            while parent[b] != b:
                parent[b] = parent[parent[b]]
                b = parent[b]
            if a < b:
                parent[b] = a
            else:
                parent[a] = b
    for i in range(parent.size):
        a = i
        while parent[a] != a:
            a = parent[a]
        parent[i] = a
