"""Kernels that find and score sites.

Sequences lie in one flat array of letters 0 to letters-1, with `letters` itself for anything else; at
least one such letter stands between sequences, so that no site reaches over an end. Score matrices have
shape (length, letters + 1): the last column, `NEVER`, is the score of an unknown letter.
"""

import numpy as np

from seqpro.kernel import kernel

NEVER = -(1 << 24)  # far below any sum of scores, far above the lowest int32


@kernel
def lay_out(values, starts, sizes, table, letters, places, out):
    """Write the letters of each row from ``places[i]`` on; `out` is all `letters` before."""
    for i in range(sizes.size):
        for j in range(sizes[i]):
            out[places[i] + j] = min(table[values[starts[i] + j]], letters)


@kernel
def index_words(flat, letters, k, offsets, words, positions):
    """Sort the positions of known letters by the word of k letters that begins there.

    An unknown letter within a word, or a place past the end, counts as letter 0: whoever uses the index
    looks at the letters themselves. The positions of word c are
    ``positions[offsets[c] : offsets[c + 1]]``, ascending.
    """
    top = letters ** (k - 1)
    offsets[:] = 0
    word = 0
    for p in range(flat.size - 1, -1, -1):
        known = flat[p] < letters
        word = word // letters + (flat[p] * top if known else 0)
        words[p] = word if known else -1
        if known:
            offsets[word] += 1
    for c in range(1, offsets.size):
        offsets[c] += offsets[c - 1]
    for p in range(flat.size - 1, -1, -1):  # moves each offset from its word's end to its start
        if words[p] >= 0:
            offsets[words[p]] -= 1
            positions[offsets[words[p]]] = p


@kernel
def _list_words(core, needed, words, scores, spare_words, spare_scores):
    """List the words of the core's length that score at least `needed[-1]`, and their scores.

    `needed[d]` is the least score of the first d + 1 letters from which the threshold can be reached. Words
    grow by a letter at a time; the results are in the first two arrays.
    """
    length = core.shape[0]
    letters = core.shape[1] - 1
    spare_words[0] = 0
    spare_scores[0] = 0
    count = 1
    for d in range(length):
        found = 0
        for i in range(count):
            for a in range(letters):
                score = spare_scores[i] + core[d, a]
                if score >= needed[d]:
                    words[found] = spare_words[i] * letters + a
                    scores[found] = score
                    found += 1
        count = found
        words, spare_words = spare_words, words
        scores, spare_scores = spare_scores, scores
    return count, spare_words, spare_scores


@kernel
def _gaps(matrix):
    """How much each position tells: its best score less its mean."""
    letters = matrix.shape[1] - 1
    gaps = np.empty(matrix.shape[0])
    for i in range(gaps.size):
        gaps[i] = matrix[i, :letters].max() - matrix[i, :letters].mean()
    return gaps


@kernel
def _choose_core(gaps, k):
    """Start of the k neighbouring positions that tell most together."""
    most = -1.0
    start = 0
    for o in range(gaps.size - k + 1):
        total = gaps[o : o + k].sum()
        if total > most:
            most = total
            start = o
    return start


@kernel
def _visiting_order(gaps, start, k):
    """The k positions from `start` on, then the others, those that tell more first."""
    left = gaps.copy()
    order = np.empty(gaps.size, np.int64)
    for j in range(gaps.size):
        order[j] = start + j if j < k else left.argmax()
        left[order[j]] = -1.0
    return order


@kernel
def _needed(matrix, order, threshold):
    """Least score after each step of `order` from which `threshold` can still be reached."""
    letters = matrix.shape[1] - 1
    needed = np.empty(order.size, np.int64)
    rest = 0
    for j in range(order.size - 1, -1, -1):
        needed[j] = threshold - rest
        rest += matrix[order[j], :letters].max()
    return needed


@kernel
def _grow(array):
    wider = np.empty(2 * array.size, array.dtype)
    wider[: array.size] = array
    return wider


@kernel
def _visit(flat, window, index, words, scores, matrix, plan, hits):
    """Add the other letters' scores at the positions of `words`; append the sites to `hits`.

    A word of the core's length stands for every word of the index that it begins.
    """
    begin, end = window
    span, offsets, positions = index
    depth, order, needed = plan
    count, at, score_of = hits
    unknown = matrix.shape[1] - 1
    for w in range(words.size):
        for j in range(offsets[words[w] * span], offsets[(words[w] + 1) * span]):
            site = positions[j] - order[0]
            if site < begin or site >= end:
                continue
            score = scores[w]
            step = depth
            while step < order.size:
                score += matrix[order[step], flat[site + order[step]]]
                if score < needed[step]:
                    break
                step += 1
            if step < order.size:
                continue
            good = True
            for step in range(depth):  # the index takes an unknown letter for letter 0
                good &= flat[site + order[step]] != unknown
            if good:
                if count == at.size:
                    at, score_of = _grow(at), _grow(score_of)
                at[count] = site
                score_of[count] = score
                count += 1
    return count, at, score_of


@kernel
def find_sites(flat, window, k, offsets, positions, matrices, lengths, thresholds):
    """Find the sites that score at least their threshold and start in `window`, a half-open range.

    Each matrix's sites are looked up: the words of its core that can be part of a site, then the positions
    of these words, where the other letters are added until the threshold is out of reach. Gives
    positions and scores, matrix after matrix, and the number of sites of each matrix.
    """
    numbers = np.zeros(lengths.size, np.int64)
    hits = (np.int64(0), np.empty(1024, np.int64), np.empty(1024, np.int32))
    size = offsets.size - 1
    words, spare_words = np.empty(size, np.int32), np.empty(size, np.int32)
    scores, spare_scores = np.empty(size, np.int32), np.empty(size, np.int32)
    for m in range(lengths.size):
        matrix = matrices[m, : lengths[m]]
        depth = min(k, lengths[m])
        gaps = _gaps(matrix)
        order = _visiting_order(gaps, _choose_core(gaps, depth), depth)
        needed = _needed(matrix, order, thresholds[m])
        found, core_words, core_scores = _list_words(
            matrix[order[0] : order[0] + depth], needed, words, scores, spare_words, spare_scores
        )
        span = (matrix.shape[1] - 1) ** (k - depth)
        hits = _visit(
            flat,
            window,
            (span, offsets, positions),
            core_words[:found],
            core_scores[:found],
            matrix,
            (depth, order, needed),
            hits,
        )
        numbers[m] = hits[0]
    count, at, score_of = hits
    numbers[1:] -= numbers[:-1].copy()
    return at[:count], score_of[:count], numbers


@kernel
def encode_words(flat, letters, k, codes):
    """Number the word of k letters at each position; ``letters ** k`` if it holds an unknown letter."""
    none = letters**k
    span = none // letters
    word = 0
    good = 0
    codes[:] = none
    for p in range(flat.size):
        if flat[p] == letters:
            word = 0
            good = 0
            continue
        word = (word % span) * letters + flat[p]
        good += 1
        if good >= k:
            codes[p - k + 1] = word


@kernel
def _word_scores(matrix, k):
    """Scores of all words of k letters in each block of k positions, and where the blocks begin.

    The last block ends with the matrix; what it shares with the one before counts there only.
    """
    length = matrix.shape[0]
    letters = matrix.shape[1] - 1
    blocks = (length + k - 1) // k
    begins = np.empty(blocks, np.int64)
    scores = np.zeros((blocks, letters**k + 1), np.int32)
    for b in range(blocks):
        begins[b] = min(b * k, length - k)
        count = 1
        for i in range(begins[b], begins[b] + k):
            for word in range(count - 1, -1, -1):
                for a in range(letters - 1, -1, -1):
                    own = matrix[i, a] if i >= b * k else 0
                    scores[b, word * letters + a] = scores[b, word] + own
            count *= letters
        scores[b, count] = NEVER
    return scores, begins


@kernel
def best_of_rows(codes, k, places, sizes, matrices, lengths, out):
    """``out[i, m]`` becomes the best score of matrix m in row i where that is higher."""
    totals = np.empty(max(sizes.max(), 1), np.int32)
    for m in range(lengths.size):
        scores, begins = _word_scores(matrices[m, : lengths[m]], k)
        for i in range(sizes.size):
            windows = sizes[i] - lengths[m] + 1
            if windows < 1:
                continue
            totals[:windows] = 0
            for b in range(begins.size):
                table = scores[b]
                words = codes[places[i] + begins[b] : places[i] + begins[b] + windows]
                for s in range(windows):
                    totals[s] += table[words[s]]
            best = out[i, m]
            for s in range(windows):
                best = max(best, totals[s])
            out[i, m] = best


@kernel
def track_of_rows(flat, places, sizes, matrices, lengths, out):
    """``out[i, j]`` becomes the best score of a site that covers position j of row i where that is higher."""
    for m in range(lengths.size):
        length = lengths[m]
        for i in range(sizes.size):
            for s in range(sizes[i] - length + 1):
                score = 0
                for j in range(length):
                    score += matrices[m, j, flat[places[i] + s + j]]
                for j in range(s, s + length):
                    out[i, j] = max(out[i, j], score)
