"""Copy windows out of larger arrays."""

from seqpro.kernel import kernel


@kernel
def copy_windows(run, run_start, starts, ends, out, places):
    """Copy intervals out of a run of values that begins at `run_start`."""
    for i in range(starts.size):
        for j in range(ends[i] - starts[i]):
            out[places[i] + j] = run[starts[i] - run_start + j]
