"""Kernels that draw random numbers: shuffles and samples.

Each row has a generator of its own, seeded by the row's number, so that rows do not depend on threads,
on blocks or on how many rows there are.
"""

import numpy as np

from seqpro.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@kernel
def _mix(z):
    """Finish a splitmix64 step (Steele, Lea and Flood 2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def _row_state(seed, row):
    return _mix(seed ^ _mix(np.uint64(row) + _GOLDEN))


@kernel
def _below(state, bound):
    """Draw a whole number below `bound` (at most 2**32), exactly uniform (Lemire 2019)."""
    bound = np.uint64(bound)
    threshold = (np.uint64(1 << 32) - bound) % bound
    while True:
        state = state + _GOLDEN
        product = (_mix(state) >> np.uint64(32)) * bound
        if (product & np.uint64(0xFFFFFFFF)) >= threshold:
            return state, np.int64(product >> np.uint64(32))


@kernel
def sample(letters, thresholds, seed, first_row, out):
    """Fill rows of `out` with letters; `thresholds` are cumulative weights on the scale of 2**53."""
    n, length = out.shape
    last = letters.size - 1
    for i in range(n):
        state = _row_state(seed, first_row + i)
        for j in range(length):
            state = state + _GOLDEN
            draw = _mix(state) >> np.uint64(11)
            a = 0
            while a < last and draw >= thresholds[a]:
                a += 1
            out[i, j] = letters[a]


@kernel
def _intern(nodes, symbols, count, alphabet, table, keys, out):
    """Number the pairs (node, symbol) of neighbouring positions in order of first sight.

    `table` and `keys` are an open-addressing hash table whose size is a power of two.
    """
    mask = np.uint64(table.size - 1)
    table[:] = -1
    found = 0
    for i in range(count):
        key = np.int64(nodes[i]) * alphabet + symbols[i]
        slot = _mix(np.uint64(key) + _GOLDEN) & mask
        while table[slot] >= 0 and keys[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        if table[slot] < 0:
            table[slot] = found
            keys[slot] = key
            found += 1
        out[i] = table[slot]
    return found


@kernel
def _shuffle_row(row, k, state, nodes, symbols, table, keys, first, edges, used, last_edge, out):
    """Write one random sequence with the k-let counts of `row`, all such sequences equally likely.

    Nodes are the (k-1)-lets, edges the k-lets. A uniform random tree of last exits towards the final
    node (Wilson 1996), then a uniform order of each node's other exits, make a uniform random Euler
    path (Kandel et al. 1996).
    """
    length = row.size
    count = length - k + 2  # number of (k-1)-lets
    seen = np.full(256, -1, np.int64)
    alphabet = 0
    for i in range(length):
        if seen[row[i]] < 0:
            seen[row[i]] = alphabet
            alphabet += 1
        symbols[i] = seen[row[i]]
    for i in range(length):
        nodes[i] = symbols[i]
    found = alphabet
    for extra in range(1, k - 1):
        found = _intern(
            nodes, symbols[extra:], length - extra, np.int64(alphabet), table, keys, nodes
        )
    # first[v] : first[v + 1] are the places of v's exits in `edges`; an exit is a position of `row`
    first[: found + 1] = 0
    for i in range(count - 1):
        first[nodes[i] + 1] += 1
    for v in range(found):
        first[v + 1] += first[v]
        used[v] = first[v]
    for i in range(count - 1):
        v = nodes[i]
        edges[used[v]] = i
        used[v] += 1
    # tree of last exits: loop-erased random walks towards the final node
    root = nodes[count - 1]
    for v in range(found):
        used[v] = 0
    used[root] = 1
    for start in range(found):
        v = start
        while used[v] == 0:
            state, pick = _below(state, first[v + 1] - first[v])
            last_edge[v] = first[v] + pick
            v = nodes[edges[last_edge[v]] + 1]
        v = start
        while used[v] == 0:
            used[v] = 1
            v = nodes[edges[last_edge[v]] + 1]
    # each node's exits: the tree exit last, the others in random order before it
    for v in range(found):
        low, high = first[v], first[v + 1]
        if v != root:
            high -= 1
            edges[last_edge[v]], edges[high] = edges[high], edges[last_edge[v]]
        for i in range(high - 1, low, -1):
            state, pick = _below(state, i - low + 1)
            edges[i], edges[low + pick] = edges[low + pick], edges[i]
        used[v] = low
    v = nodes[0]
    for j in range(k - 1):
        out[j] = row[j]
    for j in range(k - 1, length):
        i = edges[used[v]]
        used[v] += 1
        out[j] = row[i + k - 1]
        v = nodes[i + 1]


@kernel
def shuffle_klets(values, starts, sizes, k, seed, first_row, out_starts, out):
    """Shuffle rows, keeping each row's counts of k-lets and its first and last (k-1)-let."""
    longest = 0
    for i in range(sizes.size):
        longest = max(longest, sizes[i])
    slots = 16
    while slots < 2 * longest:
        slots *= 2
    nodes = np.empty(longest, np.int64)
    symbols = np.empty(longest, np.int64)
    table = np.empty(slots if k > 2 else 1, np.int64)
    keys = np.empty(slots if k > 2 else 1, np.int64)
    first = np.empty(longest + 2, np.int64)
    edges = np.empty(longest + 1, np.int64)
    used = np.empty(longest + 1, np.int64)
    last_edge = np.empty(longest + 1, np.int64)
    for i in range(sizes.size):
        row = values[starts[i] : starts[i] + sizes[i]]
        target = out[out_starts[i] : out_starts[i] + sizes[i]]
        state = _row_state(seed, first_row + i)
        if sizes[i] <= k:
            target[:] = row
        elif k == 1:
            target[:] = row
            for j in range(sizes[i] - 1, 0, -1):
                state, pick = _below(state, j + 1)
                target[j], target[pick] = target[pick], target[j]
        else:
            _shuffle_row(
                row, k, state, nodes, symbols, table, keys, first, edges, used, last_edge, target
            )
