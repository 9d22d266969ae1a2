"""What is done with genotypes that name no letters: missing, unphased, symbolic and overlapping ones."""

from __future__ import annotations

import logging
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from seqdata.readers.variants import Run, VariantSource
from seqdata.readers.vcf_checks import refuse_haplotype
from seqpro.checks import choice

_log = logging.getLogger(__name__)

Unphased = Literal["error", "as_is"]
Missing = Literal["error", "reference", "N"]

_MISSING = ("reference", "N", "error")  # in the order of the kernel's numbers
_COUNTED = (
    "variants overlap an earlier one of their haplotype: left out",
    "symbolic alleles are skipped",
)


class Policies:
    """How the haplotypes of a file are read from its genotypes.

    Parameters
    ----------
    source
        The file.
    missing
        Alleles ``.``: ``"error"``, ``"reference"`` or ``"N"``.
    unphased
        Genotypes with ``/`` whose alleles differ: ``"error"`` or ``"as_is"``.

    Raises
    ------
    ValueError
        If a policy is none of these.

    Examples
    --------
    >>> Policies(None, missing="N", unphased="error").missing
    1
    """

    def __init__(self, source: VariantSource, *, missing: Missing, unphased: Unphased) -> None:
        self.source = source
        self.missing = _MISSING.index(choice(missing, "missing", get_args(Missing)))
        self.phase_needed = choice(unphased, "unphased", get_args(Unphased)) == "error"
        self._told = set[str]()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was logged, so that a reader that has read is the same reader."""
        return {**self.__dict__, "_told": set()}

    @property
    def haplotypes(self) -> int:
        """Number of haplotypes of all samples."""
        return len(self.source.samples) * self.source.ploidy

    def arguments(self, run: Run) -> tuple[Any, ...]:
        """Give what the kernels need of a run: genotypes, policies, records and the reference."""
        r = run.records
        return (
            np.ascontiguousarray(r.codes.T), np.ascontiguousarray(r.unphased.T), self.source.ploidy,
            self.missing, self.phase_needed, r.positions, r.sizes, r.first, r.alleles, r.letters,
            run.reference.letters, run.reference.start,
        )  # fmt: skip

    def checked(self, contig: str, run: Run, found: NDArray[np.int64]) -> NDArray[np.int64]:
        """Refuse a run that a kernel had trouble with; else give how many alleles it passed over.

        Parameters
        ----------
        contig
            Name of the contig.
        run
            What was read.
        found
            What the kernel found, shape (haplotypes, 4).

        Returns
        -------
        Variants left out because they overlap, and symbolic alleles skipped, shape (2,)

        Raises
        ------
        ValueError
            If a haplotype depends on a genotype that a policy refuses.
        """
        if found[:, 0].any():
            column = int((found[:, 0] != 0).argmax())
            why, row = found[column, :2].tolist()
            refuse_haplotype(
                run.records, self.source.samples, contig, self.source.path.name,
                why=why, row=row, column=column,
            )  # fmt: skip
        return found[:, 2:].sum(axis=0)

    def tell(self, contig: str, counts: NDArray[np.int64]) -> None:
        """Log what was passed over, once: the first counts that are not 0."""
        for count, what in zip(counts.tolist(), _COUNTED, strict=True):
            if count and what not in self._told:
                self._told.add(what)
                name = self.source.path.name
                _log.warning("%s, %s: %d %s (not said again)", name, contig, count, what)
