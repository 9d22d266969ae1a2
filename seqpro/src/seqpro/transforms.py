"""Augmentation: random changes of sequences and of the tracks along them, batch by batch.

The changes are those of EvoAug (Lee, Tang, Toneyan and Koo 2023), with shuffling and jitter beside them. Each
sequence throws its own coins, which depend on the seed and on how many sequences came before, not on how they
were cut into batches.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import DNA, Alphabet, require_alphabet
from seqpro.checks import as_array
from seqpro.containers import Block, rows_of
from seqpro.mutate import mutate
from seqpro.sample import draw_seed, random_seqs, row_numbers
from seqpro.shuffle import k_shuffle

Codes: TypeAlias = NDArray[np.uint8]


class Draws:
    """Random numbers of one transform for some sequences: they depend on seed and row number only.

    Parameters
    ----------
    seed
        Any whole numbers.
    rows
        Number of each sequence, shape (n,).

    Examples
    --------
    >>> draws = Draws([0], np.arange(3, dtype=np.uint64))
    >>> draws.between(5, 5).tolist()
    [5, 5, 5]
    """

    def __init__(self, seed: Sequence[int], rows: NDArray[np.uint64]) -> None:
        self.rows = rows
        self._generator = np.random.default_rng(list(seed))

    def seed(self) -> int:
        """Give a new seed."""
        return int(draw_seed(self._generator))

    def between(self, low: ArrayLike, high: ArrayLike) -> NDArray[np.int64]:
        """Draw a whole number from `low` to `high`, both included, for each sequence."""
        out = np.empty(self.rows.size, np.int64)
        span = np.broadcast_to(np.asarray(high) - np.asarray(low) + 1, out.shape)
        seed = np.uint64(self.seed())
        _kernels.random.offsets(seed, self.rows, np.ascontiguousarray(span, np.int64), out)
        return out + np.asarray(low)

    def chosen(self, probability: float) -> NDArray[np.bool_]:
        """Throw a coin for each sequence."""
        return self.between(0, 2**31 - 1) < probability * 2.0**31


@dataclass
class Batch:
    """Some sequences as codes (n, length), the tracks along them (n, ..., length), and their draws."""

    codes: Codes
    tracks: dict[str, NDArray[Any]]
    alphabet: Alphabet
    draws: Draws
    stranded: Sequence[str] = ()
    fill: float = 0.0

    def rearrange(
        self, source: NDArray[np.int64], complement: NDArray[np.bool_] | None = None
    ) -> None:
        """Take each position from another: ``source[i, j]``, or from nowhere where that is negative.

        Letters from nowhere are random, tracks get `fill`; letters are complemented where asked for.
        """
        nowhere = source < 0
        index = np.where(nowhere, 0, source)
        codes = np.take_along_axis(self.codes, index, axis=1)
        if complement is not None:
            codes = np.where(complement, self.alphabet.complement_table()[codes], codes)
        if nowhere.any():
            shape, seed = codes.shape, self.draws.seed()
            letters = random_seqs(shape, self.alphabet, rng=seed, rows=self.draws.rows)
            codes[nowhere] = letters.view(np.uint8)[nowhere]
        self.codes = codes
        for name, track in self.tracks.items():
            middle = (1,) * (track.ndim - 2)
            places = index.reshape(len(index), *middle, -1)
            moved = np.take_along_axis(track, places, axis=-1)
            empty = np.broadcast_to(nowhere.reshape(places.shape), moved.shape)
            moved[empty] = self.fill
            self.tracks[name] = moved


class Transform(Protocol):
    """A random change of a `Batch`."""

    def length(self, length: int) -> int:
        """Give the number of positions after the change."""
        ...

    def apply(self, batch: Batch) -> None:
        """Change the batch."""
        ...


@dataclass(frozen=True)
class _OfSomeSequences:
    """A change that each sequence meets with a probability and that keeps the length."""

    probability: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            msg = f"probability must be from 0 to 1; found {self.probability!r}"
            raise ValueError(msg)

    def length(self, length: int) -> int:
        """Give the number of positions after the change: the same."""
        return length


@dataclass(frozen=True)
class _OfAStretch(_OfSomeSequences):
    """A change of a stretch whose length and place are random."""

    shortest: int = 0
    longest: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.shortest <= self.longest:
            msg = (
                "shortest and longest must be lengths of a stretch, from 0, in this order; found "
                f"{self.shortest!r} and {self.longest!r}"
            )
            raise ValueError(msg)

    def stretch(
        self, batch: Batch
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Draw begin and size of each sequence's stretch, shape (n, 1), size 0 where it meets none.

        The third array is the positions, shape (1, length).
        """
        length = batch.codes.shape[1]
        if self.longest > length:
            msg = f"longest must be at most the sequences' length, {length}; found {self.longest}"
            raise ValueError(msg)
        draws = batch.draws
        size = draws.between(self.shortest, self.longest)
        begin = draws.between(0, length - size)
        size = np.where(draws.chosen(self.probability), size, 0)
        return begin[:, None], size[:, None], np.arange(length)[None]


@dataclass(frozen=True)
class ReverseComplement(_OfSomeSequences):
    """Read the other strand of a sequence; tracks are turned along, stranded ones change strands.

    Parameters
    ----------
    probability
        Of each sequence to be turned.

    Examples
    --------
    >>> import seqpro as sp
    >>> turn = sp.transforms.Augment(sp.transforms.ReverseComplement(probability=1.0), seed=0)
    >>> turn({"seq": np.array([list(b"AACG")], np.uint8)})["seq"].tobytes()
    b'CGTT'
    """

    def apply(self, batch: Batch) -> None:
        """Turn some sequences of a batch."""
        n, length = batch.codes.shape
        chosen = batch.draws.chosen(self.probability)
        places = np.arange(length)
        turned = np.broadcast_to(chosen[:, None], (n, length))
        batch.rearrange(np.where(turned, places[::-1], places), turned)
        for name in batch.stranded:
            track = batch.tracks[name]
            picked = chosen.reshape(-1, *(1,) * (track.ndim - 1))
            batch.tracks[name] = np.where(picked, np.flip(track, axis=-2), track)


@dataclass(frozen=True)
class Jitter:
    """Cut a random window, `most` positions shorter on either side, out of each sequence and track.

    Parameters
    ----------
    most
        Farthest that the window's middle is from the sequence's, bp.

    Examples
    --------
    >>> import seqpro as sp
    >>> cut = sp.transforms.Augment(sp.transforms.Jitter(1), tracks=["track"], seed=0)
    >>> batch = cut({"seq": np.array([list(b"ACGTA")], np.uint8), "track": np.arange(5.0)[None]})
    >>> batch["seq"].shape, batch["track"].shape
    ((1, 3), (1, 3))
    """

    most: int

    def __post_init__(self) -> None:
        _require_room(self.most)

    def length(self, length: int) -> int:
        """Give the number of positions after the cut."""
        if length <= 2 * self.most:
            msg = (
                f"sequences must have more than {2 * self.most} positions to jitter; found {length}"
            )
            raise ValueError(msg)
        return length - 2 * self.most

    def apply(self, batch: Batch) -> None:
        """Cut the windows of a batch."""
        window = np.arange(self.length(batch.codes.shape[1]))
        batch.rearrange(batch.draws.between(0, 2 * self.most)[:, None] + window)


@dataclass(frozen=True)
class Translocate(_OfSomeSequences):
    """Move a sequence along, what leaves at one end coming in at the other.

    Parameters
    ----------
    probability
        Of each sequence to be moved.
    most
        Farthest that it moves to either side, bp.

    Examples
    --------
    >>> import seqpro as sp
    >>> move = sp.transforms.Augment(sp.transforms.Translocate(1.0, most=3), seed=1)
    >>> move({"seq": np.array([list(b"AAAACG")], np.uint8)})["seq"].tobytes()
    b'ACGAAA'
    """

    most: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_room(self.most)

    def apply(self, batch: Batch) -> None:
        """Move some sequences of a batch."""
        length = batch.codes.shape[1]
        shift = batch.draws.between(-self.most, self.most)
        shift = np.where(batch.draws.chosen(self.probability), shift, 0)
        batch.rearrange((np.arange(length) - shift[:, None]) % max(1, length))


@dataclass(frozen=True)
class Invert(_OfAStretch):
    """Reverse complement a stretch of a sequence; tracks are turned along.

    Parameters
    ----------
    probability
        Of each sequence to have a stretch inverted.
    shortest, longest
        Bounds of its length, bp.

    Examples
    --------
    >>> import seqpro as sp
    >>> invert = sp.transforms.Augment(sp.transforms.Invert(1.0, shortest=4, longest=4), seed=0)
    >>> invert({"seq": np.array([list(b"AACG")], np.uint8)})["seq"].tobytes()
    b'CGTT'
    """

    def apply(self, batch: Batch) -> None:
        """Invert a stretch in some sequences of a batch."""
        begin, size, places = self.stretch(batch)
        inside = (places >= begin) & (places < begin + size)
        batch.rearrange(np.where(inside, 2 * begin + size - 1 - places, places), inside)


@dataclass(frozen=True)
class Delete(_OfAStretch):
    """Cut a stretch out of a sequence; random letters at both ends make up for it.

    Parameters
    ----------
    probability
        Of each sequence to lose a stretch.
    shortest, longest
        Bounds of its length, bp.

    Examples
    --------
    >>> import seqpro as sp
    >>> delete = sp.transforms.Augment(sp.transforms.Delete(1.0, shortest=2, longest=2), seed=0)
    >>> delete({"seq": np.array([list(b"AAAAAA")], np.uint8)})["seq"].tobytes()
    b'GAAAAT'
    """

    def apply(self, batch: Batch) -> None:
        """Cut a stretch out of some sequences of a batch."""
        begin, size, places = self.stretch(batch)
        kept = places - size // 2  # place among the letters that stay
        source = np.where(kept < begin, kept, kept + size)
        batch.rearrange(np.where((kept >= 0) & (source < places.size), source, -1))


@dataclass(frozen=True)
class Insert(_OfAStretch):
    """Put a stretch of random letters into a sequence; as many fall off its ends.

    Parameters
    ----------
    probability
        Of each sequence to get a stretch.
    shortest, longest
        Bounds of its length, bp.

    Examples
    --------
    >>> import seqpro as sp
    >>> insert = sp.transforms.Augment(sp.transforms.Insert(1.0, shortest=3, longest=3), seed=0)
    >>> insert({"seq": np.array([list(b"NNNNNN")], np.uint8)})["seq"].tobytes()
    b'NNCTGN'
    """

    def apply(self, batch: Batch) -> None:
        """Put a stretch into some sequences of a batch."""
        begin, size, places = self.stretch(batch)
        grown = places + size // 2  # place in the sequence with the stretch
        source = np.where(grown < begin, grown, grown - size)
        batch.rearrange(np.where((grown >= begin) & (grown < begin + size), -1, source))


@dataclass(frozen=True)
class Mutate(_OfSomeSequences):
    """Replace letters at random by other letters; tracks stay.

    Parameters
    ----------
    probability
        Of each sequence to be mutated at all.
    rate
        Probability that a letter of such a sequence is replaced.

    Examples
    --------
    >>> import seqpro as sp
    >>> change = sp.transforms.Augment(sp.transforms.Mutate(1.0, rate=0.5), seed=0)
    >>> change({"seq": np.array([list(b"AAAAAA")], np.uint8)})["seq"].tobytes()
    b'ACAACC'
    """

    rate: float = 0.05

    def apply(self, batch: Batch) -> None:
        """Mutate some sequences of a batch."""
        draws = batch.draws
        new = mutate(batch.codes, batch.alphabet, rate=self.rate, rng=draws.seed(), rows=draws.rows)
        batch.codes = np.where(draws.chosen(self.probability)[:, None], new, batch.codes)


@dataclass(frozen=True)
class Shuffle(_OfSomeSequences):
    """Shuffle a sequence, keeping its counts of k-letter words; tracks stay as they are.

    Parameters
    ----------
    probability
        Of each sequence to be shuffled.
    k
        Length of the words.

    Examples
    --------
    >>> import seqpro as sp
    >>> shuffle = sp.transforms.Augment(sp.transforms.Shuffle(1.0, k=1), seed=0)
    >>> shuffle({"seq": np.array([list(b"AACCGG")], np.uint8)})["seq"].tobytes()
    b'AGCCAG'
    """

    k: int = 2

    def apply(self, batch: Batch) -> None:
        """Shuffle some sequences of a batch."""
        draws = batch.draws
        new = k_shuffle(batch.codes, self.k, rng=draws.seed(), rows=draws.rows)
        batch.codes = np.where(draws.chosen(self.probability)[:, None], new, batch.codes)


class Augment:
    """Apply transforms, one after the other, to the sequences and tracks of batches.

    Parameters
    ----------
    transforms
        What to do, in order.
    sequence
        Name of the sequences in a batch: letters (n, length) in any container, or a one-hot array if
        `ohe_axis` is given.
    tracks
        Names of arrays (n, ..., length) that lie along the sequences, position by position.
    stranded
        Those tracks whose second last axis is the strand, + before -.
    alphabet
        Of the sequences.
    ohe_axis
        Axis of the letters of one-hot sequences: -1 or -2. None for letters.
    fill
        What a track holds where a transform put random letters.
    noise
        Standard deviation of normal noise that is added to each number of one-hot sequences of a float
        type at the end; 0 for none.
    seed
        The same seed gives the same changes to the same stream of sequences, in batches of any size.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> import seqpro as sp
    >>> from seqpro import transforms as tf
    >>> augment = tf.Augment(tf.ReverseComplement(), tf.Mutate(rate=0.1), tracks=["track"], seed=0)
    >>> seqs, track = sp.random_seqs((8, 50), sp.DNA, rng=0), np.ones((8, 50))
    >>> batch = augment({"seq": seqs, "track": track, "label": np.arange(8)})
    >>> batch["seq"].shape, batch["seq"].dtype, batch["label"].tolist()
    ((8, 50), dtype('S1'), [0, 1, 2, 3, 4, 5, 6, 7])
    """

    def __init__(
        self,
        *transforms: Transform,
        sequence: str = "seq",
        tracks: Sequence[str] = (),
        stranded: Sequence[str] = (),
        alphabet: Alphabet = DNA,
        ohe_axis: int | None = None,
        fill: float = 0.0,
        noise: float = 0.0,
        seed: int,
    ) -> None:
        if not set(stranded) <= set(tracks):
            msg = f"stranded must name tracks, {list(tracks)}; found {list(stranded)}"
            raise ValueError(msg)
        if noise < 0 or (noise and ohe_axis is None):
            msg = f"noise must be 0, or a positive number where ohe_axis is given; found {noise!r}"
            raise ValueError(msg)
        self.transforms = transforms
        self.sequence, self.tracks, self.stranded = sequence, tuple(tracks), tuple(stranded)
        self.alphabet, self.ohe_axis = require_alphabet(alphabet), ohe_axis
        self.fill, self.noise, self.seed = fill, noise, seed
        self.seen = 0

    def __call__(
        self, batch: Mapping[str, Any], *, rows: ArrayLike | None = None
    ) -> dict[str, Any]:
        """Give a new batch.

        Parameters
        ----------
        batch
            Arrays or tensors by name; those that are neither the sequences nor tracks stay as they are.
        rows
            Number of each sequence, shape (n,), which with the seed decides what happens to it; by
            default sequences are counted from the first call on, through all batches.

        Raises
        ------
        KeyError
            If the batch lacks the sequences or a track.
        ValueError
            If sequences and tracks do not lie along each other.
        """
        lacking = [name for name in (self.sequence, *self.tracks) if name not in batch]
        if lacking:
            msg = f"the batch must hold {lacking[0]!r}; found {sorted(batch)}"
            raise KeyError(msg)
        seqs = batch[self.sequence]
        sequences = rows_of(seqs, alphabet=self.alphabet, ohe_axis=self.ohe_axis)
        if len(sequences.shape) != 1:
            msg = f"{self.sequence!r} must have one axis of sequences; found {sequences.shape}"
            raise ValueError(msg)
        n, length = len(sequences), sequences.one_length()
        tracks = {name: as_array(batch[name], name) for name in self.tracks}
        for name, track in tracks.items():
            if track.ndim < 2 or (track.shape[0], track.shape[-1]) != (n, length):
                msg = (
                    f"track {name!r} must have shape (n, ..., length) with n={n} and length={length} as the "
                    f"sequences; found {track.shape}"
                )
                raise ValueError(msg)
        numbers = row_numbers(np.arange(self.seen, self.seen + n) if rows is None else rows, n)
        self.seen += n if rows is None else 0
        new_length = length
        for transform in self.transforms:
            new_length = transform.length(new_length)
        moved = {k: np.empty((*t.shape[:-1], new_length), t.dtype) for k, t in tracks.items()}

        def work(first: int, block: Block, target: Codes) -> None:
            part = slice(first, first + block.sizes.size)
            codes = block.values.reshape(-1, length)
            done = self._apply(codes, {k: t[part] for k, t in tracks.items()}, numbers[part])
            target[:] = done.codes.reshape(-1)
            for name, track in done.tracks.items():
                moved[name][part] = track

        result = {**batch, **moved, self.sequence: sequences.map(work, sizes=new_length)}
        if self.noise:
            self._add_noise(result[self.sequence], numbers)
        return {name: _like(value, batch[name]) for name, value in result.items()}

    def _apply(
        self, codes: Codes, tracks: dict[str, NDArray[Any]], rows: NDArray[np.uint64]
    ) -> Batch:
        batch = Batch(codes, tracks, self.alphabet, Draws([], rows), self.stranded, self.fill)
        for number, transform in enumerate(self.transforms):
            batch.draws = Draws([self.seed, number], rows)
            transform.apply(batch)
        return batch

    def _add_noise(self, onehot: NDArray[Any], rows: NDArray[np.uint64]) -> None:
        if onehot.dtype.kind != "f":
            msg = f"noise needs one-hot sequences of a float type; found {onehot.dtype}"
            raise TypeError(msg)
        seed = np.uint64(Draws([self.seed, len(self.transforms)], rows).seed())
        flat = onehot.reshape(len(rows), -1)
        _kernels.random.add_normal(seed, rows, self.noise, flat)


def _require_room(most: int) -> None:
    if most < 0:
        msg = f"most must not be negative; found {most}"
        raise ValueError(msg)


def _like(value: Any, given: Any) -> Any:
    """Turn an array into a tensor on the device of `given` where that is one."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(given, torch.Tensor) or isinstance(value, torch.Tensor):
        return value
    return torch.from_numpy(value).to(given.device)
