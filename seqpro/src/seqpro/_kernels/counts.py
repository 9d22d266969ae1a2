"""Counting kernels: letters and k-mers of rows, and rows that have k-mers in common.

A k-mer's code is its place among all words of k letters in the alphabet's order. What every kernel on
k-mers takes after a block is described by `seqpro.kmers.Coding`.
"""

import numpy as np

from seqpro.kernel import kernel

_CHUNK = 4096  # codes that stay in the first cache
_FEW = 40  # codes that are sorted by insertion
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@kernel
def count_classes(values, starts, sizes, table, out):
    """``out[i, c]`` counts the letters of row i that `table` puts in class c; class 255 is skipped.

    Up to eight classes are counted at once, in the bytes of one word, which are emptied before they
    overflow.
    """
    few = out.shape[1] <= 8
    ones = np.zeros(256, np.uint64)
    for letter in range(256):
        if few and table[letter] != 255:
            ones[letter] = np.uint64(1) << np.uint64(8 * table[letter])
    for i in range(sizes.size):
        start, end = starts[i], starts[i] + sizes[i]
        while few and start < end:
            stop = min(start + 255, end)
            counts = np.uint64(0)
            for j in range(np.uint64(start), np.uint64(stop)):
                counts += ones[values[j]]
            for c in range(out.shape[1]):
                out[i, c] += (counts >> np.uint64(8 * c)) & np.uint64(255)
            start = stop
        for j in range(start, end):
            c = table[values[j]]
            if c != 255:
                out[i, c] += 1


@kernel
def _codes(values, begin, end, table, width, k, complement, codes):
    """Write the codes of the k-mers in ``values[begin:end]`` without a letter outside; give their number."""
    both = complement.size > 0
    forward = np.uint64(0)
    reverse = np.uint64(0)
    ready = begin + k - 1  # the last letter of the next k-mer without a letter outside
    n = 0
    if width == 4:
        mask = np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - 2 * k)
        top = np.uint64(2 * (k - 1))
        for j in range(begin, end):
            c = table[values[j]]
            if c == 255:
                ready = j + k
                continue
            forward = ((forward << np.uint64(2)) | np.uint64(c)) & mask
            if both:
                reverse = (reverse >> np.uint64(2)) | (complement[c] << top)
            if j >= ready:
                codes[n] = min(forward, reverse) if both else forward
                n += 1
        return n
    letters = np.uint64(width)
    span = np.uint64(1)
    for _ in range(k - 1):
        span *= letters
    for j in range(begin, end):
        c = table[values[j]]
        if c == 255:
            ready = j + k
            forward = np.uint64(0)
            continue
        if j > ready:
            forward -= np.uint64(table[values[j - k]]) * span
        forward = forward * letters + np.uint64(c)
        if both:
            reverse = reverse // letters + complement[c] * span
        if j >= ready:
            codes[n] = min(forward, reverse) if both else forward
            n += 1
    return n


@kernel
def _tally(values, start, stop, table, width, k, complement, rank, codes, row):
    """Add one to ``row[rank[code]]`` for each k-mer, to ``row[code]`` where `rank` is empty."""
    for begin in range(start, stop - k + 1, _CHUNK):
        end = min(begin + _CHUNK + k - 1, stop)
        n = _codes(values, begin, end, table, width, k, complement, codes)
        if rank.size:
            for j in range(n):
                row[rank[codes[j]]] += 1
        else:
            for j in range(n):
                row[codes[j]] += 1


@kernel
def count_kmers(values, starts, sizes, table, width, k, complement, rank, out):
    """``out[i, rank[code]]`` counts the k-mers of row i; k-mers with a letter outside are skipped."""
    codes = np.empty(_CHUNK, np.uint64)
    for i in range(sizes.size):
        stop = starts[i] + sizes[i]
        _tally(values, starts[i], stop, table, width, k, complement, rank, codes, out[i])


@kernel
def _sort(codes, spare, bits):
    """Sort codes of so many bits: insertion for few, else by bytes from the lowest (radix sort)."""
    if codes.size <= _FEW:
        for i in range(1, codes.size):
            code = codes[i]
            j = i
            while j > 0 and codes[j - 1] > code:
                codes[j] = codes[j - 1]
                j -= 1
            codes[j] = code
        return
    places = np.empty(256, np.int64)
    source, target = codes, spare
    swapped = False
    for shift in range(0, bits, 8):
        places[:] = 0
        for j in range(source.size):
            places[(source[j] >> np.uint64(shift)) & np.uint64(255)] += 1
        if places[(source[0] >> np.uint64(shift)) & np.uint64(255)] == source.size:
            continue
        before = 0
        for digit in range(256):
            count = places[digit]
            places[digit] = before
            before += count
        for j in range(source.size):
            digit = (source[j] >> np.uint64(shift)) & np.uint64(255)
            target[places[digit]] = source[j]
            places[digit] += 1
        source, target = target, source
        swapped = not swapped
    if swapped:
        codes[:] = spare


@kernel
def sort_and_count(codes, counts, width, k):
    """Sort codes, keep one of each with its count; give how many there are. The rest is left over."""
    highest = np.uint64(1)
    for _ in range(k):
        highest *= np.uint64(width)
    highest -= np.uint64(1)
    bits = 0
    while highest > np.uint64(0):
        bits += 1
        highest >>= np.uint64(1)
    _sort(codes, counts.view(np.uint64), bits)
    n = 0
    for j in range(codes.size):
        if n > 0 and codes[n - 1] == codes[j]:
            counts[n - 1] += 1
        else:
            codes[n] = codes[j]
            counts[n] = 1
            n += 1
    return n


@kernel
def distinct_kmers(
    values, starts, sizes, table, width, k, complement, begins, kmers, counts, found
):
    """Write the ``found[i]`` different k-mers of row i, sorted, and their counts from ``begins[i]`` on.

    A row has room for each of its k-mers, or for all words where these are fewer.
    """
    codes = np.empty(_CHUNK, np.uint64)
    rank = np.empty(0, np.int32)
    tally = np.zeros(0, np.int64)
    for i in range(sizes.size):
        stop = starts[i] + sizes[i]
        begin, end = begins[i], begins[i + 1]
        if sizes[i] - k + 1 <= end - begin:
            n = _codes(values, starts[i], stop, table, width, k, complement, kmers[begin:end])
            found[i] = sort_and_count(kmers[begin : begin + n], counts[begin : begin + n], width, k)
            continue
        if tally.size == 0:
            tally = np.zeros(end - begin, np.int64)
        tally[:] = 0
        _tally(values, starts[i], stop, table, width, k, complement, rank, codes, tally)
        n = 0
        for code in range(tally.size):
            if tally[code] > 0:
                kmers[begin + n] = code
                counts[begin + n] = tally[code]
                n += 1
        found[i] = n


@kernel
def pack_rows(begins, found, kmers, counts):
    """Move the k-mers of all rows together, in place; give their number."""
    total = 0
    for i in range(found.size):
        for j in range(begins[i], begins[i] + found[i]):
            kmers[total] = kmers[j]
            counts[total] = counts[j]
            total += 1
    return total


@kernel
def entropies(begins, found, counts, out):
    """``out[i]`` is the Shannon entropy of the k-mers of row i, in bits; NaN where there are none."""
    for i in range(found.size):
        total = 0
        weighted = 0.0
        for j in range(begins[i], begins[i] + found[i]):
            total += counts[j]
            weighted += counts[j] * np.log2(counts[j])
        if total == 0:
            out[i] = np.nan
        elif found[i] == 1:
            out[i] = 0.0  # the difference of two equal logarithms could be off by their rounding
        else:
            out[i] = max(0.0, np.log2(total) - weighted / total)


@kernel
def add_usage(begins, found, counts, words, distinct, possible):
    """Add the different k-mers of each row, and the most that so many k-mers can be."""
    for i in range(found.size):
        total = 0
        for j in range(begins[i], begins[i] + found[i]):
            total += counts[j]
        distinct[i] += found[i]
        possible[i] += min(total, words)


@kernel
def count_prefixes(values, starts, sizes, table, width, k, complement, divisor, out):
    """``out[code // divisor]`` counts the k-mers of all rows."""
    codes = np.empty(_CHUNK, np.uint64)
    for i in range(sizes.size):
        stop = starts[i] + sizes[i]
        for begin in range(starts[i], stop - k + 1, _CHUNK):
            end = min(begin + _CHUNK + k - 1, stop)
            n = _codes(values, begin, end, table, width, k, complement, codes)
            for j in range(n):
                out[codes[j] // divisor] += 1


@kernel
def codes_between(values, starts, sizes, table, width, k, complement, low, high, out):
    """Write the codes from `low` to below `high` of all rows; give their number."""
    codes = np.empty(_CHUNK, np.uint64)
    found = 0
    for i in range(sizes.size):
        stop = starts[i] + sizes[i]
        for begin in range(starts[i], stop - k + 1, _CHUNK):
            end = min(begin + _CHUNK + k - 1, stop)
            n = _codes(values, begin, end, table, width, k, complement, codes)
            for j in range(n):
                if low <= codes[j] < high:
                    out[found] = codes[j]
                    found += 1
    return found


@kernel
def count_holders(values, starts, sizes, table, width, k, complement, first, low, last, holders):
    """``holders[code - low]`` counts rows with a k-mer; `last` is the last row, from 1, that had it."""
    codes = np.empty(_CHUNK, np.uint64)
    for i in range(sizes.size):
        stop = starts[i] + sizes[i]
        for begin in range(starts[i], stop - k + 1, _CHUNK):
            end = min(begin + _CHUNK + k - 1, stop)
            n = _codes(values, begin, end, table, width, k, complement, codes)
            for j in range(n):
                place = codes[j] - low  # wraps round below `low`
                if place < np.uint64(holders.size) and last[place] != first + i + 1:
                    last[place] = first + i + 1
                    holders[place] += 1


@kernel
def hide_kmers(values, starts, sizes, table, k, hidden, letter, out):
    """Write the rows one after the other, with `letter` wherever a k-mer of four letters is hidden."""
    mask = (1 << (2 * k)) - 1
    at = 0
    for i in range(sizes.size):
        code = 0
        ready = k - 1
        done = 0
        for j in range(sizes[i]):
            value = values[starts[i] + j]
            out[at + j] = value
            if table[value] == 255:
                ready = j + k
                continue
            code = ((code << 2) | table[value]) & mask
            if j >= ready and hidden[code]:
                for place in range(max(done, j - k + 1), j + 1):
                    out[at + place] = letter
                done = j + 1
        at += sizes[i]


@kernel
def _mix(z):
    """Finish a splitmix64 step (Steele, Lea and Flood 2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def _find(parent, a):
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@kernel
def _join(parent, a, b):
    """Put two rows in one group, led by its first row (union-find, path halving)."""
    a, b = _find(parent, a), _find(parent, b)
    parent[max(a, b)] = min(a, b)


@kernel
def join_groups(parent, other):
    """Join what another grouping of the same rows joins."""
    for i in range(parent.size):
        _join(parent, i, other[i])


@kernel
def flatten(parent):
    """Name each row's group by its first row."""
    for i in range(parent.size):
        parent[i] = _find(parent, i)


@kernel
def join_holders(
    values, starts, sizes, table, width, k, complement, first, part, parts, slots, holders, parent
):
    """Join the rows that have a k-mer in common, of those k-mers that fall in this part of all.

    `slots` and `holders` are an open-addressing hash table from a code to a row that has it, of 2**n
    places, -1 where empty; `parts` is a power of two, 64 at most.
    """
    codes = np.empty(_CHUNK, np.uint64)
    mask = np.uint64(slots.size - 1)
    for i in range(sizes.size):
        row = first + i
        stop = starts[i] + sizes[i]
        for begin in range(starts[i], stop - k + 1, _CHUNK):
            end = min(begin + _CHUNK + k - 1, stop)
            n = _codes(values, begin, end, table, width, k, complement, codes)
            for j in range(n):
                code = codes[j]
                mixed = _mix(code)
                if np.int64(mixed >> np.uint64(58)) & (parts - 1) != part:
                    continue
                slot = mixed & mask
                while holders[slot] >= 0 and slots[slot] != code:
                    slot = (slot + np.uint64(1)) & mask
                if holders[slot] < 0:
                    slots[slot] = code
                    holders[slot] = row
                elif holders[slot] != row:
                    _join(parent, row, holders[slot])


@kernel
def sketch(begins, found, kmers, seed, factors, shifts, least, whole):
    """Write the MinHash sketch of each row's k-mers, and a key of the whole set.

    Hash function t of a k-mer is ``factors[t] * x + shifts[t]`` on 32 bits, x being the k-mer mixed with
    the seed; ``least[i, t]`` is its least value in row i.
    """
    for i in range(found.size):
        row = least[i]
        row[:] = np.uint32(0xFFFFFFFF)
        total = np.uint64(0)
        for j in range(begins[i], begins[i] + found[i]):
            mixed = _mix(kmers[j] ^ seed)
            total += mixed
            x = np.uint32(mixed >> np.uint64(32))
            for t in range(factors.size):
                row[t] = min(row[t], np.uint32(factors[t] * x + shifts[t]))
        whole[i] = total


@kernel
def band_keys(least, first, last, keys):
    """Write one key for the hash functions from `first` to below `last` of each row's sketch."""
    for i in range(keys.size):
        key = np.uint64(0)
        for t in range(first, last):
            key = _mix((key << np.uint64(1)) ^ np.uint64(least[i, t]) + _GOLDEN)
        keys[i] = key


@kernel
def _agree(first, second):
    count = 0
    for t in range(first.size):
        count += first[t] == second[t]
    return count


@kernel
def _alike(kmers, a, a_size, b, b_size, similarity):
    """Whether two sorted sets of k-mers have at least so much in common (Jaccard)."""
    a_end, b_end = a + a_size, b + b_size
    spare = (a_size + b_size) * (1 - similarity) / (1 + similarity) + 1
    shared = 0
    alone = 0
    while a < a_end and b < b_end and alone <= spare:
        if kmers[a] == kmers[b]:
            shared += 1
            a += 1
            b += 1
        else:
            alone += 1
            if kmers[a] < kmers[b]:
                a += 1
            else:
                b += 1
    return shared / (a_size + b_size - shared) >= similarity


@kernel
def join_alike(keys, order, rows, begins, found, kmers, least, agreed, similarity, parent):
    """Join the rows of equal keys, next to each other in `order`, whose k-mers are alike.

    Rows are compared whose sketches agree in so many hash functions. All arrays but `parent` hold the
    rows that ``rows`` numbers.
    """
    begin = 0
    while begin < order.size:
        end = begin + 1
        while end < order.size and keys[order[end]] == keys[order[begin]]:
            end += 1
        united = True  # whether all rows seen so far are in one group
        for i in range(begin + 1, end):
            a = order[i]
            if united and _find(parent, rows[a]) == _find(parent, rows[order[begin]]):
                continue
            joined = False
            for j in range(begin, i):
                b = order[j]
                if (
                    _find(parent, rows[a]) != _find(parent, rows[b])
                    and _agree(least[a], least[b]) >= agreed
                    and _alike(kmers, begins[a], found[a], begins[b], found[b], similarity)
                ):
                    _join(parent, rows[a], rows[b])
                    joined = True
                    if united:
                        break
            united = united and joined
        begin = end
