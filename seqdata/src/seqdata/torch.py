"""The thin adapter from `Loader` to torch: batches as tensors, sequences one-hot on the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import xarray as xr

from seqdata.loader import Loader
from seqdata.schema import LENGTH, kind_of
from seqpro import Alphabet

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
    **options: Any,
) -> TorchLoader:
    """Give batches of a Dataset as torch tensors.

    Parameters
    ----------
    ds
        Dataset in memory or from `open_zarr`.
    variables
        Names of the variables in a batch.
    ohe
        Sequence variables to one-hot encode, by name, and their alphabets. They arrive as uint8 on the
        device and are encoded there, to float32 of shape (rows, letters, length).
    device
        Where tensors go.
    transform
        Applied to every batch (a dict of tensors); may change, add or drop entries.
    options
        The options of `Loader`: ``batch_size``, ``shuffle``, ``seed``, ``split``, ``rows``,
        ``drop_last``, ``crop`` and ``buffer_bytes``.

    Returns
    -------
    TorchLoader: iterable over dicts of tensors, with a length and ``set_epoch``

    Raises
    ------
    ImportError
        If torch is not installed.
    ValueError
        As `Loader`, and if a variable is text, or one to encode is not a sequence.

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
    text = [name for name in variables if name in ds and kind_of(ds[name]) == "text"]
    if text:
        msg = (
            f"variables must be numbers to become tensors; found text in {text[0]!r}. Leave it out"
        )
        raise ValueError(msg)
    loader = Loader(ds, variables, **options)
    for name in encoded:
        if kind_of(ds[name]) != "uint8" or ds[name].dims[-1] != LENGTH:
            msg = (
                f"ohe must name sequences (uint8 letters along {LENGTH}); found {name!r}, "
                f"{kind_of(ds[name])} {ds[name].dims}. Leave it out of ohe"
            )
            raise ValueError(msg)
    return TorchLoader(loader, encoded, device, transform)


class TorchLoader:
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
    ) -> None:
        self.loader = loader
        self._ohe, self._device, self._transform = ohe, device, transform

    def __len__(self) -> int:
        return len(self.loader)

    def set_epoch(self, epoch: int) -> None:
        """Choose the number of the next epoch."""
        self.loader.set_epoch(epoch)

    def __iter__(self) -> Iterator[TensorBatch]:
        import torch

        for arrays in self.loader:
            batch = {}
            for name, values in arrays.items():
                tensor = torch.from_numpy(values).to(self._device)
                batch[name] = one_hot(tensor, self._ohe[name]) if name in self._ohe else tensor
            yield batch if self._transform is None else self._transform(batch)


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

    columns = torch.as_tensor(alphabet.index_table().copy(), device=codes.device)
    index = columns[codes.int()].unsqueeze(-2)
    letters = torch.arange(len(alphabet), dtype=torch.uint8, device=codes.device).unsqueeze(-1)
    return (index == letters).to(torch.float32)
