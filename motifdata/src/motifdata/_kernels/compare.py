"""Kernels that compare one query with all targets and say how likely each match is by chance.

Columns are compared by whole levels of distance. A column's similarity is the median level over all target
columns less its level, so that a query column that meets no target column counts 0. So does one that meets
a target column without information.
"""

import numpy as np

from seqpro.kernel import kernel

NEVER = 1 << 30  # above any score
BLOCK = 1 << 10  # target columns at a time: they fit the L1 cache


@kernel
def _levels(query, targets, width):
    """Distance of each query column to each target column in steps of `width`, shape (length, columns).

    `query` has shape (length, letters), `targets` (letters, columns).
    """
    columns = targets.shape[1]
    levels = np.empty((query.shape[0], columns), np.uint8)
    total = np.empty(BLOCK, np.float32)
    scale, half = np.float32(1 / width), np.float32(0.5)
    for first in range(0, columns, BLOCK):
        for i in range(query.shape[0]):
            row = levels[i, first : first + BLOCK]
            total[:] = 0.0
            for a in range(query.shape[1]):
                block, own = targets[a, first : first + BLOCK], query[i, a]
                for t in range(row.size):
                    gap = own - block[t]
                    total[t] += gap * gap
            for t in range(row.size):
                row[t] = np.uint8(np.sqrt(total[t]) * scale + half)
    return levels


@kernel
def _count(row, silent, counts, spare):
    """Add to `counts` how many columns of a row are at each level, but for the silent ones."""
    spare[:] = 0
    middle = row.size // 2
    for t in range(middle):  # two places to count in: additions to one place wait for each other
        counts[row[t]] += 1
        spare[row[middle + t]] += 1
    for t in range(2 * middle, row.size):
        counts[row[t]] += 1
    for t in silent:
        counts[row[t]] -= 1
    counts += spare


@kernel
def _chances(forward, backward, silent, levels):
    """Share of informative target columns at each level from each query column, (length, levels).

    The targets count as they are and, where `backward` has rows, as their reverse complements too: a column
    is as far from these as its complement, a row of `backward`, is from the targets.
    """
    length, columns = forward.shape
    counts, spare = np.zeros((length, levels), np.int64), np.zeros(levels, np.int64)
    for i in range(length):
        _count(forward[i], silent, counts[i], spare)
        if backward.shape[0]:
            _count(backward[length - 1 - i], silent, counts[i], spare)
    return counts / ((columns - silent.size) * (2 if backward.shape[0] else 1))


@kernel
def _medians(chances):
    """Lowest level at or below which half of the columns are, for each query column."""
    medians = np.empty(chances.shape[0], np.int64)
    for i in range(medians.size):
        level = 0
        below = chances[i, 0]
        while below < 0.5 - 1e-12:
            level += 1
            below += chances[i, level]
        medians[i] = level
    return medians


@kernel
def _silence(forward, backward, chances, medians, silent):
    """Move target columns without information to the median, where they count 0."""
    length, columns = forward.shape
    share = 1 - silent.size / columns
    for i in range(length):
        for t in silent:
            forward[i, t] = medians[i]
            if backward.shape[0]:
                backward[length - 1 - i, t] = medians[i]
        chances[i] *= share
        chances[i, medians[i]] += 1 - share


@kernel
def _add_four(source, weights, target):
    """Add ``weights[i] * source[x + 3 - i]`` for i from 0 to 3, in one pass over the target."""
    first, second, third, fourth = weights[0], weights[1], weights[2], weights[3]
    now, one, two, three = source[3:], source[2:], source[1:], source[0:]
    for x in range(target.size):
        target[x] += (first * now[x] + second * one[x]) + (third * two[x] + fourth * three[x])


@kernel
def _add_column(source, chances, padded, target):
    """Distribution of a sum with one more independent column, as far as `target` goes.

    The number of chances is a multiple of 4, and `padded` is room for the source between that many zeros.
    """
    levels = chances.size
    padded[:levels] = 0.0
    padded[levels : levels + source.size] = source
    padded[levels + source.size : levels + target.size] = 0.0
    target[:] = 0.0
    for level in range(0, min(levels, target.size), 4):
        weights = chances[level : level + 4]
        if weights[0] + weights[1] + weights[2] + weights[3] > 0:
            _add_four(padded[levels - level - 3 :], weights, target)


@kernel
def _lay_runs(sums, inner, edge, step):
    """Where the runs of query columns [i, j) that are needed begin in a flat array, and their sizes.

    ``inner[k]`` is the least score asked of a run of k columns that touches no end of the query, and
    ``edge[k]`` of one that does; `NEVER` if none is. A run's sum of levels matters up to its medians' sum
    less that score, and so do the sums of the runs that it grows from.
    """
    length = sums.size - 1
    firsts = np.zeros((length + 1, length + 1), np.int64)
    sizes = np.zeros((length + 1, length + 1), np.int64)
    total = 0
    to_end = 0
    for i in range(length):
        last = i
        most = 0
        for j in range(i + 1, length):
            least = inner[j - i] if i else edge[j]
            if least < NEVER:
                last = j
                most = max(most, sums[j] - sums[i] - least)
        to_end = max(to_end, sums[length] - sums[i] - edge[length - i])
        for j in range(i + 1, length + 1):
            if j <= last or j == length:
                firsts[i, j] = total
                sizes[i, j] = min((j - i) * step, to_end if j == length else most) + 1
                total += sizes[i, j]
    return firsts, sizes, total


@kernel
def _run_tails(chances, sums, inner, edge):
    """P(sum of levels <= x) for runs of query columns [i, j), at ``tails[firsts[i, j] + x]``.

    x goes up to ``sizes[i, j] - 1``. Runs up to the query's end grow to the left, others to the right.
    """
    length, levels = chances.shape
    firsts, sizes, total = _lay_runs(sums, inner, edge, levels - 1)
    tails, padded = np.empty(total), np.empty(levels + sizes.max())
    for i in range(length - 1, -1, -1):
        for j in range(i + 1, length + 1):
            target = tails[firsts[i, j] : firsts[i, j] + sizes[i, j]]
            if j == i + 1:
                target[:] = chances[i, : target.size]
            elif j == length:
                shorter = firsts[i + 1, j]
                _add_column(tails[shorter : shorter + sizes[i + 1, j]], chances[i], padded, target)
            elif sizes[i, j]:
                shorter = firsts[i, j - 1]
                _add_column(
                    tails[shorter : shorter + sizes[i, j - 1]], chances[j - 1], padded, target
                )
    for i in range(length):
        for j in range(i + 1, length + 1):
            for x in range(firsts[i, j] + 1, firsts[i, j] + sizes[i, j]):
                tails[x] += tails[x - 1]
    return tails, firsts, sizes


@kernel
def _highest(totals, length, wide, least):
    """Highest total of an alignment with `least` columns in common, and its offset; the first of equals."""
    best = least - 1
    for place in range(least, length + wide - least):
        if totals[place] > totals[best]:
            best = place
    return totals[best], best - length + 1


@kernel
def _add_alignments(forward, backward, medians, first, wide, plus, minus):
    """Score every offset of the query, and of its reverse complement, over one target of `wide` columns.

    The offset is the target column under the query's first column; its total is at length - 1 + offset.
    """
    length = forward.shape[0]
    plus[: length + wide - 1] = 0
    minus[: length + wide - 1] = 0
    for i in range(length):
        place = length - 1 - i
        own, turned = plus[place : place + wide], minus[place : place + wide]
        row, turned_row = forward[i, first : first + wide], backward[i, first : first + wide]
        middle, turned_middle = np.int32(medians[i]), np.int32(medians[place])
        for t in range(wide):
            own[t] += middle - np.int32(row[t])
            turned[t] += turned_middle - np.int32(turned_row[t])


@kernel
def align_query(query, reverse, columns, silent, bounds, min_overlap, width):
    """Best alignment of one query with each target: offset, strand (1 for minus) and score.

    `query` has shape (length, letters); `reverse` is its reverse complement, or has no rows if only one
    strand counts. Target t is ``columns[:, bounds[t] : bounds[t + 1]]``; the columns whose numbers are in
    `silent` count nothing. Scores are in levels of `width`.
    Gives also what `chances_of_best` needs: each query column's chance of each level, and its median.
    """
    length = query.shape[0]
    both = reverse.shape[0] > 0
    targets = bounds.size - 1
    forward, backward = _levels(query, columns, width), _levels(reverse, columns, width)
    chances = _chances(
        forward,
        backward,
        silent,
        max(forward.max(), backward.max() if both else 0) // 4 * 4 + 4,
    )
    medians = _medians(chances)
    _silence(forward, backward, chances, medians, silent)
    offsets, strands = np.empty(targets, np.int64), np.zeros(targets, np.int64)
    scores = np.empty(targets, np.int64)
    room = length + columns.shape[1]
    plus, minus = np.empty(room, np.int32), np.empty(room, np.int32)
    for t in range(targets):
        wide = bounds[t + 1] - bounds[t]
        least = min(min_overlap, length, wide)
        turned = backward if both else forward  # then `minus` holds nothing of meaning
        _add_alignments(forward, turned, medians, bounds[t], wide, plus, minus)
        scores[t], offsets[t] = _highest(plus, length, wide, least)
        if both:
            score, offset = _highest(minus, length, wide, least)
            if score > scores[t]:
                scores[t], offsets[t], strands[t] = score, offset, 1
    return offsets, strands, scores, chances, medians


@kernel
def _chance_of_best(runs, sums, wide, least, score):
    """Chance that one of all alignments with a target of `wide` columns scores at least as high."""
    tails, firsts, sizes = runs
    length = sums.size - 1
    chance = 0.0
    for offset in range(least - length, wide - least + 1):
        i = max(0, -offset)
        j = min(length, wide - offset)
        level = min(sums[j] - sums[i] - score, sizes[i, j] - 1)
        if level >= 0:
            own = min(tails[firsts[i, j] + level], 1.0)
            chance += own - chance * own  # either of two independent events
    return chance


@kernel
def chances_of_best(chances, medians, wides, scores, min_overlap, both):
    """Chance that the best alignment with a random target of `wides` columns scores at least `scores`."""
    length = medians.size
    inner, edge = np.full(length + 1, NEVER), np.full(length + 1, NEVER)
    for t in range(wides.size):
        if wides[t] < length:
            inner[wides[t]] = min(inner[wides[t]], scores[t])
        touching = min(wides[t], length)
        edge[touching] = min(edge[touching], scores[t])
    for k in range(length - 1, -1, -1):
        edge[k] = min(edge[k], edge[k + 1])
    sums = np.zeros(length + 1, np.int64)
    sums[1:] = np.cumsum(medians)
    runs = _run_tails(chances, sums, inner, edge)
    pvalues = np.empty(wides.size)
    for t in range(wides.size):
        least = min(min_overlap, length, wides[t])
        chance = _chance_of_best(runs, sums, wides[t], least, scores[t])
        pvalues[t] = chance * (2 - chance) if both else chance
    return pvalues
