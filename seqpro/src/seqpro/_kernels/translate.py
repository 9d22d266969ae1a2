"""Translation of rows of codes: one entry of a table for each codon.

`masks` gives each letter its bases as four bits (0 for a letter that is none), so that three letters make
an index of twelve bits: `residues`, of 4,096 entries, reads plain and ambiguous codons alike.
"""

import numpy as np

from seqpro.kernel import kernel


@kernel
def _index(row, place, masks):
    """Index of the codon at a place."""
    first = np.intp(masks[row[place]])
    return first << 8 | np.intp(masks[row[place + 1]]) << 4 | np.intp(masks[row[place + 2]])


@kernel
def translate(values, starts, sizes, frame, masks, residues, out):
    """Write the residue of every whole codon from `frame` on, row after row.

    A row whose codons follow on those of the row before is read together with it.
    """
    begin = 0
    i = 0
    while i < sizes.size:
        first = starts[i] + frame
        count = max(sizes[i] - frame, 0) // 3
        i += 1
        while i < sizes.size and starts[i] + frame == first + 3 * count:
            count += max(sizes[i] - frame, 0) // 3
            i += 1
        codons = values[first : first + 3 * count]
        target = out[begin : begin + count]
        begin += count
        for j in range(count):
            target[j] = residues[_index(codons, 3 * j, masks)]


@kernel
def count_kept(values, starts, sizes, frame, masks, residues, dropped, stop, inclusive, counts):
    """Count each row's residues before the first `stop`, or with it if `inclusive`; not those `dropped`."""
    for i in range(sizes.size):
        row = values[starts[i] : starts[i] + sizes[i]]
        count = 0
        for place in range(frame, sizes[i] - 2, 3):
            residue = residues[_index(row, place, masks)]
            if residue == stop:
                count += inclusive
                break
            count += residue != dropped
        counts[i] = count


@kernel
def translate_kept(values, starts, sizes, frame, masks, residues, dropped, counts, out):
    """Write each row's first so many residues that are not `dropped`, row after row."""
    begin = 0
    for i in range(sizes.size):
        row = values[starts[i] : starts[i] + sizes[i]]
        end = begin + counts[i]
        place = frame
        while begin < end:
            residue = residues[_index(row, place, masks)]
            place += 3
            if residue != dropped:
                out[begin] = residue
                begin += 1


@kernel
def six_frames(values, starts, sizes, masks, forward, backward, places, out):
    """Write frames +1 +2 +3 -1 -2 -3 of each row at its six `places`.

    `backward` reads a codon's reverse complement. Frame f has as many codons as frame -(L - f) % 3,
    which are the same ones in reverse order.
    """
    for i in range(sizes.size):
        row = values[starts[i] : starts[i] + sizes[i]]
        for frame in range(3):
            count = max(sizes[i] - frame, 0) // 3
            place = places[6 * i + frame]
            mirror = places[6 * i + 3 + max(sizes[i] - frame, 0) % 3] + count - 1
            for j in range(count):
                index = _index(row, frame + 3 * j, masks)
                out[place + j] = forward[index]
                out[mirror - j] = backward[index]
