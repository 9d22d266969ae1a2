"""A loader's place in its epoch: going on where another run stopped."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from seqpro.checks import shown, whole_number

B = TypeVar("B")


class Resumable(ABC, Generic[B]):
    """What `Loader` and `TorchLoader` have in common: epochs, and a place in them.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(5)), "y": ("_sequence", np.arange(5.0))})
    >>> loader = sd.Loader(ds, ["y"], batch_size=2)
    >>> _ = next(iter(loader))
    >>> again = sd.Loader(ds, ["y"], batch_size=2)
    >>> again.load_state_dict(loader.state_dict())
    >>> [batch["y"].tolist() for batch in again]
    [[2.0, 3.0], [4.0]]
    """

    def __init__(self) -> None:
        self.epoch = 0
        """Number of the epoch that the next pass gives."""
        self._first = 0  # batch that the next pass begins with
        self._under_way: tuple[int, int] | None = None  # epoch, and batches given, of this pass

    @abstractmethod
    def batches(self, epoch: int, *, first: int = 0) -> Iterator[B]:
        """Give the batches of an epoch from number `first` on; leaves the loader's place alone."""

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """Give what decides the batches, but for the rank; text and numbers."""

    def __iter__(self) -> Iterator[B]:
        epoch, first = self.epoch, self._first
        self.epoch, self._first = epoch + 1, 0
        self._under_way = epoch, first
        for given, batch in enumerate(self.batches(epoch, first=first), first + 1):
            self._under_way = epoch, given
            yield batch
        self._under_way = None

    def set_epoch(self, epoch: int) -> None:
        """Choose the number of the next epoch; each pass over the loader also adds one.

        The place that `load_state_dict` set stays if `epoch` is the epoch it is in.
        """
        epoch = whole_number(epoch, "epoch", low=0)
        if epoch != self.epoch:
            self.epoch, self._first = epoch, 0
        self._under_way = None

    def state_dict(self) -> dict[str, Any]:
        """Give the place in the epoch, after the batch that was given last, to be kept as JSON.

        All ranks have given as many batches: the state of one serves all.
        """
        epoch, batch = self._under_way or (self.epoch, self._first)
        return {"epoch": epoch, "batch": batch, "options": self.options()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the batches that would have come after a `state_dict`.

        Parameters
        ----------
        state
            From a loader over the same rows with the same options; only the rank may differ.

        Raises
        ------
        ValueError
            If the state is of a loader that would give other batches, or is no state.
        """
        if set(state) != {"epoch", "batch", "options"}:
            msg = f"state must come from state_dict; found {shown(dict(state))}"
            raise ValueError(msg)
        for name, value in self.options().items():
            found = state["options"].get(name)
            if found != value:
                msg = (
                    f"state must be of a loader with the same options; found {name} {shown(found)} where "
                    f"this one has {shown(value)}. Make the loader as it was, or begin a new epoch"
                )
                raise ValueError(msg)
        self.epoch = whole_number(state["epoch"], "epoch", low=0)
        self._first = whole_number(state["batch"], "batch", low=0)
        self._under_way = None
