"""The thin adapter from `Loader` to torch: batches as tensors, sequences one-hot on the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from seqdata.ahead import read_ahead
from seqdata.genotype_column import has_genotypes
from seqdata.loader import Loader
from seqdata.resume import Resumable
from seqdata.schema import LENGTH, kind_of
from seqpro import Alphabet, ohe
from seqpro.checks import whole_number

if TYPE_CHECKING:
    import torch

TensorBatch = dict[str, "torch.Tensor"]


def get_torch_dataloader(
    ds: xr.Dataset,
    variables: Sequence[str],
    *,
    ohe: Mapping[str, Alphabet] | None = None,
    device: str | torch.device = "cpu",
    transform: Callable[[TensorBatch], TensorBatch] | None = None,
    prefetch: int = 2,
    **options: Any,
) -> TorchLoader:
    """Give batches of a Dataset as torch tensors.

    Parameters
    ----------
    ds
        Dataset in memory or from `open_zarr`.
    variables
        Names of the variables in a batch. Those with rows of unequal length need a fill in ``pad``.
    ohe
        Sequence variables to one-hot encode, by name, and their alphabets. They arrive as uint8 on the
        device and are encoded there, to float32 of shape (rows, letters, length).
    device
        Where tensors go; to a GPU they go from pinned memory.
    transform
        Applied to every batch (a dict of tensors on the device, encoded), in the caller's thread; may
        change, add or drop entries.
    prefetch
        Batches made ahead on another thread, up to the transform; 0 makes each when it is asked for.
    options
        The options of `Loader`, but for its ``transform``: ``batch_size``, ``shuffle``, ``seed``,
        ``split``, ``rows``, ``drop_last``, ``crop``, ``buffer_bytes``, ``over``, ``weights``,
        ``balance``, ``epoch_size``, ``rank``, ``world``, ``pad`` and ``dtypes``.

    Returns
    -------
    TorchLoader: iterable over dicts of tensors, with a length, ``set_epoch`` and ``state_dict``

    Raises
    ------
    ImportError
        If torch is not installed.
    ValueError
        As `Loader`, and if one to encode is not a sequence, or has another type or no one length.

    Examples
    --------
    >>> import numpy as np, seqpro as sp, xarray as xr, seqdata as sd
    >>> codes = sp.as_codes(["ACGT", "GGGN"])
    >>> ds = xr.Dataset({"row": ("_sequence", [0, 1]), "seq": (("_sequence", "_length"), codes)})
    >>> batch = next(iter(sd.get_torch_dataloader(ds, ["seq"], ohe={"seq": sp.DNA}, batch_size=2)))
    >>> batch["seq"].shape, batch["seq"][1].sum().item()
    (torch.Size([2, 4, 4]), 3.0)
    """
    try:
        import torch  # noqa: F401
    except ImportError:
        msg = (
            "get_torch_dataloader needs torch; install it with: pip install 'eugene-seqdata[torch]'"
        )
        raise ImportError(msg) from None
    encoded = dict(ohe or {})
    unknown = [name for name in encoded if name not in variables]
    if unknown:
        msg = f"ohe must name variables of the batch ({', '.join(variables)}); found {unknown[0]!r}"
        raise ValueError(msg)
    loader = Loader(ds, variables, **options)
    padded, typed = options.get("pad") or {}, options.get("dtypes") or {}
    for name in variables:
        if loader.is_ragged(name) and name not in padded:
            msg = (
                f"variables must have one length to become tensors; found {name!r} with rows of unequal "
                f"length. Fill the short ones, such as pad={{{name!r}: 'N'}} or 0"
            )
            raise ValueError(msg)
    for name in encoded:
        if not _has_letters(ds, loader, name) or name in typed:
            found = f"{kind_of(ds[name])} {ds[name].dims}" if name in ds else "haplotypes"
            found += " in dtypes" if name in typed else ""
            msg = (
                f"ohe must name sequences (uint8 letters along {LENGTH}); found {name!r}, "
                f"{found}. Leave it out of ohe"
            )
            raise ValueError(msg)
    return TorchLoader(loader, encoded, device, transform, prefetch)


def _has_letters(ds: xr.Dataset, loader: Loader, name: str) -> bool:
    """Whether a variable of the batches is a sequence."""
    if has_genotypes(ds, name):
        return True
    has_positions = loader.is_ragged(name) or ds[name].dims[-1] == LENGTH
    return kind_of(ds[name]) == "uint8" and has_positions


class TorchLoader(Resumable[TensorBatch]):
    """Iterates a `Loader` as dicts of torch tensors; made by `get_torch_dataloader`.

    Parameters
    ----------
    loader
        The batches as numpy arrays.
    ohe
        Sequence variables to encode, and their alphabets.
    device
        Where tensors go.
    transform
        Applied to every batch, or None.
    prefetch
        Batches made ahead.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", [0, 1]), "y": ("_sequence", np.zeros(2, "f4"))})
    >>> len(sd.get_torch_dataloader(ds, ["y"], batch_size=1))
    2
    """

    def __init__(
        self,
        loader: Loader,
        ohe: Mapping[str, Alphabet],
        device: str | torch.device,
        transform: Callable[[TensorBatch], TensorBatch] | None,
        prefetch: int,
    ) -> None:
        super().__init__()
        self.loader = loader
        self._ohe, self._device, self._transform = ohe, device, transform
        self._prefetch = whole_number(prefetch, "prefetch", low=0)

    def __len__(self) -> int:
        return len(self.loader)

    def options(self) -> dict[str, Any]:
        """Give what decides the batches, but for the rank; text and numbers."""
        return self.loader.options()

    def batches(self, epoch: int, *, first: int = 0) -> Iterator[TensorBatch]:
        """Give the batches of an epoch from number `first` on; leaves the loader's place alone."""
        tensors = map(self._as_tensors, self.loader.batches(epoch, first=first))
        for batch in read_ahead(tensors, self._prefetch):
            yield batch if self._transform is None else self._transform(batch)

    def _as_tensors(self, arrays: Mapping[str, Any]) -> TensorBatch:
        """Move arrays to the device, and encode letters there."""
        import torch

        is_cuda = torch.device(self._device).type == "cuda"
        batch = {}
        for name, values in arrays.items():
            tensor = torch.from_numpy(values)
            tensor = tensor.pin_memory() if is_cuda else tensor
            tensor = tensor.to(self._device, non_blocking=is_cuda)
            batch[name] = one_hot(tensor, self._ohe[name]) if name in self._ohe else tensor
        return batch


def one_hot(codes: torch.Tensor, alphabet: Alphabet) -> torch.Tensor:
    """One-hot encode ASCII codes on the device they are on; unknown letters give zero columns.

    Parameters
    ----------
    codes
        uint8, shape (..., length). Lower case counts as upper case.
    alphabet
        Gives the order of the letters.

    Returns
    -------
    float32 tensor, shape (..., letters, length)

    Examples
    --------
    >>> import torch, seqpro as sp
    >>> one_hot(torch.tensor([65, 110, 116], dtype=torch.uint8), sp.DNA).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    import torch

    if codes.device.type == "cpu":
        return torch.from_numpy(ohe(codes.numpy(), alphabet, ohe_axis=-2, dtype=np.float32))
    return compare_letters(codes, alphabet)


def compare_letters(codes: torch.Tensor, alphabet: Alphabet) -> torch.Tensor:
    """One-hot encode as `one_hot` does, by torch alone, on any device.

    Parameters
    ----------
    codes
        uint8, shape (..., length).
    alphabet
        Gives the order of the letters.

    Returns
    -------
    float32 tensor, shape (..., letters, length)

    Examples
    --------
    >>> import torch, seqpro as sp
    >>> compare_letters(torch.tensor([65, 84], dtype=torch.uint8), sp.DNA).tolist()
    [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    """
    import torch

    columns = torch.as_tensor(alphabet.index_table().copy(), device=codes.device)
    index = columns[codes.int()].unsqueeze(-2)
    letters = torch.arange(len(alphabet), dtype=torch.uint8, device=codes.device).unsqueeze(-1)
    return (index == letters).to(torch.float32)
