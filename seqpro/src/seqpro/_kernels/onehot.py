"""One-hot kernels: a table look-up with letters last, a compare loop with letters first."""

from seqpro.kernel import kernel


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
            letter = letters[a] & mask[a]
            fold = mask[a]
            for j in range(length):
                out[i, a, j] = (codes[i, j] & fold) == letter


@kernel
def decode(onehot, letters, unknown, out):
    """Letters of (n, letters, length) columns with a single 1; `unknown` for any other column."""
    n, width, length = onehot.shape
    for i in range(n):
        for j in range(length):
            found = unknown
            hot = 0
            for a in range(width):
                value = onehot[i, a, j]
                if value == 1:
                    found = letters[a]
                    hot += 1
                elif value != 0:
                    hot += 2
            out[i, j] = found if hot == 1 else unknown
