"""Letters compressed by zstd as suits letters: what is written, any zstd reads."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import zstandard
from zarr.codecs import ZstdCodec

if TYPE_CHECKING:
    import zarr
    from zarr.abc.codec import Codec
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer

_OPTIONS: dict[str, Any] = {
    "strategy": zstandard.STRATEGY_FAST,
    "min_match": 7,
    "hash_log": 6,
    "chain_log": 6,
    "window_log": 24,
    "enable_ldm": True,
    "ldm_min_match": 32,
}


class LetterCodec(ZstdCodec):
    """The codec zstd of zarr, but for how it looks for what repeats.

    Among four letters any few bases in a row have been there before by chance; to point back to them
    takes more room than the two bits a base that counting letters gives, and more time to follow. Here
    only recent repeats and those of 32 letters or more are pointed to: windows that overlap, constant
    flanks, repeats of a genome. The measured gain is in CONVENTIONS.md.

    Examples
    --------
    >>> LetterCodec().to_dict()
    {'name': 'zstd', 'configuration': {'level': 1, 'checksum': False}}
    """

    def __init__(self) -> None:
        super().__init__(level=1)

    def _encode_sync(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> Buffer:
        options = zstandard.ZstdCompressionParameters(**_OPTIONS)
        compressor = zstandard.ZstdCompressor(compression_params=options)
        found = compressor.compress(chunk_bytes.as_numpy_array().data)
        return chunk_spec.prototype.buffer.from_bytes(found)

    async def _encode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> Buffer:
        return await asyncio.to_thread(self._encode_sync, chunk_bytes, chunk_spec)


def with_letter_codec(array: zarr.Array[Any]) -> zarr.Array[Any]:
    """Give an array of a store that compresses what it is given as letters, if it holds letters.

    Parameters
    ----------
    array
        Array of zarr v3. Letters are those of type uint8 in blocks of zstd; others come back as they are.

    Returns
    -------
    Array with the same metadata, whose blocks anything that knows zstd can read

    Examples
    --------
    >>> import zarr
    >>> array = zarr.create_array({}, shape=4, chunks=2, dtype="u1", compressors=ZstdCodec(level=1))
    >>> letters = with_letter_codec(array)
    >>> letters[:] = np.frombuffer(b"ACGT", "u1")
    >>> array[:].tobytes()
    b'ACGT'
    """
    metadata: Any = array.metadata
    if array.dtype != np.uint8:
        return array
    codecs: list[Codec] = [
        LetterCodec() if isinstance(codec, ZstdCodec) else codec for codec in metadata.codecs
    ]
    metadata = dataclasses.replace(metadata, codecs=codecs)
    inner = array._async_array
    return type(array)(type(inner)(metadata, array.store_path, inner.config))
