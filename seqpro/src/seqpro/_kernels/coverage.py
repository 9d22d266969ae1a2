"""Coverage kernels: bins of (n, length) numbers."""

import numpy as np

from seqpro.kernel import kernel, summing_kernel


@summing_kernel
def bin_sum(coverage, width, zero, out):
    """Sum each bin in the type of `zero`; unsigned places let the compiler use vectors."""
    step = np.uint64(width)
    for i in range(out.shape[0]):
        row = coverage[i]
        for b in range(np.uint64(out.shape[1])):
            total = zero
            low = b * step
            for j in range(step):
                total += row[low + j]
            out[i, b] = total


@kernel
def bin_max(coverage, width, out):
    """Take the highest of each bin; a missing value (NaN) makes the bin missing."""
    for i in range(out.shape[0]):
        for b in range(out.shape[1]):
            highest = coverage[i, b * width]
            for j in range(b * width + 1, (b + 1) * width):
                value = coverage[i, j]
                if value > highest or value != value:
                    highest = value
            out[i, b] = highest
