"""Kernels on rows of bytes: copy, pad and hash them.

A row is `sizes[i]` places from `starts[i]`; a place is `width` bytes of the flat `values`.
"""

import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic

from seqpro.kernel import kernel

_PRIME_1 = np.uint64(0x9E3779B185EBCA87)
_PRIME_2 = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME_3 = np.uint64(0x165667B19E3779F9)
_PRIME_4 = np.uint64(0x85EBCA77C2B2AE63)
_PRIME_5 = np.uint64(0x27D4EB2F165667C5)
_ZERO = np.uint64(0)


@intrinsic
def _copy(_context, out, target, values, source, count):  # noqa: ARG001
    """Copy `count` bytes with memcpy: numba's own loop takes three times as long for short rows."""

    def generate(context, builder, _signature, arguments):
        to, target, of, source, count = arguments
        place = builder.gep(context.make_array(out)(context, builder, to).data, [target])
        data = builder.gep(context.make_array(values)(context, builder, of).data, [source])
        cgutils.raw_memcpy(builder, place, data, count, 1)
        return context.get_dummy_value()

    return types.void(out, types.intp, values, types.intp, types.intp), generate


@kernel
def copy_rows(values, starts, sizes, width, places, out):
    """Copy row i to place `places[i]` of the flat `out`."""
    for i in range(sizes.size):
        _copy(out, places[i] * width, values, starts[i] * width, sizes[i] * width)


@kernel
def copy_into_lines(values, starts, sizes, width, length, side, truncate, out):
    """Copy row i into line i, `length` places of the flat `out`; the rest of a line stays as it is.

    `side` and `truncate` are the halves of the spare (or excess) places that lie on the left.
    """
    for i in range(sizes.size):
        spare = length - sizes[i]
        target = i * length + max(spare, 0) * side // 2
        source = starts[i] + max(-spare, 0) * truncate // 2
        _copy(out, target * width, values, source * width, min(sizes[i], length) * width)


@kernel
def _turn(x, bits):
    return (x << np.uint64(bits)) | (x >> np.uint64(64 - bits))


@kernel
def _word(values, start, count):
    """Read `count` bytes as a little-endian whole number."""
    word = _ZERO
    for j in range(np.uint64(count)):
        word |= np.uint64(values[np.uint64(start) + j]) << (np.uint64(8) * j)
    return word


@kernel
def _round(state, word):
    return _turn(state + word * _PRIME_2, 31) * _PRIME_1


@kernel
def _merge(state, lane):
    return (state ^ _round(_ZERO, lane)) * _PRIME_1 + _PRIME_4


@kernel
def _stripes(values, start, count, seed):
    """Mix `count` stripes of 32 bytes in four lanes."""
    a, b, c, d = seed + _PRIME_1 + _PRIME_2, seed + _PRIME_2, seed, seed - _PRIME_1
    for i in range(count):
        at = start + 32 * i
        a = _round(a, _word(values, at, 8))
        b = _round(b, _word(values, at + 8, 8))
        c = _round(c, _word(values, at + 16, 8))
        d = _round(d, _word(values, at + 24, 8))
    state = _turn(a, 1) + _turn(b, 7) + _turn(c, 12) + _turn(d, 18)
    return _merge(_merge(_merge(_merge(state, a), b), c), d)


@kernel
def hash_rows(values, starts, sizes, width, seed, out):
    """Write the XXH64 of each row's bytes (Collet, xxHash specification)."""
    for i in range(sizes.size):
        at = starts[i] * width
        end = at + sizes[i] * width
        whole = (end - at) // 32
        state = _stripes(values, at, whole, seed) if whole else seed + _PRIME_5
        state += np.uint64(end - at)
        at += 32 * whole
        while at + 8 <= end:
            state = _turn(state ^ _round(_ZERO, _word(values, at, 8)), 27) * _PRIME_1 + _PRIME_4
            at += 8
        if at + 4 <= end:
            state = _turn(state ^ (_word(values, at, 4) * _PRIME_1), 23) * _PRIME_2 + _PRIME_3
            at += 4
        while at < end:
            state = _turn(state ^ (np.uint64(values[at]) * _PRIME_5), 11) * _PRIME_1
            at += 1
        state = (state ^ (state >> np.uint64(33))) * _PRIME_2
        state = (state ^ (state >> np.uint64(29))) * _PRIME_3
        out[i] = state ^ (state >> np.uint64(32))
