"""One-hot kernels: a table look-up with letters last, compare loops with letters first."""

import numpy as np

from seqpro.kernel import kernel

_CHUNK = 4096  # positions whose scratch stays in the first cache


@kernel
def gather(codes, table, out):
    """``out[i] = table[codes[i]]``; a word of the table holds the columns of one letter."""
    for i in range(codes.size):
        out[i] = table[codes[i]]


@kernel
def encode_first(codes, letters, mask, out):
    """One-hot (n, length) codes into (n, letters, length); `mask` folds the case where it may."""
    n, length = codes.shape
    for i in range(n):
        for a in range(letters.size):
            letter = letters[a]
            fold = mask[a]
            for j in range(length):
                out[i, a, j] = (codes[i, j] & fold) == letter


@kernel
def encode_first_words(words, letters, mask, out):
    """The same for eight letters to a word: a byte becomes 1 where it differs from the letter in no bit."""
    ones = np.uint64(0x0101010101010101)
    low = np.uint64(0x7F7F7F7F7F7F7F7F)  # all bits of each byte but the highest
    n, length = words.shape
    for i in range(n):
        for a in range(letters.size):
            letter = np.uint64(letters[a]) * ones
            fold = np.uint64(mask[a]) * ones
            for j in range(length):
                other = (words[i, j] & fold) ^ letter
                out[i, a, j] = ~(((other & low) + low) | other | low) >> np.uint64(7)


@kernel
def decode_words(words, letters, unknown, out):
    """Letters of columns of four bytes, each read as one word; `unknown` for a column that is not one-hot."""
    a, c, g, t = letters[0], letters[1], letters[2], letters[3]
    for i in range(words.size):
        word = words[i]
        letter = unknown
        letter = a if word == np.uint32(1) else letter
        letter = c if word == np.uint32(1 << 8) else letter
        letter = g if word == np.uint32(1 << 16) else letter
        letter = t if word == np.uint32(1 << 24) else letter
        out[i] = letter


@kernel
def decode_last(onehot, letters, unknown, out):
    """Letters of (n, letters) columns; `unknown` for a column that is not one-hot."""
    n, width = onehot.shape
    for i in range(n):
        letter = unknown
        hot = 0
        for a in range(width):
            value = onehot[i, a]
            hot += 1 if value == 1 else (0 if value == 0 else 2)
            letter = letters[a] if value == 1 else letter
        out[i] = letter if hot == 1 else unknown


@kernel
def decode_four_first(onehot, letters, unknown, out):
    """Letters of (n, 4, length) columns, reading the four of a column at once."""
    n, _, length = onehot.shape
    a, c, g, t = letters[0], letters[1], letters[2], letters[3]
    none = np.uint8(0)
    for i in range(np.uint64(n)):
        for j in range(np.uint64(length)):
            p, q, r, s = onehot[i, 0, j], onehot[i, 1, j], onehot[i, 2, j], onehot[i, 3, j]
            letter = a if p == 1 else none
            letter |= c if q == 1 else none
            letter |= g if r == 1 else none
            letter |= t if s == 1 else none
            several = ((p != 0) & (q != 0)) | ((r != 0) & (s != 0))
            several |= ((p != 0) | (q != 0)) & ((r != 0) | (s != 0))
            letter = none if several else letter
            out[i, j] = letter if letter != none else unknown


@kernel
def decode_first(onehot, letters, unknown, out):
    """Letters of (n, letters, length) columns, reading one letter after the other."""
    n, width, length = onehot.shape
    seen = np.empty(_CHUNK, np.uint8)
    bad = np.empty(_CHUNK, np.uint8)
    for i in range(n):
        for begin in range(0, length, _CHUNK):
            size = min(_CHUNK, length - begin)
            target = out[i, begin : begin + size]
            seen[:size] = 0
            bad[:size] = 0
            target[:] = 0
            for a in range(width):
                letter = letters[a]
                row = onehot[i, a, begin : begin + size]
                for j in range(size):
                    one = np.uint8(row[j] == 1)
                    other = np.uint8(row[j] != 0) ^ one
                    bad[j] |= (seen[j] & one) | other
                    seen[j] |= one
                    target[j] |= letter * one
            for j in range(size):
                target[j] = target[j] if seen[j] > bad[j] else unknown
