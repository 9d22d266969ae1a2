"""FASTA files line by line: where their lines end, and letters out of the bytes of some lines."""

from seqpro.kernel import kernel


@kernel
def line_runs(chunk, base, state, table):
    """List a chunk's lines, those alike in one row; give the number of rows and of bytes looked at.

    `state` is where the first line begins in the file, whether its last byte so far is a carriage return,
    and where its first odd byte is, -1 for none. A row of `table` is: whether it is a header, letters and
    bytes of each line, number of lines, first line's place in the file, place of an odd byte or -1.
    """
    rows = 0
    start, was_return, odd = state[0], state[1], state[2]
    i = 0
    while i < chunk.size:
        begin = i
        is_header = start == base + i and chunk[i] == 62
        while i < chunk.size and chunk[i] != 10:
            i += 1
        if i == chunk.size and is_header:
            state[0], state[1], state[2] = start, 0, -1
            return rows, begin
        stop = i
        if stop > begin:
            if was_return and odd < 0:
                odd = base + begin - 1
            was_return = int(chunk[stop - 1] == 13)
        if not is_header and odd < 0:
            for j in range(begin, stop - was_return):
                if chunk[j] <= 32 or chunk[j] > 126:
                    odd = base + j
                    break
        if i == chunk.size:
            break
        size = base + i - start
        letters = size - was_return
        alike = rows > 0 and not is_header and odd < 0 and table[rows - 1, 0] == 0
        if alike and table[rows - 1, 1] == letters and table[rows - 1, 2] == size + 1:
            table[rows - 1, 3] += 1
        else:
            row = table[rows]
            row[0], row[1], row[2], row[3], row[4] = is_header, letters, size + 1, 1, start
            row[5] = -1 if is_header else odd
            rows += 1
        i += 1
        start, was_return, odd = base + i, 0, -1
    state[0], state[1], state[2] = start, was_return, odd
    return rows, chunk.size


@kernel
def read_runs(raw, raw_places, runs, lines, letters, starts, ends, out, places):
    """Copy the intervals of runs out of the runs' bytes; give -1, or the letter that is none.

    `raw` has run `r` from `raw_places[r]` on; `lines` is letters and bytes of a line; `letters` is room
    for the longest run.
    """
    line_letters, line_bytes = lines[0], lines[1]
    for r in range(runs.shape[0]):
        low, high = runs[r, 2], runs[r, 3]
        source = raw_places[r]
        position = low
        while position < high:
            take = min(line_letters - position % line_letters, high - position)
            line = raw[source : source + take]
            copy = letters[position - low : position - low + take]
            odd = False
            for j in range(take):
                copy[j] = line[j]
                odd |= (line[j] <= 32) | (line[j] == 62)
            position += take
            source += line_bytes - line_letters + take
            if odd or (position < high and raw[source - 1] != 10):
                return position - take
        for i in range(runs[r, 0], runs[r, 1]):
            take = ends[i] - starts[i]
            window = letters[starts[i] - low : starts[i] - low + take]
            copy = out[places[i] : places[i] + take]
            for j in range(take):
                copy[j] = window[j]
    return -1
