"""What a VCF file is refused for, and what to do then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NoReturn

from seqdata import _kernels
from seqpro.checks import shown

if TYPE_CHECKING:
    from seqdata.readers.variants import Records, Reference

_FIX = "bcftools norm -f reference.fa -c s"


def some_of(names: Sequence[str]) -> str:
    """Show the first names of many.

    Examples
    --------
    >>> some_of(list("abcdef"))
    'a, b, c, d, e ...'
    """
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")


def check_samples(samples: Sequence[str], columns: list[str], name: str) -> None:
    """Check the names of samples that are asked for.

    Raises
    ------
    ValueError
        If one is not in the file or is named twice, or none is named.

    Examples
    --------
    >>> check_samples(["Eve"], ["Ann"], "a.vcf.gz")
    Traceback (most recent call last):
    ValueError: samples must be in a.vcf.gz; found 'Eve'. It has Ann
    """
    if isinstance(samples, str) or not len(samples):
        msg = f"samples must be a list of at least one name; found {shown(samples)}"
        raise ValueError(msg)
    wanted = tuple(samples)
    unknown = [sample for sample in wanted if sample not in columns]
    if unknown:
        msg = f"samples must be in {name}; found {unknown[0]!r}. It has {some_of(columns)}"
        raise ValueError(msg)
    if len(set(wanted)) < len(wanted):
        twice = next(sample for sample in wanted if wanted.count(sample) > 1)
        msg = f"samples must be named once each; found {twice!r} {wanted.count(twice)} times"
        raise ValueError(msg)


def check_contigs(
    files: tuple[str, str],
    known: Mapping[str, int],
    own_names: Mapping[str, str],
    stated: Mapping[str, int],
    held: set[str],
) -> None:
    """Refuse files of another genome or with other names: all would be reference, without a word.

    Parameters
    ----------
    files
        Names of the VCF file and of the reference.
    known
        Length of each contig of the reference, bp.
    own_names
        The VCF file's names of contigs, by the reference's, where they differ.
    stated
        Length of each contig in the VCF header, bp; 0 where it is not said.
    held
        Contigs that the VCF file has records of.

    Raises
    ------
    ValueError
        If a name leads nowhere, lengths differ, or contigs are called otherwise.

    Examples
    --------
    >>> check_contigs(("a.vcf.gz", "g.fa"), {"chr1": 9}, {}, {"chr1": 9}, {"chr1"})
    """
    unknown = [contig for contig in own_names if contig not in known]
    if unknown:
        msg = (
            f"chrom_alias must lead to contigs of {files[1]}; found {unknown[0]!r}. "
            f"It has {some_of(list(known))}"
        )
        raise ValueError(msg)
    for contig, length in known.items():
        said = stated.get(own_names.get(contig, contig), 0)
        if said and said != length:
            msg = (
                f"{files[0]} and {files[1]} must be of one genome; the header gives {contig} {said} bp, the "
                f"reference {length} bp. Use the genome build that the variants were called on"
            )
            raise ValueError(msg)
    used = {own_names.get(contig, contig) for contig in known}
    twins = {contig: _twin(contig) for contig in known if contig not in held}
    lost = {contig: twin for contig, twin in twins.items() if twin in held - used}
    if lost or (held and not held & used):
        some = ", ".join(f"{own!r}: {contig!r}" for contig, own in islice(lost.items(), 3))
        way_out = f". Pass chrom_alias={{{some}{', ...' if len(lost) > 3 else ''}}}"
        msg = (
            f"{files[0]} and {files[1]} must name contigs alike; the variants are on "
            f"{some_of(sorted(held))}, the reference has {some_of(list(known))}"
            f"{way_out if lost else '. Pass chrom_alias='}"
        )
        raise ValueError(msg)


def _twin(contig: str) -> str:
    """The name that the other habit gives a contig: 1 and chr1, MT and chrM."""
    other = {"MT": "chrM", "chrM": "MT"}
    return other.get(contig, contig[3:] if contig.startswith("chr") else f"chr{contig}")


def refuse_line(line: str, name: str) -> NoReturn:
    """Say that a record has not the columns that it must have.

    Examples
    --------
    >>> refuse_line("chr1", "a.vcf.gz")
    Traceback (most recent call last):
    ValueError: a.vcf.gz: a record must have a column for each sample; found 'chr1'
    """
    msg = f"{name}: a record must have a column for each sample; found {shown(line)}"
    raise ValueError(msg)


def refuse_call(line: str, column: int, sample: str, ploidy: int, name: str) -> NoReturn:
    r"""Say that a genotype has another number of alleles, or one that ALT has not.

    Parameters
    ----------
    line
        The record.
    column
        Number of the sample in the file.
    sample
        The sample's name.
    ploidy
        Alleles that a genotype must have.
    name
        The file's name.

    Examples
    --------
    >>> refuse_call("c\t3\t.\tA\tC\t.\t.\t.\tGT\t0|3", 0, "Ann", 2, "a.vcf.gz")
    Traceback (most recent call last):
    ValueError: genotypes must have 2 alleles (or one) that ALT has; a.vcf.gz has '0|3' at c, POS 3, ...
    """
    words = line.split("\t")
    call = words[9 + column].split(":")[0] if 9 + column < len(words) else "nothing"
    msg = (
        f"genotypes must have {ploidy} alleles (or one) that ALT has; {name} has {call!r} "
        f"at {words[0]}, POS {words[1]}, ALT {words[4]}, of sample {sample!r}. If it has more alleles, "
        "pass ploidy="
    )
    raise ValueError(msg)


def refuse_reference(
    records: Records,
    reference: Reference,
    row: int,
    files: tuple[str, str],
    where: str,
    wrong: tuple[int, int],
) -> NoReturn:
    """Say that a REF is not what the reference has.

    Parameters
    ----------
    records, reference
        What was read.
    row
        The record that is to blame.
    files
        Names of the VCF file and of the reference.
    where
        Contig and POS of the record.
    wrong
        How many of the file's first records differ, and how many were looked at.

    Examples
    --------
    >>> refuse_reference.__name__
    'refuse_reference'
    """
    count, looked_at = wrong
    begin, size = int(records.positions[row]) - reference.start, min(int(records.sizes[row]), 20)
    stated = records.words()[row][0][:size]
    found = reference.letters[begin : begin + size].tobytes().decode("latin-1")
    msg = (
        f"REF must be what the reference has; {files[0]} has {stated!r} at {where}, {files[1]} "
        f"{found or 'nothing: its end'!r}. Of the first {looked_at} records {count} differ: "
    )
    msg += (
        f"most likely the file is of another genome build; use the one it was called on (or {_FIX})"
        if count > looked_at / 100
        else f"mend or remove these records, such as with: {_FIX}"
    )
    raise ValueError(msg)


def refuse_haplotype(
    records: Records,
    samples: Sequence[str],
    contig: str,
    name: str,
    *,
    why: int,
    row: int,
    column: int,
) -> NoReturn:
    """Say why a haplotype cannot be written.

    Parameters
    ----------
    records
        What was read.
    samples
        Names of the samples.
    contig
        Name of the contig.
    name
        The file's name.
    why
        Number of the reason, as the kernels give it.
    row
        The record that is to blame.
    column
        Number of the haplotype.

    Examples
    --------
    >>> refuse_haplotype.__name__
    'refuse_haplotype'
    """
    kernels, ploidy = _kernels.haplotypes, records.codes.shape[1] // len(samples)
    sample = column // ploidy
    calls = records.codes.reshape(len(records.codes), -1, ploidy)
    separator = "/" if records.unphased[row, sample] else "|"
    call = separator.join("." if code < 0 else str(code) for code in calls[row, sample])
    first, last = (int(records.positions[i]) + 1 for i in (0, -1))
    where = (
        f"sample {samples[sample]!r} has {call} at {contig}, POS {int(records.positions[row]) + 1}, "
        f"of {name}"
    )
    around = f"such calls from POS {first} to {last}"
    if why == kernels.UNPHASED:
        open_calls = records.unphased & (calls != calls[..., :1]).any(-1)
        msg = (
            f"heterozygous genotypes must be phased (0|1); {where}, one of {int(open_calls.sum())} "
            f"{around}. Phase the file, or pass unphased='as_is' to take alleles as they are written"
        )
    elif why == kernels.MISSING:
        count = int((calls < 0).any(-1).sum())
        msg = (
            f"genotypes must not be missing; {where}, one of {count} {around}. Pass missing='reference' "
            "or missing='N'"
        )
    else:
        allele = records.words()[row][1][calls[row, sample].max() - 1]
        msg = (
            f"alleles must have letters; {where}, allele {allele}. Pass symbolic='skip' to leave the "
            "reference as it is there"
        )
    raise ValueError(msg)
