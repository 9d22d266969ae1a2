"""Coverage kernels: bins of (n, length) numbers."""

from seqpro.kernel import kernel


@kernel
def bin_sum(coverage, width, zero, out):
    """Sum each bin in the type of `zero`; four sums side by side, for one addition waits for the last."""
    for i in range(out.shape[0]):
        for b in range(out.shape[1]):
            low = b * width
            whole = low + width - width % 4
            s0 = s1 = s2 = s3 = zero
            for j in range(low, whole, 4):
                s0 += coverage[i, j]
                s1 += coverage[i, j + 1]
                s2 += coverage[i, j + 2]
                s3 += coverage[i, j + 3]
            for j in range(whole, low + width):
                s0 += coverage[i, j]
            out[i, b] = (s0 + s1) + (s2 + s3)


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
