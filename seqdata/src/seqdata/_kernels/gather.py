"""Copy windows out of larger arrays and files."""

from seqpro.kernel import kernel


@kernel
def read_lines(file, offset, line_letters, line_bytes, starts, ends, out, places):
    """Copy intervals of a contig whose letters stand in lines, leaving the line ends out."""
    for i in range(starts.size):
        position = starts[i]
        place = places[i]
        while position < ends[i]:
            line = position // line_letters
            within = position - line * line_letters
            take = min(line_letters - within, ends[i] - position)
            source = offset + line * line_bytes + within
            for j in range(take):
                out[place + j] = file[source + j]
            place += take
            position += take


@kernel
def copy_windows(run, run_start, starts, ends, out, places):
    """Copy intervals out of a run of values that begins at `run_start`."""
    for i in range(starts.size):
        for j in range(ends[i] - starts[i]):
            out[places[i] + j] = run[starts[i] - run_start + j]
