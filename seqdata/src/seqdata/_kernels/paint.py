"""Count alignments and fragments, from the bytes of their files, along one run of a contig.

Tracks hold one number more than the run has positions: spans are entered as +1 at their start and -1 at
their end, to be summed up along the run; single positions as they are.
"""

import numpy as np

from seqpro.kernel import kernel

# what is counted
DEPTH, FIVE_PRIME, CUT_SITES, FRAGMENTS = 0, 1, 2, 3
# how a scan of bytes ended: they are used up, the run is behind us, or they are not what they should be
MORE, DONE, OTHER, BAD, BEYOND = 0, 1, 2, 3, 4
# places of a tally: what became of each read or fragment; SCANNED counts also those beside the run
COUNTED, UNMAPPED, EXCLUDED, NOT_REQUIRED, MAPPING_QUALITY, NOT_A_PAIR, TOO_LONG, NO_LENGTH = range(
    8
)
NO_GROUP, SCANNED, TALLY = 8, 9, 10

_LARGEST = 1 << 28  # bytes; no read is as large
_TAB, _NEWLINE, _RETURN, _COMMENT = 9, 10, 13, 35


@kernel
def add_span(track, start, end, low, high):
    """Enter the part of a span that is within the run."""
    first, last = max(start, low) - low, min(end, high) - low
    if last > first:
        track[first] += 1
        track[last] -= 1


@kernel
def add_point(track, position, low, high, weight):
    """Count a position if it is within the run."""
    if low <= position < high:
        track[position - low] += weight


@kernel
def int32(data, place):
    """Read a little-endian number with a sign."""
    value = np.int64(data[place]) | np.int64(data[place + 1]) << 8
    value |= np.int64(data[place + 2]) << 16 | np.int64(data[place + 3]) << 24
    return value - (1 << 32) if value >= 1 << 31 else value


@kernel
def long_cigar(data, place, end):
    """Find the operations of a read that has more than 65,535: they are its tag CG."""
    while place + 8 <= end:
        kind, value = data[place + 2], place + 3
        if kind == ord("B"):
            number = int32(data, value + 1)
            if data[place] == ord("C") and data[place + 1] == ord("G"):
                return (value + 5, number) if value + 5 + 4 * number <= end else (place, 0)
            size = 1 if data[value] in (ord("c"), ord("C")) else 4
            size = 2 if data[value] in (ord("s"), ord("S")) else size
            value += 5 + number * size
        elif kind == ord("Z") or kind == ord("H"):
            while value < end and data[value] != 0:
                value += 1
            value += 1
        elif kind == ord("s") or kind == ord("S"):
            value += 2
        elif kind == ord("i") or kind == ord("I") or kind == ord("f"):
            value += 4
        else:
            value += 1
        place = max(value, place + 3)
    return place, 0


@kernel
def reference_end(data, cigar, operations, start):
    """End of a read on its contig, exclusive; a read without operations covers one base."""
    end = start
    for i in range(operations):
        number = int32(data, cigar + 4 * i) & 0xFFFFFFFF
        operation = number & 15
        if operation == 0 or operation == 2 or operation == 3 or operation > 6:
            end += number >> 4
    return max(end, start + 1)


@kernel
def add_blocks(data, cigar, operations, quality, least, start, track, low, high):
    """Enter a read's aligned bases, where `quality` is not -1 only those with the least quality."""
    query = 0
    for i in range(operations):
        number = int32(data, cigar + 4 * i) & 0xFFFFFFFF
        operation, length = number & 15, number >> 4
        if operation == 0 or operation == 7 or operation == 8:
            if quality < 0:
                add_span(track, start, start + length, low, high)
            else:
                for j in range(max(low - start, 0), min(high - start, length)):
                    if data[quality + query + j] >= least:
                        add_span(track, start + j, start + j + 1, low, high)
            start += length
            query += length
        elif operation == 2 or operation == 3:
            start += length
        elif operation == 1 or operation == 4:
            query += length


@kernel
def verdict(flag, mapping_quality, required, excluded, least):
    """Give the first filter that a read fails, or COUNTED."""
    if flag & 4:
        return UNMAPPED
    if flag & excluded:
        return EXCLUDED
    if flag & required != required:
        return NOT_REQUIRED
    return MAPPING_QUALITY if mapping_quality < least else COUNTED


@kernel
def pair_verdict(flag, length, same_contig, longest):
    """Give why the pair of a read that passes its filters cannot be counted, or COUNTED."""
    if flag & 3 != 3 or flag & 8 or not same_contig:
        return NOT_A_PAIR
    if length == 0:
        return NO_LENGTH
    return TOO_LONG if abs(length) > longest else COUNTED


@kernel
def add_fragment(count, start, end, is_minus, shift, tracks, row, strands, low, high, weight):
    """Count a fragment: its ends, or its whole length."""
    if count == CUT_SITES:
        add_point(tracks[row], start + shift[0], low, high, weight)
        add_point(tracks[row + strands - 1], end - 1 + shift[1], low, high, weight)
        return
    first, last = max(start, low) - low, min(end, high) - low
    if last > first:
        track = tracks[row + is_minus * (strands - 1)]
        track[first] += weight
        track[last] -= weight


@kernel
def paint_alignments(
    data, contig, low, high, count, required, excluded, least_mapping, least_base, shift, longest,
    tracks, tally,
):  # fmt: skip
    """Count the reads of a piece of a BAM file that is sorted; give the bytes used and how it ended."""
    margin = max(abs(shift[0]), abs(shift[1]))
    by_pair = count in (CUT_SITES, FRAGMENTS)
    strands = tracks.shape[0]
    place = 0
    while place + 4 <= data.size:
        size = int32(data, place)
        if size < 32 or size > _LARGEST:
            return place, BAD
        if place + 4 + size > data.size:
            break
        record, place = place + 4, place + 4 + size
        start = int32(data, record + 4)
        if int32(data, record) != contig:
            return record - 4, OTHER
        if start >= high + margin:
            return record - 4, DONE
        tally[SCANNED] += 1
        numbers, both = int32(data, record + 8), int32(data, record + 12) & 0xFFFFFFFF
        mapping_quality, flag, operations = (numbers >> 8) & 255, both >> 16, both & 0xFFFF
        letters, length = int32(data, record + 16), int32(data, record + 28)
        cigar = record + 32 + (numbers & 255)
        bases = cigar + 4 * operations + (letters + 1) // 2
        if letters < 0 or bases + letters > place:
            return record - 4, BAD
        quality = -1 if least_base == 0 or letters == 0 else bases
        if operations == 2 and int32(data, cigar) & 0xFFFFFFFF == letters << 4 | 4:
            found, many = long_cigar(data, bases + letters, place)
            if many > 0:
                cigar, operations = found, many
        end = reference_end(data, cigar, operations, start)
        if by_pair and length > 0:
            end = max(end, start + min(length, longest))
        if end + margin <= low:
            continue
        why = verdict(flag, mapping_quality, required, excluded, least_mapping)
        if why == COUNTED and by_pair:
            why = pair_verdict(flag, length, int32(data, record + 20) == contig, longest)
            if why == COUNTED and length < 0:
                continue  # the pair is counted by its left read
        tally[why] += 1
        if why != COUNTED:
            continue
        is_minus = (flag >> 4) & 1
        if by_pair:
            is_minus = is_minus if flag & 64 else (flag >> 5) & 1
            add_fragment(
                count, start, start + length, is_minus, shift, tracks, 0, strands, low, high, 1
            )
        elif count == FIVE_PRIME:
            first = end - 1 + shift[1] if is_minus else start + shift[0]
            add_point(tracks[is_minus * (strands - 1)], first, low, high, 1)
        else:
            row = (is_minus ^ (flag >> 7 & 1)) * (strands - 1)
            add_blocks(data, cigar, operations, quality, least_base, start, tracks[row], low, high)
    return place, MORE


@kernel
def number_at(data, place, end):
    """Read the digits from `place` to the end of the field: the number, or -1, and where it ends."""
    value, first = 0, place
    while place < end and data[place] != _TAB:
        digit = np.int64(data[place]) - 48
        if digit < 0 or digit > 9 or place - first > 17:
            return -1, place
        value = 10 * value + digit
        place += 1
    return (value if place > first else -1), place


@kernel
def order(data, place, size, word):
    """Compare a field with a word that is padded with zeros: negative, 0 or positive."""
    for i in range(max(size, word.size)):
        here = np.int64(data[place + i]) if i < size else 0
        there = np.int64(word[i]) if i < word.size else 0
        if here != there:
            return here - there
    return 0


@kernel
def find_word(data, place, size, words):
    """Find a field among sorted words: its number, or -1."""
    low, high = 0, words.shape[0]
    while low < high:
        middle = (low + high) // 2
        found = order(data, place, size, words[middle])
        if found == 0:
            return middle
        if found < 0:
            high = middle
        else:
            low = middle + 1
    return -1


@kernel
def paint_lines(
    data, contig, contig_size, low, high, count, shift, barcodes, groups, is_weighted, strands,
    tracks, tally,
):  # fmt: skip
    """Count the fragments of whole lines of a sorted file; give the bytes used and how it ended."""
    margin = max(abs(shift[0]), abs(shift[1]))
    line = 0
    while line < data.size:
        end = line
        while end < data.size and data[end] != _NEWLINE:
            end += 1
        if end == data.size:
            return line, MORE
        here, line = line, end + 1
        if end > here and data[end - 1] == _RETURN:
            end -= 1
        if end == here or data[here] == _COMMENT:
            continue
        place = here
        while place < end and data[place] != _TAB:
            place += 1
        if order(data, here, place - here, contig) != 0:
            return here, OTHER
        first, place = number_at(data, place + 1, end)
        last, place = number_at(data, place + 1, end)
        if first < 0 or last <= first:
            return here, BAD
        if last > contig_size:
            return here, BEYOND
        if first >= high + margin:
            return here, DONE
        tally[SCANNED] += 1
        if last + margin <= low:
            continue
        barcode = place + 1
        place = barcode
        while place < end and data[place] != _TAB:
            place += 1
        weight, _ = number_at(data, place + 1, end) if is_weighted else (1, place)
        if weight < 0:
            return here, BAD
        group = 0
        if barcodes.shape[0]:
            found = find_word(data, barcode, place - barcode, barcodes)
            if found < 0:
                tally[NO_GROUP] += 1
                continue
            group = groups[found]
        tally[COUNTED] += 1
        row = group * strands
        add_fragment(count, first, last, 0, shift, tracks, row, strands, low, high, weight)
    return line, MORE


@kernel
def paint_fragments(starts, ends, groups, weights, low, high, count, shift, strands, tracks, tally):
    """Count fragments held in memory; one of group -1 is in none."""
    for i in range(starts.size):
        if groups[i] < 0:
            tally[NO_GROUP] += 1
            continue
        tally[COUNTED] += 1
        row = groups[i] * strands
        add_fragment(
            count, starts[i], ends[i], 0, shift, tracks, row, strands, low, high, weights[i]
        )


@kernel
def write_counts(tracks, low, starts, ends, is_span, rows, places):
    """Write the counts of intervals within a run that begins at `low`; give the largest.

    Tracks hold counts, or starts and ends of spans, which become counts in place.
    """
    most = 0
    for row in range(tracks.shape[0]):
        track, out = tracks[row], rows[row]
        if is_span:
            total = 0
            for i in range(track.size):
                total += track[i]
                track[i] = total
        for i in range(starts.size):
            window, size = track[starts[i] - low : ends[i] - low], ends[i] - starts[i]
            for j in range(size):
                most = max(most, window[j])
            for j in range(size):
                out[places[i] + j] = window[j]
    return most


@kernel
def most_in(run, run_start, starts, ends):
    """Find the largest count within intervals: the count and its position, or -1 and -1."""
    most, position = -1, -1
    for i in range(starts.size):
        for j in range(starts[i] - run_start, ends[i] - run_start):
            if run[j] > most:
                most, position = run[j], j + run_start
    return most, position
