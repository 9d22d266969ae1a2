"""What was done to a Dataset: an append-only list in a root attribute."""

from __future__ import annotations

import hashlib
import json
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import xarray as xr


def add_step(ds: xr.Dataset, step: str, **details: Any) -> xr.Dataset:
    """Append a step to a Dataset's provenance.

    Parameters
    ----------
    ds
        The Dataset the step led to.
    step
        The public call, such as ``"seqdata.build"``; its package's version is recorded.
    details
        What decides the result: arguments, seed, file names and hashes. No times and no hosts, so
        that equal work gives equal bytes.

    Returns
    -------
    Dataset with one more entry in the root attribute ``provenance`` (JSON)

    Examples
    --------
    >>> import xarray as xr
    >>> ds = add_step(xr.Dataset(), "seqdata.example", seed=0)
    >>> steps(ds)[0]["step"], steps(ds)[0]["seed"]
    ('seqdata.example', 0)
    """
    entry = {"step": step, "version": version_of(step.split(".")[0]), **details}
    text = json.dumps([*steps(ds), entry], default=str)  # in the order given: samples have one
    return ds.assign_attrs(provenance=text)


def steps(ds: xr.Dataset) -> list[dict[str, Any]]:
    """Give a Dataset's provenance, oldest step first.

    Examples
    --------
    >>> import xarray as xr
    >>> steps(xr.Dataset())
    []
    """
    found: list[dict[str, Any]] = json.loads(ds.attrs.get("provenance", "[]"))
    return found


def file_entry(path: str | os.PathLike[str]) -> dict[str, str]:
    """Give the name and sha256 of a file, as provenance records it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt"); _ = path.write_text("")
    >>> file_entry(path)["sha256"][:8]
    'e3b0c442'
    """
    with open(path, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return {"file": Path(path).name, "sha256": digest.hexdigest()}


def version_of(package: str) -> str:
    """Give the installed version of a package of the suite, by its import name.

    Examples
    --------
    >>> version_of("seqdata").count(".")
    2
    """
    distribution = "eugene-workflows" if package == "eugene" else f"eugene-{package}"
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
