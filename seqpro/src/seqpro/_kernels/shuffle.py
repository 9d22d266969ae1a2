"""Kernel that shuffles sequences and keeps their counts of k-lets.

A sequence is a walk: its (k-1)-lets are the nodes, and each of its k-lets is an exit from one node to the
next. The sequences with the same k-lets and ends are the walks that take every exit once. To draw one of
them uniformly, draw the last exit of every node but the final one, as a uniform random tree towards the
final node (Wilson 1996), and take each node's other exits in random order before it (Kandel, Matias, Unger
and Winkler 1996).

Exits by the same letter are alike. Rows of at most four letters therefore need only the counts of their
k-lets, as long as the possible nodes are not more than the letters of the row. Other rows have their exits
listed. Each row has a generator of its own, seeded by the row's number, so that rows do not depend on
threads, on blocks or on other rows. Rows have fewer than 2**31 letters.
"""

import numpy as np

from seqpro.kernel import kernel

_LETTERS = 4  # letters of a row with counted exits; as a code, it stands for all other bytes
_LANES = 4  # rows walked in turns: the processor works on one while another waits for its memory
_CHUNK = 512  # positions for which random bits are drawn ahead

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ONE, _TWO, _THREE, _HALF = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)  # the lower half of a word
_ONES = np.uint64(0x00000001_00000001)  # 1 in both halves
_FLAGS = np.uint64(0x80000000_80000000)  # the highest bit of both halves
_FLAG = np.uint64(31)  # its place in a half


@kernel
def _mix(z):
    """Finish a splitmix64 step (Steele, Lea and Flood 2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def _row_state(seed, row):
    """Seed a row's generator."""
    return _mix(seed ^ _mix(row + _GOLDEN))


@kernel
def _below(bits, bound, spare):
    """Turn 32 random bits into a number below `bound`, exactly uniform (Lemire 2019); 0 if that is 0.

    Bits that would make some numbers likelier than others are replaced from a generator seeded by `spare`.
    """
    product = bits * bound
    if (product & _LOWER) < bound:
        threshold = (_LOWER + _ONE - bound) % bound
        spare = _mix(spare)
        while (product & _LOWER) < threshold:
            spare += _GOLDEN
            product = (_mix(spare) >> _HALF) * bound
    return product >> _HALF


@kernel
def _permute(state, out):
    """Shuffle the letters of `out` in place (Fisher and Yates)."""
    for j in range(out.size - 1, 0, -1):
        i = np.uint64(j)
        state += _GOLDEN
        pick = _below(_mix(state) >> _HALF, i + _ONE, state)
        out[i], out[pick] = out[pick], out[i]


# Counted exits: a node is the number that its letters' codes make, two bits each; `lane` is a place for a row


@kernel
def _lane_space(nodes):
    """Allocate what the walks of `_LANES` rows need."""
    states, at = np.empty(_LANES, np.uint64), np.empty(_LANES, np.uint64)
    ends, targets = np.zeros(_LANES, np.int64), np.empty(_LANES, np.int64)
    letters = np.empty((_LANES, _LETTERS), np.uint8)
    last = np.empty((_LANES, nodes), np.uint8)
    low, high = np.empty((_LANES, nodes), np.uint64), np.empty((_LANES, nodes), np.uint64)
    bits = np.empty((_LANES, _CHUNK), np.uint32)
    return states, at, ends, targets, letters, last, low, high, bits


@kernel
def _number_letters(row, codes, letters):
    """Give the row's letters codes in the order of bytes; return False if they are more than four."""
    codes[:] = 0
    found = 0
    for i in range(row.size):
        if codes[row[i]] == 0:
            codes[row[i]] = 1
            found += 1
            if found > _LETTERS:
                codes[:] = _LETTERS
                return False
    code = 0
    for byte in range(codes.size):
        if codes[byte]:
            letters[code] = byte
            codes[byte] = code
            code += 1
        else:
            codes[byte] = _LETTERS
    return True


@kernel
def _count_klets(row, k, codes, counts):
    """Count the k-lets; return the first and the last node, and whether all letters have a code."""
    mask = np.uint64(counts.size - 1)
    counts[:] = 0
    klet = np.uint64(0)
    seen = np.uint64(0)
    for i in range(k - 1):
        code = np.uint64(codes[row[i]])
        seen |= code
        klet = ((klet << _TWO) | code) & mask
    first = klet
    for i in range(k - 1, row.size):
        code = np.uint64(codes[row[i]])
        seen |= code
        klet = ((klet << _TWO) | code) & mask
        counts[klet] += 1
    return first & (mask >> _TWO), klet & (mask >> _TWO), seen < np.uint64(_LETTERS)


@kernel
def _draw_last_letters(state, lane, final, counts, totals, in_tree, last):
    """Draw the letter of each node's last exit by loop-erased random walks to the final node."""
    mask = np.uint64(totals.size - 1)
    for i in range(totals.size):
        totals[i] = counts[4 * i] + counts[4 * i + 1] + counts[4 * i + 2] + counts[4 * i + 3]
        in_tree[i] = totals[i] == 0
    in_tree[final] = True
    last[lane, final] = 0
    for i in range(totals.size):
        node = np.uint64(i)
        while not in_tree[node]:
            state += _GOLDEN
            draw = _below(_mix(state) >> _HALF, np.uint64(totals[node]), state)
            exits = node << _TWO
            one = np.uint64(counts[exits])
            two = one + np.uint64(counts[exits + _ONE])
            three = two + np.uint64(counts[exits + _TWO])
            code = np.uint64(draw >= one) + np.uint64(draw >= two) + np.uint64(draw >= three)
            last[lane, node] = code
            node = (exits | code) & mask
        node = np.uint64(i)
        while not in_tree[node]:
            in_tree[node] = True
            node = ((node << _TWO) | np.uint64(last[lane, node])) & mask
    return state


@kernel
def _pack_exits(lane, final, counts, totals, last, low, high):
    """Pack each node's counts of exits into two words, as four sums.

    The letters are in a cycle that begins with that of the last exit. The sums are the exits by all four,
    by the last three, two and one of them. A half word holds a sum plus 2**31 - 1, so that its highest bit
    says whether the sum is greater than the number that is subtracted.
    """
    totals[final] += 1  # as if the final node had a last exit too
    for i in range(totals.size):
        node = np.uint64(i)
        exits = node << _TWO
        code = np.uint64(last[lane, node])
        one = np.uint64(counts[exits | ((code + _THREE) & _THREE)])
        two = one + np.uint64(counts[exits | ((code + _TWO) & _THREE)])
        three = two + np.uint64(counts[exits | ((code + _ONE) & _THREE)])
        low[lane, node] = (np.uint64(totals[node]) | three << _HALF) + _FLAGS - _ONES
        high[lane, node] = (two | one << _HALF) + _FLAGS - _ONES


@kernel
def _take_exit(low, high, last, bits, spare):
    """Draw one of a node's exits, the last one only if no other is left; return the sums without it."""
    others = low & (_LOWER >> _ONE)
    draw = _below(bits, others, spare) * _ONES
    off_low = ((low - draw) & _FLAGS) >> _FLAG
    off_high = ((high - draw) & _FLAGS) >> _FLAG
    greater = off_low + off_high  # in two halves: how many sums are greater than the draw
    code = (last + greater + (greater >> _HALF) - _ONE) & _THREE
    return low - off_low, high - off_high, code


@kernel
def _draw_bits(states, ends, start, stop, bits):
    """Draw the random bits for positions from `start` to `stop`, two positions to a word."""
    for lane in range(_LANES):
        if start < ends[lane]:
            state = states[lane] + np.uint64(start) * _GOLDEN
            for i in range((stop - start + 1) // 2):
                word = _mix(state + np.uint64(i) * _GOLDEN)
                bits[lane, 2 * i] = word >> _HALF
                bits[lane, 2 * i + 1] = word & _LOWER


@kernel
def _walk_lanes(begin, lanes, out):
    """Walk the lanes' rows from position `begin` to their ends, one step in each lane in turn."""
    states, at, ends, targets, letters, last, low, high, bits = lanes
    mask = np.uint64(low.shape[1] - 1)
    longest = ends.max()
    for start in range(begin, longest, _CHUNK):
        stop = min(longest, start + _CHUNK)
        _draw_bits(states, ends, start, stop, bits)
        for i in range(start, stop):
            for lane in range(_LANES):
                if i < ends[lane]:
                    node = at[lane]
                    low[lane, node], high[lane, node], code = _take_exit(
                        low[lane, node],
                        high[lane, node],
                        np.uint64(last[lane, node]),
                        np.uint64(bits[lane, i - start]),
                        states[lane] + np.uint64(i),
                    )
                    at[lane] = ((node << _TWO) | code) & mask
                    out[np.uint64(targets[lane] + i)] = letters[lane, code]
    ends[:] = 0


# Listed exits: nodes are numbered in the order of first sight


@kernel
def _list_space(longest):
    """Allocate what the walk of one row needs."""
    words, table = np.empty(longest, np.uint64), np.empty(8 * longest + 16, np.uint32)
    nodes, first_seen = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    first, left = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    exits, in_tree = np.empty(longest, np.uint32), np.empty(longest, np.bool_)
    return words, table, nodes, first_seen, first, left, exits, in_tree


@kernel
def _number(words, count, table, nodes, first_seen):
    """Number different words in the order of first sight, by an open-addressing hash table."""
    log = 4
    while (1 << log) < 4 * count:
        log += 1
    shift, mask = np.uint64(64 - log), np.uint64((1 << log) - 1)
    table[: 1 << log] = 0
    found = 0
    for i in range(count):
        slot = _mix(words[i]) >> shift
        seen = np.uint64(table[slot])  # a position plus one; 0 is an empty slot
        while seen and words[seen - _ONE] != words[i]:
            slot = (slot + _ONE) & mask
            seen = np.uint64(table[slot])
        if seen:
            nodes[i] = nodes[seen - _ONE]
        else:
            table[slot] = i + 1
            nodes[i] = found
            first_seen[found] = i
            found += 1
    return found


@kernel
def _number_nodes(row, width, words, table, nodes, first_seen):
    """Number the row's words of `width` letters: those of up to eight, then pairs that make longer ones."""
    done = min(width, 8)
    count = row.size - done + 1
    shift = np.uint64(64 - 8 * done)
    word = np.uint64(0)
    for i in range(row.size):
        word = (word << np.uint64(8)) | np.uint64(row[i])
        if i >= done - 1:
            words[i - done + 1] = word << shift
    found = _number(words, count, table, nodes, first_seen)
    while done < width:
        step = min(done, width - done)
        done += step
        count -= step
        for i in range(count):
            words[i] = (np.uint64(nodes[i]) << _HALF) | np.uint64(nodes[i + step])
        found = _number(words, count, table, nodes, first_seen)
    return found


@kernel
def _list_exits(nodes, count, found, first, left, exits):
    """List the nodes that follow each node: `left[node]` of them, from `exits[first[node]]` on."""
    left[:found] = 0
    for i in range(count):
        left[nodes[i]] += 1
    place = 0
    for node in range(found):
        first[node] = place
        place += left[node]
        left[node] = 0
    left[nodes[count - 1]] = 1  # a place as if the final node had a last exit too
    for i in range(count - 1):
        node = nodes[i]
        exits[first[node] + left[node]] = nodes[i + 1]
        left[node] += 1


@kernel
def _draw_last_exits(state, final, found, first, left, exits, in_tree):
    """Draw each node's last exit by loop-erased random walks to the final node; put it in front."""
    in_tree[:found] = False
    in_tree[final] = True
    for start in range(found):
        node = np.uint64(start)
        while not in_tree[node]:
            state += _GOLDEN
            front = np.uint64(first[node])
            pick = front + _below(_mix(state) >> _HALF, np.uint64(left[node]), state)
            follower = exits[pick]
            exits[pick] = exits[front]
            exits[front] = follower
            node = np.uint64(follower)
        node = np.uint64(start)
        while not in_tree[node]:
            in_tree[node] = True
            node = np.uint64(exits[first[node]])
    return state


@kernel
def _walk_listed(state, node, row, k, first, left, exits, first_seen, out):
    """Walk a row: leave each node by a random exit that is not in front, by the front one at last."""
    for i in range(k - 1, row.size):
        state += _GOLDEN
        others = np.uint64(left[node]) - _ONE
        front = np.uint64(first[node])
        pick = front + np.uint64(others > 0) + _below(_mix(state) >> _HALF, others, state)
        left[node] = others
        node = exits[pick]
        exits[pick] = exits[front + others]
        out[i] = row[np.uint64(first_seen[node]) + np.uint64(k - 2)]


@kernel
def _shuffle_listed(state, row, k, lists, out):
    """Shuffle a row of any letters."""
    words, table, nodes, first_seen, first, left, exits, in_tree = lists
    count = row.size - k + 2
    found = _number_nodes(row, k - 1, words, table, nodes, first_seen)
    _list_exits(nodes, count, found, first, left, exits)
    state = _draw_last_exits(state, nodes[count - 1], found, first, left, exits, in_tree)
    _walk_listed(state, nodes[0], row, k, first, left, exits, first_seen, out)


@kernel
def _node_count(k, longest):
    """Count the (k-1)-lets of four letters; return 0 if they are more than `longest`, or for k = 1."""
    count = 1
    for _ in range(k - 1):
        count *= _LETTERS
        if count > longest:
            return 0
    return count if k > 1 else 0


@kernel
def shuffle_klets(values, starts, sizes, k, seed, rows, out_starts, out):
    """Shuffle rows, keeping each row's counts of k-lets and its first and last (k-1)-let.

    Row i is ``values[starts[i] : starts[i] + sizes[i]]`` and is written from ``out[out_starts[i]]`` on;
    its generator is seeded by the number ``rows[i]``.
    """
    longest = np.int64(0)
    for i in range(sizes.size):
        longest = max(longest, sizes[i])
    node_count = _node_count(k, longest)
    codes, row_letters = np.full(256, _LETTERS, np.uint8), np.empty(_LETTERS, np.uint8)
    counts, totals = np.empty(_LETTERS * node_count, np.uint32), np.empty(node_count, np.uint32)
    in_tree = np.empty(node_count, np.bool_)
    lanes = _lane_space(node_count)
    states, at, ends, targets, letters, last, low, high, _ = lanes
    lists = _list_space(longest if k > 1 else 0)
    lane = np.int64(0)
    for i in range(sizes.size):
        row = values[starts[i] : starts[i] + sizes[i]]
        target = out[out_starts[i] : out_starts[i] + sizes[i]]
        state = _row_state(seed, rows[i])
        for j in range(row.size):
            target[j] = row[j]
        if row.size <= k:
            continue
        if k == 1:
            _permute(state, target)
            continue
        counted = 0 < node_count <= row.size
        if counted:
            at[lane], final, counted = _count_klets(row, k, codes, counts)
            if not counted and _number_letters(row, codes, row_letters):
                at[lane], final, counted = _count_klets(row, k, codes, counts)
        if not counted:
            _shuffle_listed(state, row, k, lists, target)
            continue
        states[lane] = _draw_last_letters(state, lane, final, counts, totals, in_tree, last)
        _pack_exits(lane, final, counts, totals, last, low, high)
        ends[lane], targets[lane] = row.size, out_starts[i]
        for j in range(_LETTERS):
            letters[lane, j] = row_letters[j]
        lane += 1
        if lane == _LANES:
            _walk_lanes(k - 1, lanes, out)
            lane = np.int64(0)
    _walk_lanes(k - 1, lanes, out)
