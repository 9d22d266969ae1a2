"""Genetic codes: the amino acid of every codon, and which codons start and stop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from numbers import Integral

from seqpro.checks import shown

STOP = "*"
"""Letter of a stop codon in a protein."""

CODONS = tuple("".join(bases) for bases in product("TCAG", repeat=3))
"""The 64 codons in the order in which NCBI prints them: TTT, TTC, TTA, TTG, TCT ..."""


@dataclass(frozen=True)
class CodonTable:
    """A genetic code.

    Codons are written as DNA and ordered as NCBI prints them, which is not the suite's A C G T: bases
    T, C, A, G, the third base changing fastest. In some codes a stop codon is an amino acid as well,
    depending on where it stands; its letter in `amino_acids` is then the amino acid's.

    Parameters
    ----------
    name
        What error messages call it.
    amino_acids
        Amino acid of each codon, 64 letters in the order of `CODONS`; ``*`` for a stop.
    start_codons
        Codons at which translation may begin, such as ``("ATG",)``.
    stop_codons
        Codons at which translation may end, among them every codon whose letter is ``*``.
    number
        NCBI's number of the code (``transl_table`` in GenBank); None for a code of your own.

    Raises
    ------
    ValueError
        If there are not 64 letters, a codon is none, or a stop is missing from `stop_codons`.

    Examples
    --------
    >>> from dataclasses import replace
    >>> standard = codon_table(1)
    >>> standard.amino_acids
    'FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG'
    >>> amber = standard.amino_acids[:11] + "K" + standard.amino_acids[12:]  # TAG read as K
    >>> replace(standard, name="amber", amino_acids=amber, stop_codons=("TAA", "TGA")).amino_acid("UAG")
    'K'
    """

    name: str
    amino_acids: str
    start_codons: tuple[str, ...]
    stop_codons: tuple[str, ...]
    number: int | None = None

    def __post_init__(self) -> None:
        letters = self.amino_acids.replace(STOP, "A")
        plain = letters.isascii() and letters.isalpha() and letters.isupper()
        if len(letters) != len(CODONS) or not plain:
            msg = (
                f"amino_acids of codon table {self.name!r} must be {len(CODONS)} letters A to Z or "
                f"{STOP}; found {len(letters)}: {shown(self.amino_acids)}"
            )
            raise ValueError(msg)
        for argument in ("start_codons", "stop_codons"):
            codons = getattr(self, argument)
            if not isinstance(codons, tuple) or not set(codons) <= set(CODONS):
                msg = (
                    f"{argument} of codon table {self.name!r} must be a tuple of codons of A, C, G and T; "
                    f"found {shown(codons)}"
                )
                raise ValueError(msg)
        missing = [
            codon
            for codon, letter in zip(CODONS, self.amino_acids, strict=True)
            if letter == STOP and codon not in self.stop_codons
        ]
        if missing:
            msg = (
                f"stop_codons of codon table {self.name!r} must name every codon whose amino acid is "
                f"{STOP}; missing: {', '.join(missing)}"
            )
            raise ValueError(msg)

    @property
    def ambiguous_stops(self) -> tuple[str, ...]:
        """The stop codons that stand for an amino acid as well."""
        return tuple(codon for codon in self.stop_codons if self.amino_acid(codon) != STOP)

    def amino_acid(self, codon: str) -> str:
        """Give the amino acid of a codon of A, C, G and T or U in either case, ``*`` for a stop.

        Raises
        ------
        ValueError
            If `codon` is another word.
        """
        dna = codon.upper().replace("U", "T")
        if dna not in CODONS:
            msg = (
                f"codon must be three of A, C, G, T and U; found {shown(codon)}. "
                "seqpro.translate reads ambiguous codons, too"
            )
            raise ValueError(msg)
        return self.amino_acids[CODONS.index(dna)]


def codon_table(number: int) -> CodonTable:
    """Give one of NCBI's genetic codes.

    Codes 27, 28 and 31 have stop codons that are amino acids as well, depending on where they stand;
    see `CodonTable.ambiguous_stops`.

    Parameters
    ----------
    number
        NCBI's number: 1 the standard code, 2 vertebrate mitochondria, 11 bacteria, archaea and plant
        plastids ... `NCBI_NUMBERS` has them all.

    Raises
    ------
    ValueError
        If NCBI has no code of that number.

    Notes
    -----
    Elzanowski and Ostell, The Genetic Codes, NCBI Taxonomy (file gc.prt, version 4.6).

    Examples
    --------
    >>> mitochondria = codon_table(2)
    >>> mitochondria.name, mitochondria.stop_codons, mitochondria.amino_acid("AUA")
    ('Vertebrate Mitochondrial', ('TAA', 'TAG', 'AGA', 'AGG'), 'M')
    """
    if not isinstance(number, Integral) or number not in _NCBI:
        msg = (
            f"number must be that of an NCBI genetic code, one of {', '.join(map(str, _NCBI))}; "
            f"found {shown(number)}"
        )
        raise ValueError(msg)
    return _ncbi_table(int(number))


@lru_cache(maxsize=64)
def _ncbi_table(number: int) -> CodonTable:
    name, amino_acids, marks = _NCBI[number]
    marked = {
        mark: tuple(codon for codon, found in zip(CODONS, marks, strict=True) if found == mark)
        for mark in "M*"
    }
    return CodonTable(name, amino_acids, marked["M"], marked["*"], number)


# NCBI's two lines for each code: the amino acids, and M at start codons, * at stop codons.
_NCBI = {
    1: (
        "Standard",
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "---M------**--*----M---------------M----------------------------",
    ),
    2: (
        "Vertebrate Mitochondrial",
        "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
        "----------**--------------------MMMM----------**---M------------",
    ),
    3: (
        "Yeast Mitochondrial",
        "FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "----------**----------------------MM---------------M------------",
    ),
    4: (
        "Mold Mitochondrial; Protozoan Mitochondrial; Coelenterate Mitochondrial; Mycoplasma; Spiroplasma",
        "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "--MM------**-------M------------MMMM---------------M------------",
    ),
    5: (
        "Invertebrate Mitochondrial",
        "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG",
        "---M------**--------------------MMMM---------------M------------",
    ),
    6: (
        "Ciliate Nuclear; Dasycladacean Nuclear; Hexamita Nuclear",
        "FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "--------------*--------------------M----------------------------",
    ),
    9: (
        "Echinoderm Mitochondrial; Flatworm Mitochondrial",
        "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
        "----------**-----------------------M---------------M------------",
    ),
    10: (
        "Euplotid Nuclear",
        "FFLLSSSSYY**CCCWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "----------**-----------------------M----------------------------",
    ),
    11: (
        "Bacterial, Archaeal and Plant Plastid",
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "---M------**--*----M------------MMMM---------------M------------",
    ),
    12: (
        "Alternative Yeast Nuclear",
        "FFLLSSSSYY**CC*WLLLSPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "----------**--*----M---------------M----------------------------",
    ),
    13: (
        "Ascidian Mitochondrial",
        "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG",
        "---M------**----------------------MM---------------M------------",
    ),
    14: (
        "Alternative Flatworm Mitochondrial",
        "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
        "-----------*-----------------------M----------------------------",
    ),
    15: (
        "Blepharisma Macronuclear",
        "FFLLSSSSYY*QCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "----------*---*--------------------M----------------------------",
    ),
    16: (
        "Chlorophycean Mitochondrial",
        "FFLLSSSSYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "----------*---*--------------------M----------------------------",
    ),
    21: (
        "Trematode Mitochondrial",
        "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
        "----------**-----------------------M---------------M------------",
    ),
    22: (
        "Scenedesmus obliquus Mitochondrial",
        "FFLLSS*SYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "------*---*---*--------------------M----------------------------",
    ),
    23: (
        "Thraustochytrium Mitochondrial",
        "FF*LSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "--*-------**--*-----------------M--M---------------M------------",
    ),
    24: (
        "Rhabdopleuridae Mitochondrial",
        "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
        "---M------**-------M---------------M---------------M------------",
    ),
    25: (
        "Candidate Division SR1 and Gracilibacteria",
        "FFLLSSSSYY**CCGWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "---M------**-----------------------M---------------M------------",
    ),
    26: (
        "Pachysolen tannophilus Nuclear",
        "FFLLSSSSYY**CC*WLLLAPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "----------**--*----M---------------M----------------------------",
    ),
    27: (
        "Karyorelict Nuclear",
        "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "--------------*--------------------M----------------------------",
    ),
    28: (
        "Condylostoma Nuclear",
        "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "----------**--*--------------------M----------------------------",
    ),
    29: (
        "Mesodinium Nuclear",
        "FFLLSSSSYYYYCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "--------------*--------------------M----------------------------",
    ),
    30: (
        "Peritrich Nuclear",
        "FFLLSSSSYYEECC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "--------------*--------------------M----------------------------",
    ),
    31: (
        "Blastocrithidia Nuclear",
        "FFLLSSSSYYEECCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "----------**-----------------------M----------------------------",
    ),
    32: (
        "Balanophoraceae Plastid",
        "FFLLSSSSYY*WCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        "---M------*---*----M------------MMMM---------------M------------",
    ),
    33: (
        "Cephalodiscidae Mitochondrial",
        "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
        "---M-------*-------M---------------M---------------M------------",
    ),
}

NCBI_NUMBERS = tuple(_NCBI)
"""The numbers of NCBI's genetic codes; 7, 8 and 17 to 20 are not in use."""
