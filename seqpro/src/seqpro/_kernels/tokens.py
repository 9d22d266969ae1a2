"""Token kernels: numbers of letters and of k-mers, and back."""

import numpy as np

from seqpro.kernel import kernel


@kernel
def number_four(codes, letters, folds, numbers, unknown, out):
    """Give each code the number of the one of four letters that its bits in `folds` equal."""
    a, c, g, t = letters[0], letters[1], letters[2], letters[3]
    fold_a, fold_c, fold_g, fold_t = folds[0], folds[1], folds[2], folds[3]
    number_a, number_c, number_g, number_t = numbers[0], numbers[1], numbers[2], numbers[3]
    for i in range(np.uint64(codes.size)):
        code = codes[i]
        number = unknown
        number = number_a if (code & fold_a) == a else number
        number = number_c if (code & fold_c) == c else number
        number = number_g if (code & fold_g) == g else number
        number = number_t if (code & fold_t) == t else number
        out[i] = number


@kernel
def take(tokens, lowest, table, other, out):
    """``out[i] = table[tokens[i] - lowest]``, `other` for a token outside the table."""
    highest = lowest + table.size - 1
    for i in range(tokens.size):
        token = tokens[i]
        out[i] = table[token - lowest] if lowest <= token <= highest else other


@kernel
def kmer_tokens(codes, table, width, k, stride, unknown, out):
    """Number every `stride`-th k-mer of each row in base `width`, the first letter counting most."""
    n, length = codes.shape
    span = width ** (k - 1)
    for i in range(n):
        value = 0
        good = 0  # letters known in a row
        for j in range(length):
            column = table[codes[i, j]]
            if column == 255:
                good = 0
                value = 0
            else:
                if good >= k:
                    value -= table[codes[i, j - k]] * span
                value = value * width + column
                good += 1
            start = j - k + 1
            if start >= 0 and start % stride == 0:
                out[i, start // stride] = value if good >= k else unknown


@kernel
def decode_kmer_tokens(tokens, letters, k, stride, out):
    """Write the letters of each known k-mer over its place."""
    n, count = tokens.shape
    width = letters.size
    words = width**k
    for i in range(n):
        for t in range(count):
            value = tokens[i, t]
            if 0 <= value < words:
                for j in range(k - 1, -1, -1):
                    out[i, t * stride + j] = letters[value % width]
                    value //= width
