"""Reverse complement of rows of codes; `out` may be the input itself."""

from seqpro.kernel import kernel


@kernel
def reverse_complement(codes, table, mask, out):
    """Write each masked row complemented through `table` and reversed, other rows as they are."""
    n, length = codes.shape
    half = (length + 1) // 2
    for i in range(n):
        if mask[i]:
            for j in range(half):
                left = codes[i, j]
                right = codes[i, length - 1 - j]
                out[i, j] = table[right]
                out[i, length - 1 - j] = table[left]
        else:
            for j in range(length):
                out[i, j] = codes[i, j]
