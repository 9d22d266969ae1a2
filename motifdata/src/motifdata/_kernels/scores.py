"""Exact distributions of sums of independent whole scores."""

import numpy as np

from seqpro.kernel import kernel


@kernel
def _add_shifted(source, weight, target):
    for j in range(source.size):
        target[j] += weight * source[j]


@kernel
def tail_probabilities(matrix, background):
    """Probability of a score at least as high, for each score from the lowest to the highest.

    `matrix` holds the score of each letter at each position, `background` each letter's probability.
    """
    length, letters = matrix.shape
    size = 1
    for i in range(length):
        size += matrix[i].max() - matrix[i].min()
    now = np.zeros(size)
    then = np.zeros(size)
    now[0] = 1.0
    span = 1
    for i in range(length):
        lowest = matrix[i].min()
        wider = span + matrix[i].max() - lowest
        then[:wider] = 0.0
        for a in range(letters):
            shift = matrix[i, a] - lowest
            _add_shifted(now[:span], background[a], then[shift : shift + span])
        now, then = then, now
        span = wider
    for j in range(size - 2, -1, -1):
        now[j] = min(now[j] + now[j + 1], 1.0)
    return now
