"""Kernels for false discovery rates."""

from seqpro.kernel import kernel


@kernel
def step_up(pvalues, groups, tests, order, out):
    """Write q-values; `order` sorts by group, then p-value."""
    first = 0
    while first < order.size:
        group = groups[order[first]]
        end = first
        while end < order.size and groups[order[end]] == group:
            end += 1
        least = 1.0
        for j in range(end - 1, first - 1, -1):
            least = min(least, pvalues[order[j]] * tests[group] / (j - first + 1))
            out[order[j]] = least
        first = end
