"""Write haplotypes: the reference with a haplotype's variants in it.

Variants are spans of the reference that letters take the place of: ``[start, end)``, empty for an
insertion. The letters pair off with the span's bases from the left; those left over carry the coordinate
of the last base before them.
"""

import numpy as np

from seqpro.kernel import kernel

LETTER_N = 78

# kinds of alternative alleles, as in vcf_text
UNCHANGED, SYMBOLIC, SKIPPED = 1, 2, 3

# what to do with missing alleles
AS_REFERENCE, AS_N, MISSING_ERROR = 0, 1, 2

# why a haplotype cannot be written
UNPHASED, MISSING, STRUCTURAL = 1, 2, 3

# what is written
LETTERS, COORDINATES, NOTHING = 0, 1, 2


@kernel
def write_windows(
    columns_from, columns_to, codes, unphased, ploidy, missing, phase_needed, positions, sizes, first,
    alleles, letters, reference, reference_start, contig_length, starts, ends, places, out, what, found,
):  # fmt: skip
    """Write windows of some haplotypes, letters or coordinates.

    `found` receives for each: why it cannot be written (0: it can), the record that is to blame, variants
    left out because they overlap, symbolic alleles skipped.
    """
    spans = np.empty((positions.size, 6), np.int64)
    for column in range(columns_from, columns_to):
        own, row = found[column], out[column]
        n = _carried(
            column, codes, unphased, ploidy, missing, phase_needed, positions, sizes, first, alleles,
            spans, own,
        )  # fmt: skip
        n = _without_overlaps(spans, n, own)
        for window in range(starts.size):
            stop = places[window] + ends[window] - starts[window]
            trouble, _, place = _write(
                spans, n, letters, reference, reference_start, starts[window], contig_length, row,
                places[window], stop, what,
            )  # fmt: skip
            _fill(row, place, stop, what)
            if trouble >= 0 and own[0] == 0:
                own[0], own[1] = spans[trouble, 4], spans[trouble, 5]


@kernel
def survey_windows(
    codes, unphased, ploidy, missing, phase_needed, positions, sizes, first, alleles, letters, reference,
    reference_start, contig_length, starts, ends, found, reached,
):  # fmt: skip
    """Find out how far to the right each window's haplotypes reach; `found` is as in `write_windows`.

    The base behind the last one that is used belongs to it: letters may be inserted before it.
    """
    spans, end = np.empty((positions.size, 6), np.int64), reference_start + reference.size
    none = np.empty(0, np.uint8)
    for column in range(codes.shape[0]):
        own = found[column]
        n = _carried(
            column, codes, unphased, ploidy, missing, phase_needed, positions, sizes, first, alleles,
            spans, own,
        )  # fmt: skip
        n = _without_overlaps(spans, n, own)
        for window in range(starts.size):
            trouble, position, _ = _write(
                spans, n, letters, reference, reference_start, starts[window], contig_length, none, 0,
                ends[window] - starts[window], NOTHING,
            )  # fmt: skip
            reached[window] = max(reached[window], min(position + 1, end))
            if trouble >= 0 and own[0] == 0:
                own[0], own[1] = spans[trouble, 4], spans[trouble, 5]


@kernel
def carried_alleles(codes, missing, first, alleles, slots, kept, genotypes):
    """Say of every alternative allele which haplotypes carry it: 1, or -1 where that is not known.

    Record r has the rows ``slots[r]`` to ``slots[r + 1]``, one even without alternatives. `kept` receives
    whether a row is needed. What a policy makes the reference is 0.
    """
    for r in range(codes.shape[0]):
        for column in range(codes.shape[1]):
            code = codes[r, column]
            if code < 0 and missing == AS_N:
                genotypes[slots[r] : slots[r + 1], column] = -1
                kept[slots[r]] = True
            elif code > 0 and alleles[first[r] + code - 1, 4] == 0:
                genotypes[slots[r] + code - 1, column] = 1
                kept[slots[r] + code - 1] = True


@kernel
def write_pieces(
    columns_from, columns_to, codes, unphased, ploidy, missing, phase_needed, positions, sizes, first,
    alleles, letters, reference, reference_start, starts, ends, places, out, written, what, found,
):  # fmt: skip
    """Write what some haplotypes have of each interval, as long as it is; `written` receives how much.

    Letters belong to an interval if their coordinate does. `found` is as in `write_windows`.
    """
    spans = np.empty((positions.size, 6), np.int64)
    for column in range(columns_from, columns_to):
        own, row = found[column], out[column]
        n = _carried(
            column, codes, unphased, ploidy, missing, phase_needed, positions, sizes, first, alleles,
            spans, own,
        )  # fmt: skip
        n = _without_overlaps(spans, n, own)
        for piece in range(starts.size):
            trouble, _, place = _write(
                spans, n, letters, reference, reference_start, starts[piece], ends[piece], row,
                places[piece], places[piece + 1], what,
            )  # fmt: skip
            written[column, piece] = place - places[piece]
            if trouble >= 0 and own[0] == 0:
                own[0], own[1] = spans[trouble, 4], spans[trouble, 5]


@kernel
def join_pieces(
    columns_from, columns_to, pieces, places, written, bounds, kept, at_end, out, row_starts
):
    """Put the pieces of rows together, and cut or fill each row at its end, or at its start.

    `kept` has for each row where its letters begin and end in `out`'s row: what is beyond stays as it is.
    """
    for column in range(columns_from, columns_to):
        own, target = pieces[column], out[column]
        for row in range(bounds.size - 1):
            low, high = row_starts[row] + kept[row, 0], row_starts[row] + kept[row, 1]
            total = 0
            for piece in range(bounds[row], bounds[row + 1]):
                total += written[column, piece]
            place = low if at_end[row] else high - total
            for piece in range(bounds[row], bounds[row + 1]):
                skipped = max(low - place, 0)
                size = min(written[column, piece], high - place)
                source = own[places[piece] + skipped : places[piece] + max(size, skipped)]
                part = target[place + skipped : place + max(size, skipped)]
                for i in range(source.size):
                    part[i] = source[i]
                place += written[column, piece]


@kernel
def write_stored(
    first, last, samples, haplotypes, genotypes, genotype_places, variants, counts, spans_of, ref_starts,
    ref_ends, letters, reference, reference_places, windows, reverse, complement, crops, sizes, out,
    out_places, step, what,
):  # fmt: skip
    """Write windows of some haplotypes from stored genotypes, turned 5' to 3' and cropped.

    Window i has the genotypes from ``genotype_places[i]`` on, of `counts` variants from ``variants[i]`` on.
    `windows` has for each: positions before its contig, first position on it, positions on it, all positions,
    and where its contig ends. Letter j after the crop is written to ``out_places[i] + j * step``.
    """
    spans = np.empty((counts[first:last].max(), 6), np.int64)
    whole = np.empty(windows[first:last, 3].max(), out.dtype)
    found = np.zeros(4, np.int64)
    for item in range(first, last):
        before, start, size, length, end = windows[item]
        n = 0
        for i in range(counts[item]):
            state = genotypes[genotype_places[item] + i, samples[item], haplotypes[item]]
            if state == 0:
                continue
            own, variant = spans[n], variants[item] + i
            own[:4] = spans_of[variant]
            if state < 0:
                own[0], own[1], own[2] = ref_starts[variant], ref_ends[variant], -1
                own[3] = own[1] - own[0]
            own[4], own[5] = 0, i
            n += 1
            _sink(spans, n - 1)
        n = _without_overlaps(spans, n, found)
        _fill(whole, 0, before, what)
        _, _, place = _write(
            spans, n, letters, reference[reference_places[item] :], start, start, end, whole, before,
            before + size, what,
        )  # fmt: skip
        _fill(whole, place, length, what)
        target = out[out_places[item] : out_places[item] + (sizes[item] - 1) * step + 1 : step]
        if not reverse[item]:
            source = whole[crops[item] : crops[item] + sizes[item]]
            for j in range(source.size):
                target[j] = source[j]
            continue
        source = whole[length - crops[item] - sizes[item] : length - crops[item]]
        for j in range(source.size):
            value = source[source.size - 1 - j]
            target[j] = complement[value] if what == LETTERS else value


@kernel
def _effective(code, record, missing, first, alleles):
    """Allele that a haplotype carries: 0 where nothing changes, -1 where it is not known."""
    if code < 0:
        return 0 if missing == AS_REFERENCE else -1
    if code > 0:
        kind = alleles[first[record] + code - 1, 4]
        if kind in (UNCHANGED, SKIPPED):
            return 0
    return code


@kernel
def _carried(
    column, codes, unphased, ploidy, missing, phase_needed, positions, sizes, first, alleles, spans, found
):  # fmt: skip
    """List a haplotype's variants: start, end, letters from (-1: N), size, trouble, record; sorted."""
    n = 0
    sample = column // ploidy
    for r in range(positions.size):
        code = codes[column, r]
        if code > 0 and alleles[first[r] + code - 1, 4] == SKIPPED:
            found[3] += 1
        code = _effective(code, r, missing, first, alleles)
        is_open = False
        if phase_needed and unphased[sample, r]:
            for other in range(sample * ploidy, (sample + 1) * ploidy):
                is_open |= _effective(codes[other, r], r, missing, first, alleles) != code
        if code == 0 and not is_open:
            continue
        span = spans[n]
        span[0], span[1], span[2], span[3] = positions[r], positions[r] + sizes[r], -1, sizes[r]
        span[4], span[5] = 0, r
        if is_open:
            span[4] = UNPHASED
        elif code < 0:
            span[4] = MISSING if missing == MISSING_ERROR else 0
        else:
            allele = alleles[first[r] + code - 1]
            span[:4] = allele[:4]
            if allele[4] == SYMBOLIC:
                span[4] = STRUCTURAL
        n += 1
        _sink(spans, n - 1)
    return n


@kernel
def _sink(spans, last):
    """Move the last span to its place: by start, insertions first, then in the file's order."""
    i = last
    while i > 0:
        before, own = spans[i - 1], spans[i]
        is_insertion = own[0] == own[1] and before[0] < before[1]
        if not (before[0] > own[0] or (before[0] == own[0] and is_insertion)):
            return
        for field in range(6):
            before[field], own[field] = own[field], before[field]
        i -= 1


@kernel
def _without_overlaps(spans, n, found):
    """Keep the first of overlapping variants; trouble spreads over all that overlap it."""
    kept = 0
    for i in range(n):
        own = spans[i]
        if kept:
            last = spans[kept - 1]
            both_insert = own[0] == own[1] and last[0] == last[1] and own[0] == last[0]
            if own[0] < last[1] or both_insert:
                if last[4] == 0 and own[4] == 0:
                    found[2] += 1
                    continue
                last[1] = max(last[1], own[1])
                if last[4] == 0:
                    last[4], last[5] = own[4], own[5]
                continue
        spans[kept] = own
        kept += 1
    return kept


@kernel
def _write(spans, n, letters, reference, reference_start, start, end, out, place, stop, what):
    """Write the letters whose coordinate is from `start` to `end`, as far as there is room.

    Gives the variant that forbids it (or -1), the first reference base that is not used, and the next place.
    """
    i = _first_from(spans, n, start)
    position = start
    while i < n and place < stop:
        low, high, source, size = spans[i, 0], spans[i, 1], spans[i, 2], spans[i, 3]
        if low > end or (low == end and high > low):
            break
        if low == high and low == start and start > 0:
            i += 1  # letters inserted before a base belong to the base before it
            continue
        if low - position >= stop - place:
            break
        place = _copy(reference, reference_start, position, low, place, stop, out, what)
        position = max(position, low)
        if spans[i, 4]:
            return i, position, place
        last = size if high <= end else min(size, end - low)
        for j in range(max(start - low, 0), last):
            if place == stop:
                break
            if what == COORDINATES:
                out[place] = low + min(j, high - low - 1) if high > low else max(low - 1, 0)
            elif what == LETTERS:
                out[place] = LETTER_N if source < 0 else letters[source + j]
            place += 1
        position = high
        i += 1
    if place < stop:
        size = max(min(end - position, stop - place), 0)
        place = _copy(reference, reference_start, position, position + size, place, stop, out, what)
        position += size
    return -1, position, place


@kernel
def _first_from(spans, n, start):
    """First variant that begins at `start` or later, or reaches over it."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if spans[middle, 0] < start:
            low = middle + 1
        else:
            high = middle
    return low - 1 if low and spans[low - 1, 1] > start else low


@kernel
def _copy(reference, reference_start, begin, end, place, stop, out, what):
    """Copy reference from `begin` to `end`, as far as there is room; give the next place."""
    size = max(min(end - begin, stop - place), 0)
    if what == NOTHING:
        return place + size
    target = out[place : place + size]
    if what == COORDINATES:
        for i in range(target.size):
            target[i] = begin + i
    else:
        source = reference[begin - reference_start : begin - reference_start + size]
        for i in range(target.size):
            target[i] = source[i]
    return place + size


@kernel
def _fill(out, place, stop, what):
    """Write that there is nothing: N, or no coordinate."""
    target = out[place:stop]
    for i in range(target.size):
        target[i] = -1 if what == COORDINATES else LETTER_N
