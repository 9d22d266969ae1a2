"""Kernels that edit and filter rows of bytes."""

from seqpro.kernel import kernel


@kernel
def _write(row, target):
    """Copy a row to the beginning of `target`; faster than assigning slices."""
    for j in range(row.size):
        target[j] = row[j]


@kernel
def splice(values, starts, sizes, places, removed, patterns, pattern_starts, pattern_sizes, out):
    """Write rows one after the other, a pattern in place of the `removed` letters at each row's place."""
    begin = 0
    for i in range(sizes.size):
        row = values[starts[i] : starts[i] + sizes[i]]
        pattern = patterns[pattern_starts[i] : pattern_starts[i] + pattern_sizes[i]]
        rest = row[places[i] + removed[i] :]
        target = out[begin : begin + places[i] + pattern.size + rest.size]
        _write(row[: places[i]], target)
        _write(pattern, target[places[i] :])
        _write(rest, target[places[i] + pattern.size :])
        begin += target.size


@kernel
def repeat(values, starts, sizes, length, out):
    """Fill `length` places a row with the row, again and again."""
    for i in range(sizes.size):
        target = out[i * length : (i + 1) * length]
        filled = min(sizes[i], length)
        _write(values[starts[i] : starts[i] + filled], target)
        while filled < length:
            more = min(filled, length - filled)
            _write(target[:more], target[filled:])
            filled += more


@kernel
def translate_kept(values, starts, sizes, table, out):
    """Write each letter's entry of `table`, leaving out those with a negative one."""
    place = 0
    for i in range(sizes.size):
        for j in range(starts[i], starts[i] + sizes[i]):
            letter = table[values[j]]
            if letter >= 0:
                out[place] = letter
                place += 1


@kernel
def known_places(values, starts, sizes, columns, ordinals, out):
    """Find the position of the known letter with each ordinal in its row, 255 being unknown.

    Where a row comes several times in a row, with ordinals that do not fall, it is gone through once.
    """
    place = seen = 0
    for i in range(sizes.size):
        if i == 0 or starts[i] != starts[i - 1] or ordinals[i] < ordinals[i - 1]:
            place, seen = -1, -1
        while seen < ordinals[i] and place < sizes[i] - 1:  # short of it only if letters changed
            place += 1
            seen += columns[values[starts[i] + place]] != 255
        out[i] = place
