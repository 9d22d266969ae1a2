"""Blocks of compressed bytes: what damage would be read as data, and what whole files would be refused."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqdata.readers.compressed import bgzip, blocks_from, inflate

CONTENT = b"ACGTTGCA" * 20 + bytes(range(200))
FRAMES = {"gzip": (bgzip(CONTENT)[:-28], 31), "zlib": (zlib.compress(CONTENT), 15)}


def found(packed: bytes, frame: str) -> bytes | None:
    try:
        return inflate(packed, room=len(CONTENT), is_gzip=frame == "gzip")
    except ValueError:
        return None


def blocks_of_file(path: Path, place: int) -> list[bytes]:
    with path.open("rb") as stream:
        return list(blocks_from(stream, place))


@pytest.mark.parametrize("frame", FRAMES)
def test_no_flipped_bit_gives_other_bytes(frame: str) -> None:
    """Bits that do not count, such as a header's time, may flip; what zlib reads, this reads too."""
    packed, wbits = FRAMES[frame]
    for bit in range(8 * len(packed)):
        changed = bytearray(packed)
        changed[bit // 8] ^= 1 << bit % 8
        answer = found(bytes(changed), frame)
        assert answer in (None, CONTENT), bit
        if answer is None:
            with pytest.raises(zlib.error):
                zlib.decompress(bytes(changed), wbits)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_block_that_is_cut_short_is_refused(frame: str) -> None:
    packed, _ = FRAMES[frame]
    assert found(packed, frame) == CONTENT
    assert {found(packed[:size], frame) for size in range(len(packed))} == {None}


@pytest.mark.parametrize("room", [0, 1, 7, 1 << 16])
def test_the_room_is_only_a_guess(room: int) -> None:
    assert inflate(memoryview(FRAMES["zlib"][0]), room=room, is_gzip=False) == CONTENT


@given(
    content=st.binary(max_size=300),
    block=st.integers(1, 90),
    noise=st.sampled_from([0, 65_280, 200_000]),
)
@settings(deadline=None, max_examples=60)
def test_blocks_are_found_from_any_of_them_on(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, block: int, noise: int
) -> None:
    """Blocks lie across what is read at a time: noise fills 64 KiB even when it is compressed."""
    path = tmp_path_factory.mktemp("blocks") / "a.gz"
    large = np.random.default_rng(noise).bytes(noise)
    packed = [bgzip(large)[:-28], bgzip(content, block=block)]
    path.write_bytes(b"".join(packed))
    assert b"".join(blocks_of_file(path, 0)) == large + content
    parts = [content[i : i + block] for i in range(0, len(content), block)]
    assert blocks_of_file(path, len(packed[0])) == [*parts, b""]


def test_a_file_without_blocks_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(b"")
    assert blocks_of_file(path, 0) == []


@pytest.mark.parametrize("cut", [1, 17, 30])
def test_blocks_of_a_file_that_is_cut_short_are_not_left_out(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(bgzip(CONTENT, block=100)[:-cut])
    with pytest.raises(ValueError, match=r"a\.gz cannot be decompressed: it is damaged"):
        blocks_of_file(path, 0)
