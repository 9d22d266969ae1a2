"""Read the text of VCF records: fields, alleles, genotypes.

Alleles become spans of the reference that letters take the place of: ``[start, end)``, empty for an
insertion.
"""

import numpy as np

from seqpro.kernel import kernel

TAB, COMMA, COLON, SEMICOLON, STAR, DOT, SLASH, BAR, LESS = 9, 44, 58, 59, 42, 46, 47, 124, 60
END_KEY = (69, 78, 68, 61)  # END=

# kinds of alternative alleles
SEQUENCE, UNCHANGED, SYMBOLIC, SKIPPED = 0, 1, 2, 3


@kernel
def begins_with(text, begins, word):
    """Whether each line begins with a word."""
    found = np.ones(begins.size, np.bool_)
    for line in range(begins.size):
        for i in range(len(word)):
            if begins[line] + i >= text.size or text[begins[line] + i] != word[i]:
                found[line] = False
                break
    return found


@kernel
def find_fields(text, begins, ends):
    """Where the first ten fields of each line begin, or -1, and each line's POS, from 0."""
    fields = np.full((ends.size, 10), -1, np.int64)
    positions = np.zeros(ends.size, np.int64)
    for line in range(ends.size):
        field = 0
        fields[line, 0] = begins[line]
        for i in range(begins[line], ends[line]):
            if text[i] == TAB:
                field += 1
                fields[line, field] = i + 1
                if field == 9:
                    break
            elif field == 1:
                positions[line] = positions[line] * 10 + text[i] - 48
        positions[line] -= 1
    return fields, positions


@kernel
def record_ends(text, fields, positions):
    """Where the reference bases end that each record is about: those of REF, or up to INFO's END."""
    ends = positions + fields[:, 4] - fields[:, 3] - 1
    for r in range(positions.size):
        for i in range(fields[r, 4], fields[r, 5]):
            if text[i] == LESS:
                ends[r] = max(ends[r], _end_of(text, fields[r, 7], fields[r, 8]))
                break
    return ends


@kernel
def most_alleles(text, fields, ends):
    """Most alleles that a genotype has; 0 where there are no genotypes."""
    most = 0
    for line in range(ends.size):
        if not _has_genotypes(text, fields[line]):
            continue
        alleles, within = 1, True
        for i in range(fields[line, 9] + 1, ends[line]):
            if text[i] == TAB:
                most, alleles, within = max(most, alleles), 0, True
                alleles = 1
                if text[i + 1] == SLASH or text[i + 1] == BAR:
                    alleles = 0
            elif text[i] == COLON:
                within = False
            elif within and (text[i] == SLASH or text[i] == BAR):
                alleles += 1
        most = max(most, alleles)
    return most


@kernel
def split_alleles(text, fields, positions):
    """Cut REF and ALT into letters and the spans that they take the place of.

    Gives for the records ``reference_sizes``, ``letters_from`` (REF first, then the alternatives) and
    ``first`` (of each record's alleles), and for the alleles start, end, letters from, size and kind.
    """
    n = positions.size
    first = np.zeros(n + 1, np.int64)
    letters_from = np.zeros(n + 1, np.int64)
    for r in range(n):
        commas = 0
        for i in range(fields[r, 4], fields[r, 5] - 1):
            commas += text[i] == COMMA
        is_none = fields[r, 5] - fields[r, 4] == 2 and text[fields[r, 4]] == DOT
        first[r + 1] = first[r] + (0 if is_none else commas + 1)
        letters_from[r + 1] = letters_from[r] + fields[r, 5] - fields[r, 3]
    letters = np.zeros(letters_from[n], np.uint8)
    alleles = np.zeros((first[n], 5), np.int64)
    for r in range(n):
        shift = letters_from[r] - fields[r, 3]
        for i in range(fields[r, 3], fields[r, 5]):
            letters[i + shift] = text[i]
        size = fields[r, 4] - fields[r, 3] - 1
        begin = letters_from[r] + size + 1
        for allele in range(first[r], first[r + 1]):
            stop = begin
            while letters[stop] != COMMA and letters[stop] != TAB:
                stop += 1
            _span(letters, letters_from[r], size, begin, stop, positions[r], alleles[allele])
            if alleles[allele, 4] == SYMBOLIC:
                end = _end_of(text, fields[r, 7], fields[r, 8] if fields[r, 8] >= 0 else text.size)
                alleles[allele, 1] = max(alleles[allele, 1], end)
            begin = stop + 1
    return fields[:, 4] - fields[:, 3] - 1, letters_from[:n], first, alleles, letters


@kernel
def trim_alleles(letters, ref_from, ref_sizes, alt_from, alt_sizes, positions):
    """Give start, end, first letter and letters of alleles whose REF and ALT stand in `letters`."""
    alleles = np.zeros((positions.size, 5), np.int64)
    for i in range(positions.size):
        _span(letters, ref_from[i], ref_sizes[i], alt_from[i], alt_from[i] + alt_sizes[i],
              positions[i], alleles[i])  # fmt: skip
    return alleles[:, :4].copy()


@kernel
def _span(letters, reference, size, begin, stop, position, allele):
    """Take off what REF and an alternative share, and write the allele's line."""
    allele[4] = SEQUENCE
    for i in range(begin, stop):
        upper = letters[i] & 223
        if upper < 65 or upper > 90 or letters[i] < 65:
            allele[4] = SYMBOLIC
    if stop == begin + 1 and letters[begin] == STAR:
        allele[4] = UNCHANGED
    start, end, low, high = 0, size, begin, stop
    if allele[4] == SEQUENCE:
        while end - start > 1 and high - low > 1 and _same(letters, reference + end, high):
            end -= 1
            high -= 1
        while end > start and high > low and _same(letters, reference + start + 1, low + 1):
            start += 1
            low += 1
        while end > start and high > low and _same(letters, reference + end, high):
            end -= 1
            high -= 1
        if start == end and low == high:
            allele[4] = UNCHANGED
    allele[0], allele[1] = position + start, position + end
    allele[2], allele[3] = low, high - low


@kernel
def _same(letters, i, j):
    """Whether the letters before two places are the same in any case."""
    return letters[i - 1] | 32 == letters[j - 1] | 32


@kernel
def _end_of(text, begin, stop):
    """Value of END in the field INFO, or 0."""
    for i in range(begin, stop - 4):
        is_key = i == begin or text[i - 1] == SEMICOLON
        for j in range(4):
            is_key &= text[i + j] == END_KEY[j]
        if is_key:
            end = 0
            for j in range(i + 4, stop):
                if not 48 <= text[j] <= 57:
                    break
                end = end * 10 + text[j] - 48
            return end
    return 0


@kernel
def _has_genotypes(text, fields):
    """Whether a record's FORMAT begins with GT."""
    at = fields[8]
    if fields[9] < 0 or text[at] != 71 or text[at + 1] != 84:
        return False
    return text[at + 2] == COLON or text[at + 2] == TAB


@kernel
def read_genotypes(text, fields, ends, targets, first, ploidy, codes, unphased):
    """Write the allele numbers of the samples that are wanted, and whether a call is unphased.

    `targets` has each column's place among the samples wanted, or -1. Missing alleles are -1. Gives
    (-1, -1), or record and column of the first call that has another number of alleles or one unknown.
    """
    for r in range(ends.size):
        codes[r] = -1
        if not _has_genotypes(text, fields[r]):
            continue
        i, stop, own = fields[r, 9], ends[r], codes[r]
        most = first[r + 1] - first[r]
        for column in range(targets.size):
            target = targets[column]
            if target >= 0:
                begin = target * ploidy
                count, largest, i, with_slash = _read_call(text, i, stop, own, begin, ploidy)
                if count == 1:
                    own[begin + 1 : begin + ploidy] = own[begin]
                if (count != ploidy and count != 1) or largest > most:
                    return r, column
                unphased[r, target] = with_slash and count > 1
            while i < stop and text[i] != TAB:
                i += 1
            i += 1
    return -1, -1


@kernel
def _read_call(text, i, stop, out, begin, ploidy):
    """Write the alleles of one call; give their number, the largest, the place after, if it has a slash."""
    count, largest, with_slash = 0, -1, False
    if i < stop and (text[i] == SLASH or text[i] == BAR):
        with_slash = text[i] == SLASH
        i += 1
    while i < stop and text[i] != COLON and text[i] != TAB:
        value, digits = 0, 0
        while i < stop and 48 <= text[i] <= 57:
            value = min(value * 10 + text[i] - 48, 32767)
            digits += 1
            i += 1
        if not digits:
            if text[i] != DOT:
                return 0, largest, i, with_slash
            value = -1
            i += 1
        if count < ploidy:
            out[begin + count] = value
        largest = max(largest, value)
        count += 1
        if i < stop and (text[i] == SLASH or text[i] == BAR):
            with_slash |= text[i] == SLASH
            i += 1
    return count, largest, i, with_slash


@kernel
def first_mismatch(positions, sizes, letters_from, letters, reference, reference_start):
    """Find the first record whose REF differs from the reference where both are A, C, G or T, or -1."""
    for r in range(positions.size):
        for i in range(sizes[r]):
            at = positions[r] + i - reference_start
            if at < 0:
                continue
            if at >= reference.size:
                return r
            stated, found = letters[letters_from[r] + i] & 223, reference[at] & 223
            if stated != found and _is_base(stated) and _is_base(found):
                return r
    return -1


@kernel
def _is_base(letter):
    return letter == 65 or letter == 67 or letter == 71 or letter == 84
