"""Checks of an installation: what is there, what clashes, and what to do about it."""

from __future__ import annotations

import importlib
import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MEMBERS = {
    "seqpro": "eugene-seqpro",
    "motifdata": "eugene-motifdata",
    "seqdata": "eugene-seqdata",
    "seqdatasets": "eugene-seqdatasets",
    "seqexplainer": "eugene-seqexplainer",
    "eugene": "eugene-workflows",
}
"""Import name and distribution of each package of the suite."""


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    Parameters
    ----------
    subject
        What it is about.
    is_fine
        Whether nothing needs to be done.
    message
        What was found, and what to do.
    """

    subject: str
    is_fine: bool
    message: str


def doctor() -> list[Finding]:
    """Check that the suite can work here: packages, clashes, device, caches, mirror.

    Several distributions on the public index carry the import names of this suite. Installing one of
    them overwrites ours; that is what the first checks look for.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> all(finding.subject for finding in doctor())
    True
    """
    findings = [_member(name, distribution) for name, distribution in MEMBERS.items()]
    findings += [_stranger(name) for name in MEMBERS]
    findings.append(_torch())
    if not all(finding.is_fine for finding in findings[: len(MEMBERS)]):
        return findings
    from seqdatasets.fetch import MIRROR, cache_folder

    findings.append(_writable("kernel cache", _kernel_cache()))
    findings.append(_writable("data cache", cache_folder()))
    mirror = os.environ.get(MIRROR)
    if mirror is None:
        findings.append(Finding("mirror", True, f"{MIRROR} is not set: data sets are downloaded"))
    else:
        there = Path(mirror).is_dir()
        message = mirror if there else f"{mirror} is no folder; set {MIRROR} to one, or unset it"
        findings.append(Finding("mirror", there, message))
    return findings


def _member(name: str, distribution: str) -> Finding:
    try:
        found = version(distribution)
    except PackageNotFoundError:
        message = (
            f"{distribution} is not installed; pip install ./{name} from the suite's repository"
        )
        return Finding(name, False, message)
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        return Finding(name, False, f"{distribution} {found} cannot be imported: {error}")
    own = getattr(module, "__version__", None)
    if own != found:
        message = (
            f"import {name} gives version {own}, but {distribution} is {found}: another distribution has "
            f"overwritten it. pip uninstall {name}, then pip install --force-reinstall {distribution}"
        )
        return Finding(name, False, message)
    return Finding(name, True, f"{distribution} {found}")


def _stranger(name: str) -> Finding:
    """Look for the distribution that has our import name as its own."""
    subject = f"no stranger named {name}"
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(subject, True, "not installed")
    message = (
        f"the distribution {name} {found} belongs to others and overwrites ours (a package such as "
        f"genvarloader may have brought it). pip uninstall {name}, then reinstall {MEMBERS[name]}"
    )
    return Finding(subject, False, message)


def _torch() -> Finding:
    try:
        import torch
    except ImportError as error:
        return Finding("torch", False, f"cannot be imported ({error}); pip install torch==2.13.0")
    if torch.cuda.is_available():
        return Finding("torch", True, f"{torch.__version__}, {torch.cuda.get_device_name()}")
    return Finding("torch", True, f"{torch.__version__}, {torch.get_num_threads()} CPU threads")


def _kernel_cache() -> Path:
    import seqpro

    return Path(os.environ.get("NUMBA_CACHE_DIR") or Path(seqpro.__file__).parent)


def _writable(subject: str, folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=there):
            return Finding(subject, True, str(folder))
    except OSError as error:
        return Finding(subject, False, f"{folder} cannot be written ({error.strerror})")
