"""Motifs of the filters of a first convolution, from the windows that activate them most."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqexplainer.network import borrowed, encode, require_module
from seqexplainer.predictor import DifferentiablePredictor, read_seqs, require_positive
from seqpro import DNA, Alphabet

if TYPE_CHECKING:
    from motifdata import MotifSet

logger = logging.getLogger(__name__)


def filter_motifs(
    predictor: DifferentiablePredictor,
    seqs: Any,
    *,
    layer: str | None = None,
    top: int = 100,
    threshold: float = 0.5,
    pseudocount: float = 1.0,
    alphabet: Alphabet = DNA,
    batch_size: int = 256,
) -> MotifSet:
    """Turn the filters of a network's first convolution into motifs.

    A filter's motif counts the letters of the windows that activate it above half of its largest
    activation over all sequences (Alipanahi et al. 2015), and of those at most the `top` strongest
    (as Minnoye et al. 2020 take). Windows that reach over an end of the sequence are left out. Filters
    that no window activates above 0, or that give NaN, are left out too, and their number is logged.

    Activations are those of the convolution itself, before any normalisation or activation function.
    Sequences are read as they are given: append their reverse complements to see both strands.

    Parameters
    ----------
    predictor
        A `TorchPredictor`, or another with a `module`.
    seqs
        Sequences of shape (n, length), in any container of `seqpro.as_codes`.
    layer
        Name of the `torch.nn.Conv1d` as in `named_modules`; the first one by default. It must take the
        one-hot sequence itself, channels appended to it allowed.
    top
        Windows of each filter at most.
    threshold
        Fraction of the filter's largest activation that a window must exceed.
    pseudocount
        Counts added to each position in all, shared evenly by the letters.
    alphabet
        Letters of the motifs, in the order of the one-hot columns.
    batch_size
        Sequences pushed through the network at a time.

    Returns
    -------
    motifdata.MotifSet
        A motif ``filter_3`` for each live filter, numbered from 0, with the number of its windows as
        `nsites`; `source` says in how many sequences it exceeds the threshold.

    Raises
    ------
    TypeError
        If the predictor shows no `module`.
    ValueError
        If there is no such layer, if it does not take the one-hot sequence once in each pass, or if
        its windows are longer than the sequences.

    Examples
    --------
    >>> from seqexplainer import TorchPredictor
    >>> network = torch.nn.Sequential(torch.nn.Conv1d(4, 1, 2), torch.nn.Flatten())
    >>> with torch.no_grad():  # a filter that looks for CG
    ...     _ = network[0].weight.copy_(torch.tensor([[[0.0, 0], [1, 0], [0, 1], [0, 0]]]))
    >>> motifs = filter_motifs(TorchPredictor(network), ["ACGT", "CGTT"], threshold=0.9)
    >>> motifs.ids, motifs["filter_0"].consensus(), motifs["filter_0"].nsites
    (['filter_0'], 'CG', 2.0)
    """
    from motifdata import Motif, MotifSet

    module = require_module(predictor)
    codes = read_seqs(predictor, seqs, alphabet)
    if not 0 <= threshold < 1:
        msg = f"threshold must be at least 0 and less than 1; found {threshold}"
        raise ValueError(msg)
    name, convolution = _find_convolution(module, layer)
    windows = _Windows.of(convolution, codes.shape[1])
    step = require_positive(batch_size=batch_size)
    strongest = _Strongest(require_positive(top=top))
    with borrowed(module, predictor.device) as placement, _caught(convolution) as calls:
        for start in range(0, len(codes), step):
            onehot = encode(codes[start : start + step], alphabet, placement)
            with torch.no_grad():
                module(onehot.clone())
            strongest.add(_activations(calls, onehot, name)[..., windows.outputs].float())
    index = alphabet.index_table()[codes]
    motifs = []
    for number, (values, places, peaks) in enumerate(strongest.by_filter()):
        least = threshold * values[0]
        if not values[0] > 0:  # NaN included, which is ranked highest
            continue
        letters = windows.cut(index, places[values > least])  # (windows, width)
        motifs.append(
            Motif.from_counts(
                (letters[..., None] == np.arange(len(alphabet))).sum(axis=0),
                id=f"filter_{number}",
                pseudocount=pseudocount,
                alphabet=alphabet,
                nsites=float(len(letters)),
                source=f"layer {name}, active in {(peaks > least).sum()} of {len(codes)} sequences",
            )
        )
    if dead := convolution.out_channels - len(motifs):
        logger.warning("%d of %d filters are never above 0", dead, convolution.out_channels)
    return MotifSet(motifs)


@dataclass(frozen=True)
class _Windows:
    """Windows of a sequence that a convolution reads whole: their width and starts, 0-based."""

    width: int
    starts: NDArray[np.intp]
    outputs: slice  # positions of the convolution's output that belong to them

    @classmethod
    def of(cls, convolution: torch.nn.Conv1d, length: int) -> _Windows:
        reach = convolution.dilation[0] * (convolution.kernel_size[0] - 1)
        padding = convolution.padding
        left = {"same": reach // 2, "valid": 0}[padding] if isinstance(padding, str) else padding[0]
        stride = convolution.stride[0]
        first = -(-left // stride)
        last = (length - 1 - reach + left) // stride
        if last < first:
            msg = f"seqs must be at least as long as a filter reads, {reach + 1}; found length {length}"
            raise ValueError(msg)
        return cls(reach + 1, np.arange(first, last + 1) * stride - left, slice(first, last + 1))

    def cut(self, rows: NDArray[Any], places: NDArray[np.intp]) -> NDArray[Any]:
        """Cut windows, numbered row by row, out of an array (n, length)."""
        row, number = np.divmod(places, self.starts.size)
        return rows[row[:, None], self.starts[number, None] + np.arange(self.width)]


class _Strongest:
    """The windows that activate each filter most, kept while batches go by."""

    def __init__(self, top: int) -> None:
        self.top = top
        self.values = torch.empty(0)
        self.places = torch.empty(0)
        self.peaks: list[torch.Tensor] = []
        self.seen = 0

    def add(self, activations: torch.Tensor) -> None:
        """Take in a batch, shape (n, filters, windows)."""
        self.peaks.append(activations.amax(2).cpu())
        values = activations.transpose(0, 1).flatten(1)  # (filters, n * windows)
        values, places = values.topk(min(self.top, values.shape[1]), dim=1)
        places = places + self.seen
        self.seen += activations.shape[0] * activations.shape[2]
        if self.values.numel():
            values, places = (
                torch.cat([self.values, values], 1),
                torch.cat([self.places, places], 1),
            )
        self.values, order = values.topk(min(self.top, values.shape[1]), dim=1)
        self.places = places.gather(1, order)

    def by_filter(self) -> Iterator[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]:
        """Give each filter's values, highest first, their places, and the peak of every sequence."""
        peaks = torch.cat(self.peaks).T
        arrays = (tensor.cpu().numpy() for tensor in (self.values, self.places, peaks))
        return zip(*arrays, strict=True)


def _find_convolution(module: torch.nn.Module, layer: str | None) -> tuple[str, torch.nn.Conv1d]:
    found = {
        name: part for name, part in module.named_modules() if isinstance(part, torch.nn.Conv1d)
    }
    if layer is None and found:
        return next(iter(found.items()))
    if layer is None or layer not in found:
        names = ", ".join(map(repr, found)) or "none"
        msg = f"layer must name a torch.nn.Conv1d of the module ({names}); found {layer!r}"
        raise ValueError(msg)
    return layer, found[layer]


@contextmanager
def _caught(layer: torch.nn.Module) -> Iterator[list[tuple[torch.Tensor, torch.Tensor]]]:
    """Collect the input and output of each call of a layer, as long as the block lasts."""
    calls: list[tuple[torch.Tensor, torch.Tensor]] = []

    def catch(
        _layer: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor
    ) -> None:
        calls.append((inputs[0].clone(), output.clone()))  # later layers may change them in place

    handle = layer.register_forward_hook(catch)
    try:
        yield calls
    finally:
        handle.remove()


def _activations(
    calls: list[tuple[torch.Tensor, torch.Tensor]], onehot: torch.Tensor, name: str
) -> torch.Tensor:
    """Take the one output of a pass, shape (n, filters, positions), and empty the list."""
    letters = onehot.shape[1]
    if len(calls) != 1 or not torch.equal(calls[0][0][:, :letters], onehot):
        msg = (
            f"layer {name!r} must take the one-hot sequence, once in each pass; it ran {len(calls)} times"
            + (" on something else" if len(calls) == 1 else "")
            + ". Name the layer that does, or explain the network that runs one strand"
        )
        raise ValueError(msg)
    return calls.pop()[1]
