"""Divide windows into runs that are read in one go, and copy the windows out of them."""

import numpy as np

from seqpro.kernel import kernel


@kernel
def near_runs(starts, ends, gap, most):
    """Divide sorted intervals into runs to be read in one go; give first, last, low and high of each."""
    runs = np.empty((starts.size, 4), np.int64)
    k = -1
    for i in range(starts.size):
        if k >= 0:
            low, high = runs[k, 2], max(runs[k, 3], ends[i])
            if starts[i] - runs[k, 3] <= gap and high - low <= most:
                runs[k, 1], runs[k, 3] = i + 1, high
                continue
        k += 1
        runs[k, 0], runs[k, 1], runs[k, 2], runs[k, 3] = i, i + 1, starts[i], ends[i]
    return runs[: k + 1]


@kernel
def copy_windows(run, run_start, starts, ends, out, places):
    """Copy intervals out of a run of values that begins at `run_start`."""
    for i in range(starts.size):
        for j in range(ends[i] - starts[i]):
            out[places[i] + j] = run[starts[i] - run_start + j]
