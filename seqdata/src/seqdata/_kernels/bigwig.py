"""Values of windows out of the decompressed blocks of a bigWig file."""

import numpy as np

from seqpro.kernel import kernel

_HEADER = (
    6  # words: contig, start, end, step, span; kind (8 bits), nothing (8), number of items (16)
)
_BED_GRAPH, _VARIABLE_STEP, _FIXED_STEP = 1, 2, 3


@kernel
def paint_blocks(words, values, bounds, contig, starts, ends, reached, out, places):
    """Write the values of windows; give -1, or the number of the block that is damaged.

    `words` and `values` are the same bytes as uint32 and float32, block `b` from ``bounds[b]`` on.
    Windows are sorted by start; `reached` is how far they and those before them reach.
    """
    items = np.empty((3, 1 << 16), np.int64)
    item_values = np.empty(1 << 16, np.float32)
    for b in range(bounds.size - 1):
        count = unpack(words[bounds[b] : bounds[b + 1]], values[bounds[b] :], items, item_values)
        if count < 0:
            return b
        if count == 0 or words[bounds[b]] != contig:
            continue
        low, high = items[0, 0], items[2, count - 1]
        first = np.searchsorted(reached, low, side="right")
        for i in range(first, np.searchsorted(starts, high)):
            start, end = starts[i], ends[i]
            j = np.searchsorted(items[2, :count], start, side="right")
            while j < count and items[0, j] < end:
                value = item_values[j]
                if value == value:
                    shift = places[i] - start
                    for k in range(max(items[0, j], start), min(items[1, j], end)):
                        out[shift + k] = value
                j += 1
    return -1


@kernel
def unpack(words, values, items, item_values):
    """List a block's items: start, end, and how far it and those before it reach; give their number.

    Gives -1 for a block that is not what it should be: of a known kind, whole, and sorted.
    """
    if words.size < _HEADER:
        return -1
    kind, count = words[5] & 255, np.int64(words[5] >> 16)
    width = 4 - np.int64(kind)
    if kind < _BED_GRAPH or kind > _FIXED_STEP or _HEADER + width * count > words.size:
        return -1
    step, span = np.int64(words[3]), np.int64(words[4])
    before, reached = np.int64(0), np.int64(0)
    for i in range(count):
        at = _HEADER + width * i
        start = words[1] + i * step if kind == _FIXED_STEP else np.int64(words[at])
        end = np.int64(words[at + 1]) if kind == _BED_GRAPH else start + span
        if start < before:
            return -1
        before, reached = start, max(reached, end)
        items[0, i], items[1, i], items[2, i] = start, end, reached
        item_values[i] = values[at + width - 1]
    return count
