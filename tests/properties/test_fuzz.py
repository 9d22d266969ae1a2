"""Odd input to every function: a right answer, or an exception that says what is wrong.

The fuzz calls every function with arguments drawn from pools of odd and of good values, and takes nothing
but an answer to arguments that are all good, or a clear exception; each call ends soon and needs little
memory. Rows of any bytes and arrays of any shape go through the table of `test_matrix` and are held against
its plain Python. What users get wrong most often is written out at the end, with the messages they see.
"""

from __future__ import annotations

import collections
import inspect
import math
import numbers
import random
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tests.properties.test_matrix import (
    CONTAINERS,
    ENTRIES,
    Container,
    Given,
    ask,
    check,
    columns,
    compare,
    expectation,
    hold,
    of_no_rows,
    pairs_of,
    rotated,
    shorter,
    table,
)

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro.codons import NCBI_NUMBERS, CodonTable
from seqpro.sample import MarkovChain

try:
    import resource
except ImportError:  # no Unix
    resource = None

SECONDS, BYTES = 5, 1 << 30  # that a call may take
HANG = 20  # seconds after which it is stopped: the first call of a kernel compiles it

# --- what a clear exception is ------------------------------------------------------------------------

INTERNALS = (
    "Failed in nopython|cannot reshape|could not broadcast|could not be broadcast|only integer|"
    "out of bounds for|buffer is|Cannot cast|unsupported operand|bad operand|object of type|"
    "not supported between|unhashable|truth value of an array|is not iterable|indices must be|"
    "index out of range|cannot be interpreted as an integer|inhomogeneous|has no attribute|"
    "float\\(\\) argument|int\\(\\) argument|could not convert|too large to convert|must be real number|"
    "Maximum allowed dimension|negative dimensions|not subscriptable|not callable|ufunc|"
    "Cannot change data-type|read-only|expected a bytes-like|can only join|positional argument|"
    "has no len|invalid literal|Python int|cannot convert"
)


def unclear(error: BaseException, call: Callable[..., Any], given: list[str]) -> str | None:
    """What an exception lacks to be clear, if anything; `given` are values and their types."""
    text = str(error)
    asked = {"length", "shape"} & {*inspect.signature(call).parameters}  # for so much memory
    if asked and isinstance(error, MemoryError) and text.startswith("Unable to allocate"):
        return None
    if type(error).__module__ not in ("builtins", "numpy.exceptions") or not isinstance(
        error, TypeError | ValueError | IndexError | KeyError
    ):
        return f"is a {type(error).__module__}.{type(error).__name__}"
    if not text or len(text) > 600 or "\n" in text.strip():
        return "is not one line of at most 600 characters"
    if found := re.search(INTERNALS, text):
        return f"speaks of internals ({found[0]})"
    names = [*inspect.signature(call).parameters, "found", *given]
    if not any(name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names):
        return "names neither an argument nor what was found"
    return None


@contextmanager
def limits() -> Iterator[None]:
    """Stop what hangs, and refuse memory beyond `BYTES`, where the system can."""

    def stop(*_: Any) -> None:
        msg = f"did not end within {HANG} s"
        raise TimeoutError(msg)

    timed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    pages = Path("/proc/self/statm")
    if timed:
        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, HANG)
    if resource is not None and pages.exists():
        limit = resource.getrlimit(resource.RLIMIT_AS)
        now = int(pages.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + BYTES, limit[1]))
    try:
        yield
    finally:
        if resource is not None and pages.exists():
            resource.setrlimit(resource.RLIMIT_AS, limit)
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


# --- odd and good values ------------------------------------------------------------------------------

NEVER_LETTERS: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "5": lambda: 5,
    "nan": lambda: float("nan"),
    "1j": lambda: 1j,
    "True": lambda: True,
    "{}": lambda: {},
    "{'A': 0}": lambda: {"A": 0},
    "{'AC'}": lambda: {"AC"},
    "(c for c in 'ACGT')": lambda: (c for c in "ACGT"),
    "object()": object,
    "int": lambda: int,
    "...": lambda: ...,
    "b'\\xff'": lambda: b"AC\xff",
    "bytes(range(256))": lambda: bytes(range(256)),
    "'é'": lambda: "ACé",
    "['AC', 'é']": lambda: ["AC", "é"],
    "['AC', None]": lambda: ["AC", None],
    "['AC', ['AC']]": lambda: ["AC", ["AC"]],
    "[['A'], ['C', 'G']]": lambda: [["A"], ["C", "G"]],
    "[1, 2]": lambda: [1, 2],
    "[[1, 2], [3]]": lambda: [[1, 2], [3]],
    "[None]": lambda: [None],
    "array of objects with None": lambda: np.array(["AC", None], object),
    "array of objects with lists": lambda: np.array([["A"], None], object),
    "array of é": lambda: np.array(["AC", "é"]),
    "StringDType of é": lambda: np.array(["AC", "é"], np.dtypes.StringDType()),
    "0-d array of a number": lambda: np.array(3.0),
    "array of int64": lambda: np.arange(6).reshape(2, 3),
    "array of floats": lambda: np.linspace(0, 1, 6).reshape(2, 3),
    "array of NaN": lambda: np.full((2, 3, 4), np.nan),
    "array of bool": lambda: np.zeros((2, 3), bool),
    "array of complex": lambda: np.ones((2, 3), complex),
    "array of dates": lambda: np.zeros((2, 3), "M8[s]"),
    "array of times": lambda: np.zeros((2, 3), "m8[s]"),
    "structured array": lambda: np.zeros((2, 3), [("a", "i4"), ("b", "f8")]),
    "structured array of objects": lambda: np.zeros((2, 3), [("a", "O")]),
    "array of void": lambda: np.zeros((2, 3), "V3"),
    "array of nothing": lambda: np.zeros((2, 3), "V0"),
    "array of long doubles": lambda: np.ones((2, 4), np.longdouble),
    "5-d array": lambda: np.ones((2, 1, 2, 3, 4), np.float32),
    "masked floats": lambda: np.ma.masked_array([[1.0, 2.0]], [[True, False]]),
    "uint8 of 0 and 1": lambda: np.eye(4, dtype=np.uint8),
    "0-size floats": lambda: np.zeros((0, 4)),
    "tensor": lambda: torch.ones((2, 3, 4)),
    "tensor with gradient": lambda: torch.ones((2, 3, 4), requires_grad=True),
    "tensor of bfloat16": lambda: torch.ones((2, 3, 4), dtype=torch.bfloat16),
    "sparse tensor": lambda: torch.ones((2, 4)).to_sparse(),
    "Series with None": lambda: pd.Series(["AC", None]),
    "Series of NA": lambda: pd.Series([1, None], dtype="Int64"),
    "Ragged of floats": lambda: Ragged.from_sizes(np.ones(3), [1, 2]),
    "Ragged of columns": lambda: Ragged.from_sizes(np.ones((3, 4)), [1, 2]),
    "Ragged of dates": lambda: Ragged.from_sizes(np.zeros(3, "M8[s]"), [1, 2]),
    "a list of itself": lambda: endless(),
}

SELDOM_LETTERS: dict[str, Callable[[], Any]] = {
    "''": str,
    "b''": bytes,
    "[]": list,
    "()": tuple,
    "['']": lambda: [""],
    "[b'', '']": lambda: [b"", ""],
    "[[], []]": lambda: [[], []],
    "every ASCII character": lambda: "".join(map(chr, range(128))),
    "zero characters": lambda: "\0\0\0",
    "0-d text": lambda: np.array("ACGT"),
    "str_": lambda: np.str_("ACGT"),
    "100,000 letters": lambda: "ACGTN" * 20_000,
    "S1 (0,)": lambda: np.zeros(0, "S1"),
    "S1 (0, 5)": lambda: np.zeros((0, 5), "S1"),
    "S1 (5, 0)": lambda: np.zeros((5, 0), "S1"),
    "S1 (2, 0, 3)": lambda: np.zeros((2, 0, 3), "S1"),
    "S1 (2, 1, 2, 1, 6)": lambda: np.full((2, 1, 2, 1, 6), b"A", "S1"),
    "U (0, 2)": lambda: np.zeros((0, 2), "U3"),
    "U of empty text": lambda: np.zeros((2, 2), "U3"),
    "uint8 zeros": lambda: np.zeros((2, 3), np.uint8),
    "every byte as a code": lambda: np.arange(256, dtype=np.uint8),
    "masked codes": lambda: np.ma.masked_array(np.full((2, 3), 65, np.uint8), True),
    "broadcast codes": lambda: np.broadcast_to(np.uint8(67), (3, 6)),
    "deque": lambda: collections.deque(["ACGT", "GGTA"]),
    "UserList": lambda: collections.UserList(["ACGT", "GGTA"]),
    "empty Ragged": lambda: Ragged.from_bytes([]),
    "Ragged of empty rows": lambda: Ragged.from_bytes([b"", b""]),
    "Ragged of no letters": lambda: Ragged.from_bytes([b"ACG"])[:0],
    "empty StringDType": lambda: np.zeros(0, np.dtypes.StringDType()),
    "empty Series": lambda: pd.Series([], dtype="str"),
}

ODD_OPTIONS: dict[str, Callable[[], Any]] = {
    **{str(n): (lambda n=n: n) for n in (-(2**70), -1, 0, 1, 2, 3, 10**6, 2**31, 2**63, 2**64 - 1)},
    "2**70": lambda: 2**70,
    "1.0": lambda: 1.0,
    "0.5": lambda: 0.5,
    "-0.5": lambda: -0.5,
    "1e300": lambda: 1e300,
    "inf": lambda: float("inf"),
    "int8": lambda: np.int8(2),
    "uint64": lambda: np.uint64(2**64 - 1),
    "float32": lambda: np.float32(0.25),
    "'x'": lambda: "x",
    "''": str,
    "b'A'": lambda: b"A",
    "'é'": lambda: "é",
    "'AC'": lambda: "AC",
    "'int9'": lambda: "int9",
    "[]": list,
    "[0]": lambda: [0],
    "['A']": lambda: ["A"],
    "array": lambda: np.array([1, 2]),
    "array of one": lambda: np.array([1]),
    "array of floats": lambda: np.array([0.5, 0.5]),
    "array of text": lambda: np.array(["fold", "strict"]),
    "DNA": lambda: DNA,
    "the name of an alphabet": lambda: "DNA",
    "dtype object": lambda: object,
    "dtype S1": lambda: "S1",
    "dtype long double": lambda: np.longdouble,
    "dtype float16": lambda: np.float16,
    "out of another type": lambda: np.zeros((2, 6), np.float64),
    "out of another shape": lambda: np.zeros((7,), np.uint8),
    **{
        name: NEVER_LETTERS[name]
        for name in (
            "None",
            "nan",
            "1j",
            "True",
            "{}",
            "{'A': 0}",
            "{'AC'}",
            "(c for c in 'ACGT')",
            "object()",
            "int",
            "...",
            "b'\\xff'",
            "['AC', None]",
            "[[1, 2], [3]]",
            "0-d array of a number",
            "array of objects with None",
            "array of dates",
        )
    },
}


def endless() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


# --- which options are good ---------------------------------------------------------------------------


def whole(least: int, most: int | None = None) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, int | np.integer) and v >= least and (most is None or v <= most)


def number(least: float, most: float = float("inf")) -> Callable[[Any], bool]:
    def fits(v: Any) -> bool:
        if isinstance(v, np.ndarray) and v.ndim == 0 and v.dtype.kind in "biuf":
            v = v[()]
        return isinstance(v, numbers.Real | np.bool_) and bool(least <= v <= most)

    return fits


def one_of(*names: Any) -> Callable[[Any], bool]:
    return lambda v: v is None if v is None else isinstance(v, str) and v in names


def letter(v: Any) -> bool:
    return isinstance(v, str) and len(v) == 1 and v.isascii()


def whole_numbers(v: Any) -> bool:
    array = np.asarray(v)
    return not array.size or array.dtype.kind in "iu"


def token_map(v: Any) -> bool:
    return isinstance(v, Alphabet) or (
        isinstance(v, Mapping)
        and all(letter(a) and whole(-(2**63), 2**63 - 1)(n) for a, n in v.items())
    )


def maybe(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda v: v is None or fits(v)


def whatever(_: Any) -> bool:
    return True


def several(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """One value, or any number of them but none."""
    return lambda v: (
        fits(v)
        or (
            isinstance(v, collections.abc.Iterable)
            and not isinstance(v, Iterator)
            and bool(len([*v]))
            and all(map(fits, v))
        )
    )


# name of an option, or function.option: good values, and which others may be taken without an exception
OPTIONS: dict[str, tuple[list[Any], Callable[[Any], bool]]] = {
    "alphabet": ([DNA, RNA, AA], lambda v: isinstance(v, Alphabet)),
    "k": ([1, 2, 3, np.int32(2)], whole(1)),
    "linguistic_complexity.k": ([1, [1, 2], range(1, 4)], several(whole(1))),
    "order": ([0, 1, 2], whole(0)),
    "case": (["fold", "strict"], lambda v: isinstance(v, str) and v in ("fold", "strict")),
    "ohe_axis": ([None], maybe(whole(-(2**80)))),
    "ohe.ohe_axis": ([-1, -2], whole(-(2**80))),
    "decode_ohe.ohe_axis": ([-1, -2], whole(-(2**80))),
    "dtype": (["i4", "i8", "f4"], whatever),
    "ohe.unknown": (
        ["zero", "uniform", 0.5],
        lambda v: v in ("zero", "uniform", "error") or isinstance(v, numbers.Real),
    ),
    "unknown": ([-1, 5], whole(-(2**63), 2**64)),
    "hamming_distance.unknown": (
        ["mismatch", "letter"],
        lambda v: isinstance(v, str) and v in ("mismatch", "letter"),
    ),
    "edit_distance.unknown": (
        ["mismatch", "letter"],
        lambda v: isinstance(v, str) and v in ("mismatch", "letter"),
    ),
    "out": ([None], lambda v: v is None or isinstance(v, np.ndarray)),
    "mask": ([None], lambda v: v is None or np.asarray(v).dtype == bool),
    "table": ([1, 2, 11], lambda v: isinstance(v, CodonTable) or whole(1, 33)(v)),
    "frame": ([0, 1, 2], whole(0, 2)),
    "to_stop": ([None, "inclusive"], one_of("inclusive", "exclusive")),
    "ambiguous": (
        ["resolve", "drop"],
        lambda v: v is not None and one_of("resolve", "unknown", "error", "drop")(v),
    ),
    "incomplete": (["drop"], lambda v: v is not None and one_of("error", "drop")(v)),
    "unknown_char": (["?"], maybe(letter)),
    "translate.unknown_char": (["X", "?"], letter),
    "six_frames.unknown_char": (["X", "?"], letter),
    "letter": (["A", "-"], maybe(letter)),
    "length": ([None, 3, 9], maybe(whole(0))),
    "tile.length": ([0, 7], whole(0)),
    "side": (["left", "both"], lambda v: v is not None and one_of("left", "right", "both")(v)),
    "truncate": (["left", "both"], lambda v: v is not None and one_of("left", "right", "both")(v)),
    "remove": (["-", "", "N"], lambda v: isinstance(v, str) and v.isascii()),
    "most": ([0, 0.5, 1], number(0, 1)),
    "position": ([0, 1], whole_numbers),
    "size": ([0, 1], whole_numbers),
    "rng": ([0, 5, None, np.random.default_rng(0)], whatever),
    "rows": ([None], maybe(whole_numbers)),
    "max_jitter": ([0, 1], whole(0)),
    "length_axes": ([-1], several(whole(-9, 9))),
    "rate": ([0.5, 0, 1], maybe(number(0, 1))),
    "number": ([0, 1], maybe(whole(0))),
    "codon_table.number": ([1, 2], lambda v: isinstance(v, numbers.Integral) and v in NCBI_NUMBERS),
    "by": (["valid"], lambda v: v is not None and one_of("length", "valid")(v)),
    "canonical": ([True], whatever),
    "both_strands": ([False], whatever),
    "all_pairs": ([True], whatever),
    "shared": ([1, 4, 32], whole(1, 32)),
    "ignore_common": ([0.5], maybe(number(0, 1))),
    "similarity": ([0.5, 1.0], number(0, 1)),
    "sketch": ([64], whole(1)),
    "seed": ([0, 7], whole(0, 2**64 - 1)),
    "algorithm": (["md5"], lambda v: v is not None and one_of("md5", "sha256")(v)),
    "unequal": (["pad"], lambda v: v is not None and one_of("pad", "error")(v)),
    "least": ([2], whole(0)),
    "stride": ([1, 2], whole(1)),
    "tokens": ([DNA, {"A": 1, "C": 2}], token_map),
    "letters": ([DNA, {"A": 1, "C": 2}], token_map),
    "Alphabet.name": (["mine"], whatever),
    "Alphabet.letters": (["ACGT"], lambda v: isinstance(v, str)),
    "Alphabet.pairs": (["AT CG"], lambda v: isinstance(v, str)),
    "Alphabet.unknown": (["N"], letter),
    "with_letters.letters": (["N", "RY"], lambda v: isinstance(v, str)),
    "complement.letter": (["A"], letter),
    "to_padded.length": ([None, 3, 9], maybe(whole(0))),
    "fill": ([65, 0], whatever),
    "values": ([np.arange(6), np.zeros((4, 2))], whatever),
    "starts": ([[0, 1]], whole_numbers),
    "sizes": ([[1, 2]], whole_numbers),
    "offsets": ([[0, 2, 4]], whole_numbers),
    "words": ([[b"AC", b""]], whatever),
    "array": ([np.zeros((3, 4))], whatever),
    "index": ([0, slice(1), [0, 1]], whatever),
    "batches.size": ([1, 4], whole(1)),
    "bin_width": ([1, 2], whole(1)),
    "statistic": (["mean", "max"], lambda v: v is not None and one_of("sum", "mean", "max")(v)),
    "total": ([1000, 2.5], lambda v: number(0)(v) or np.asarray(v).dtype.kind in "biuf"),
    "method": (["CPKM"], lambda v: v is not None and one_of("CPM", "CPKM")(v)),
    "shape": ([3, (2, 3), ()], lambda v: several(whole(0))(v) or len(v) == 0),
    "weights": ([[0.25] * 4, None], lambda v: v is None or np.asarray(v).dtype.kind in "biuf"),
    "gc": ([0.5, None], maybe(number(0, 1))),
    "markov": ([None], lambda v: v is None or isinstance(v, MarkovChain)),
    "pseudocount": ([0, 1.5], number(0)),
}

NUMBERS = [
    lambda draw: np.array(
        [[draw.randrange(4) for _ in range(6)] for _ in range(3)], draw.choice(["u1", "i4", "i8"])
    ),
    lambda draw: [draw.randrange(4) for _ in range(6)],
]


def sequences(draw: random.Random) -> tuple[list[str], Container]:
    """Rows of one length and a container of theirs."""
    held = draw.choice([name for name, c in CONTAINERS.items() if c.kind != "one-hot"])
    length = draw.randrange(9)
    rows = ["".join(draw.choices("ACGTNacgtRYU-", k=length)) for _ in range(draw.randrange(1, 4))]
    return CONTAINERS[held].trim(rows) or CONTAINERS[held].trim(rows + rows), CONTAINERS[held]


# --- the fuzz -----------------------------------------------------------------------------------------

RAGGED = Ragged.from_sizes(np.frombuffer(b"ACGTAC", np.uint8), [2, 0, 4])

FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(sp, name) for name in sp.__all__ if inspect.isfunction(getattr(sp, name))
} | {
    "Alphabet": Alphabet,
    "with_letters": DNA.with_letters,
    "complement": DNA.complement,
    "index_table": DNA.index_table,
    "Ragged": Ragged,
    "from_sizes": Ragged.from_sizes,
    "from_offsets": Ragged.from_offsets,
    "from_bytes": Ragged.from_bytes,
    "from_dense": Ragged.from_dense,
    "from_padded": Ragged.from_padded,
    "to_padded": RAGGED.to_padded,
    "rows of a Ragged": lambda index: RAGGED[index],
    "mutants": lambda index: sp.single_mutants(["ACG"], DNA)[index],
    "edits": sp.single_mutants(["ACG"], DNA).edits,
    "batches": sp.single_mutants(["ACG"], DNA).batches,
}

DATA = {
    **dict.fromkeys(["seqs", "pattern", "others"], "letters"),
    **dict.fromkeys(
        ["onehot", "coverage", "arrays", "decode_tokens.tokens", "decode_kmer_tokens.tokens"],
        "numbers",
    ),
}

ANY_VALUES = ("hash_rows", "digest_rows")  # take a Ragged of whatever


class Call:
    """A function with some of its arguments drawn, and which of them it must not take."""

    def __init__(self, name: str, draw: random.Random) -> None:
        self.name, self.function, self.draw = name, FUNCTIONS[name], draw
        self.parameters = inspect.signature(self.function).parameters
        self.args: list[Any] = []
        self.options: dict[str, Any] = {}
        self.told: list[str] = []  # how each argument was made
        self.wrong: list[str] = []  # what may not be taken
        names = sorted(self.parameters)
        one = draw.random() < 0.6  # more than one odd value hide each other
        self.odd = {draw.choice(names)} if one else {n for n in names if draw.random() < 0.3}
        for parameter in self.parameters.values():
            if parameter.name not in (*self.options, "argument"):  # it is what messages say
                self.fill_in(parameter)

    def fill_in(self, parameter: inspect.Parameter) -> None:
        name, key = parameter.name, f"{self.name}.{parameter.name}"
        kind = DATA.get(key, DATA.get(name))
        if parameter.kind is parameter.VAR_POSITIONAL:
            self.args = [self.data(kind, name) for _ in range(self.draw.randrange(3))]
        elif kind:
            self.options[name] = self.data(kind, name)
        elif name in self.odd:
            value = self.odd_value(ODD_OPTIONS, name)
            self.options[name] = value
            if not self.may_be(key, value):
                self.wrong.append(name)
        elif parameter.default is parameter.empty or self.draw.random() < 0.3:
            good = OPTIONS.get(key, OPTIONS.get(name, ([], None)))[0]
            self.options[name] = self.draw.choice(good) if good else "ACGT"
            self.told.append(f"{name}={self.options[name]!r}")

    def may_be(self, key: str, value: Any) -> bool:
        fits = OPTIONS.get(key, OPTIONS.get(key.split(".")[1], ([], whatever)))[1]
        try:
            return bool(fits(value))
        except Exception:  # of a kind that cannot even be compared
            return False

    def data(self, kind: str, name: str) -> Any:
        luck = self.draw.random()
        if name in self.odd and luck < 0.7:
            value = self.odd_value(NEVER_LETTERS, name)
            ragged = isinstance(value, Ragged) and self.name in ANY_VALUES
            if kind == "letters" and self.options.get("ohe_axis") is None and not ragged:
                self.wrong.append(f"letters {name}")
            return value
        if name in self.odd or luck < 0.15:
            return self.odd_value(SELDOM_LETTERS, name)
        if name == "onehot" or (luck < 0.4 and name == "seqs" and "ohe_axis" in self.parameters):
            return self.one_hot()
        if kind == "numbers" and (name != "arrays" or luck < 0.6):
            return self.draw.choice(NUMBERS)(self.draw)
        rows, container = sequences(self.draw)
        self.told.append(f"{name}={rows}")
        return container.make(rows)

    def one_hot(self) -> Any:
        held = self.draw.choice([name for name, c in CONTAINERS.items() if c.axis is not None])
        container = CONTAINERS[held]
        more = {"alphabet": DNA, "ohe_axis": container.axis}
        self.options |= {k: v for k, v in more.items() if k in self.parameters}
        self.told.append(held)
        rows = container.read(container.trim(["ACGTN", "GGNTA", "NNNNN", "TTACA"]), DNA)
        return hold(container, rows, DNA)

    def odd_value(self, pool: dict[str, Callable[[], Any]], name: str) -> Any:
        label = self.draw.choice(sorted(pool))
        self.told.append(f"{name}={label}")
        return pool[label]()

    def run(self) -> tuple[Any, BaseException | None, float]:
        start = time.perf_counter()
        try:
            with limits():
                return self.function(*self.args, **self.options), None, time.perf_counter() - start
        except Exception as error:
            return None, error, time.perf_counter() - start

    def fault(self) -> str | None:
        """What is wrong with what came of the call, if anything."""
        found, error, seconds = self.run()
        if error is not None:
            if reason := unclear(error, self.function, self.spelled()):
                return f"{type(error).__name__} {reason}: {str(error)[:200]!r}"
        elif self.wrong and not (self.wrong == ["letters others"] and not np.size(found)):
            return f"took a wrong value for {', '.join(self.wrong)}"
        elif self.options.get("out") is not None and found is not self.options["out"]:
            return "did not give out back"
        if seconds > SECONDS and self.run()[2] > SECONDS:  # the first call may compile
            return f"took {seconds:.0f} s"
        return None

    def spelled(self) -> list[str]:
        """How a message may speak of the arguments: as their type, or the short ones as they are."""
        values = [*self.args, *self.options.values()]
        short = [str(v) for v in values if isinstance(v, str | int | float)]
        return [name for name in [*short, *(type(v).__name__ for v in values)] if name]


def faults(name: str, seeds: range) -> list[str]:
    """The faults of many calls, of those alike the first."""
    seen: dict[str, str] = {}
    for seed in seeds:
        call = Call(name, random.Random(f"{name} {seed}"))
        fault = call.fault()
        if fault is None:
            continue
        alike = re.sub(r"[0-9]+", "0", fault)[:90]
        seen.setdefault(alike, f"seed {seed}: {name}({', '.join(call.told)}) {fault}")
        if "TimeoutError" in fault:
            break
    return list(seen.values())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_odd_arguments_get_an_answer_or_a_clear_exception(name):
    found = faults(name, range(300))
    assert not found, "\n".join(["", *found])


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_many_odd_arguments_get_an_answer_or_a_clear_exception(name):
    found = faults(name, range(300, 6000))
    assert not found, "\n".join(["", *found])


# --- rows of any bytes, against plain Python ----------------------------------------------------------

PRINTABLE = "".join(chr(code) for code in range(32, 127) if chr(code) not in "Uu")
BYTES_TOO = PRINTABLE + "".join(chr(code) for code in range(128, 254))


def check_any_bytes(name: str, seeds: range) -> None:
    for seed in seeds:
        draw = random.Random(f"{name} {seed}")
        held = draw.choice(pairs_of[name])
        some = draw.choice([PRINTABLE, "ACGT", "ACGTNacgtn", "N-", "A"])
        if CONTAINERS[held].kind == "codes" and draw.random() < 0.3:
            some = BYTES_TOO
        n, longest = draw.randrange(6), draw.choice([0, 1, 3, 10, 70])
        one = draw.randrange(longest + 1)
        even = draw.random() < 0.6
        sizes = [one if even else draw.randrange(longest + 1) for _ in range(n)]
        check(name, held, ["".join(draw.choices(some, k=size)) for size in sizes])


@pytest.mark.parametrize("name", ENTRIES)
def test_rows_of_any_bytes_get_what_plain_python_gives(name):
    check_any_bytes(name, range(20))


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRIES)
def test_many_rows_of_any_bytes_get_what_plain_python_gives(name):
    check_any_bytes(name, range(20, 1000))


@dataclass(frozen=True)
class Shaped(Container):
    """Sequences on any number of axes."""

    dims: tuple[int, ...] = ()

    def shape(self, rows: list[str]) -> tuple[int, ...]:
        return self.dims


def check_any_shape(name: str, seeds: range) -> None:
    entry = ENTRIES[name]
    for seed in seeds:
        draw = random.Random(f"{name} {seed} shape")
        dims = tuple(draw.choice([0, 1, 2, 3]) for _ in range(draw.randrange(5)))
        one_hot = entry.alphabet is not None and draw.random() < 0.5
        kind, axis = ("one-hot", -1) if one_hot else ("codes", None)
        container = Shaped(np.array, kind, equal=True, axis=axis, dims=dims)
        length, n = draw.choice([0, 1, 9]), math.prod(dims)
        rows = entry.prepare(["".join(draw.choices("ACGTNacgn", k=length)) for _ in range(n)])
        rows = container.read(rows, entry.alphabet)
        seqs = columns(rows, entry.alphabet) if one_hot else table(rows)
        seqs = seqs.reshape(*dims, *seqs.shape[1:])
        model = None if rows else of_no_rows(name, container)
        found = ask(entry, container, rows, seqs)
        compare(entry, container, rows, seqs, found, expectation(name, tuple(rows)), model)


SHAPED = [
    name
    for name, entry in ENTRIES.items()
    if name != "jitter"
    and entry.only != "one-hot"
    and not entry.flat
    and not any(arg in (rotated, shorter) for arg in entry.args)
    and not entry.pairs
]


@pytest.mark.parametrize("name", SHAPED)
def test_arrays_of_any_shape_get_what_plain_python_gives(name):
    check_any_shape(name, range(20))


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPED)
def test_many_arrays_of_any_shape_get_what_plain_python_gives(name):
    check_any_shape(name, range(20, 500))


# --- what users get wrong most often ------------------------------------------------------------------

NO_SEQUENCES = {
    "text that is not ASCII": ["ACé", "AC"],
    "bytes that are not ASCII": [b"AC\xe9", b"ACG"],
    "whole numbers": [[65, 67], [71, 84]],
    "one number": 5,
    "floats": np.zeros((2, 4)),
    "indices of letters": np.array([[1, 3], [0, 2]]),
    "one-hot without its axis": np.eye(4, dtype=np.uint8)[None],
    "nothing": None,
    "text and nothing": ["AC", None],
    "lists of other depths": [["A"], ["C", "G"]],
}
TEXT_ENTRIES = [name for name, entry in ENTRIES.items() if entry.only != "one-hot"]


def asked(name: str, seqs: Any, n: int = 2, **more: Any) -> Any:
    entry = ENTRIES[name]
    given = Given(["ACGT"] * n, (n,), lambda rows: rows)
    args = [arg(given) if inspect.isfunction(arg) else arg for arg in entry.args]
    options = {k: v(given) if inspect.isfunction(v) else v for k, v in entry.options.items()}
    return entry.call(seqs, *args, **(options | more))


def refusals(calls: dict[Any, Callable[[], Any]], message: str) -> list[str]:
    """What was not refused by a message of this kind."""
    found = []
    for what, call in calls.items():
        try:
            call()
        except (TypeError, ValueError) as error:
            if not re.search(message, str(error)):
                found.append(f"{what}: {type(error).__name__} {error}")
        except Exception as error:
            found.append(f"{what}: {type(error).__name__} {error}")
        else:
            found.append(f"{what} was taken")
    return found


@pytest.mark.parametrize("name", [name for name in TEXT_ENTRIES if name != "jitter"])
def test_what_is_no_sequence_is_refused_by_name(name):
    """Numbers read as letters, or the other way round, would be wrong without a word."""
    calls = {kind: partial(asked, name, seqs) for kind, seqs in NO_SEQUENCES.items()}
    assert not refusals(calls, r"^(seqs|pattern).* must .*found")


AXES = [name for name, entry in ENTRIES.items() if entry.alphabet and name != "jitter"]


@pytest.mark.parametrize("name", AXES)
def test_a_wrong_axis_of_letters_is_refused_by_name(name):
    entry = ENTRIES[name]
    seqs = columns(["ACGTACG", "GGTCAAA"], entry.alphabet, "f4")
    axes = (3, -4, 0, 1.0, "x", [1], 2**70)
    calls = {str(axis): partial(asked, name, seqs, ohe_axis=axis) for axis in axes}
    assert not refusals(calls, r"ohe_axis.*found|found.*ohe_axis")
    if entry.alphabet in [
        *entry.args,
        *entry.options.values(),
    ]:  # others take any letters, or DNA's
        other = {"the other axis": partial(asked, name, seqs, ohe_axis=-2)}
        assert not refusals(other, r"must have \d+ letters .*found shape .*mean ohe_axis=-1")


FLAT = np.frombuffer(b"ACGTAC", np.uint8)
ROWS_OF_SIX = ["ACGTAC", "GGTACA"]

# what users get wrong, and the argument, what was expected and what was found, in the message
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "k-mers longer than the sequences": (
        lambda: sp.kmer_tokens(["AC", "GT"], 3, DNA),
        "k must be at most the length .*, 2; found 3",
    ),
    **{
        f"{function.__name__} of {k!r}-mers": (
            lambda function=function, k=k, more=more: function(ROWS_OF_SIX, k, *more),
            f"k must be .*found.*{re.escape(repr(k))}",
        )
        for function, more in (
            (sp.k_shuffle, ()),
            (sp.count_kmers, (DNA,)),
            (sp.kmer_tokens, (DNA,)),
            (sp.count_kmers_sparse, (DNA,)),
            (sp.kmer_totals, (DNA,)),
            (sp.entropy, (DNA,)),
        )
        for k in (0, -1, 1.5, "2", None)
    },
    "negative jitter": (
        lambda: sp.jitter(ROWS_OF_SIX, max_jitter=-1),
        "max_jitter must be a whole number, at least 0; found -1",
    ),
    "half a jitter": (
        lambda: sp.jitter(ROWS_OF_SIX, max_jitter=0.5),
        "max_jitter must be a whole number.*found 0.5",
    ),
    "jitter beyond the rows": (
        lambda: sp.jitter(ROWS_OF_SIX, max_jitter=3),
        r"arrays\[0\] must have more than 6 positions.*found 6",
    ),
    "jitter of other rows": (
        lambda: sp.jitter(ROWS_OF_SIX, np.zeros((3, 6)), max_jitter=1),
        r"same number of rows; found 2 .*3 in arrays\[1\]",
    ),
    "jitter of another axis": (
        lambda: sp.jitter(np.zeros((3, 6)), max_jitter=1, length_axes=2),
        r"length_axes must be .*found 2",
    ),
    "bins that do not divide": (
        lambda: sp.bin_coverage(np.zeros((2, 10)), 3),
        "bin_width must .*divide the length, 10; found 3",
    ),
    "bins of 0": (lambda: sp.bin_coverage(np.zeros((2, 10)), 0), "bin_width must be .*found 0"),
    "letters of coverage": (
        lambda: sp.bin_coverage(["ACG"], 1),
        "coverage must hold numbers; found",
    ),
    "repeated letters": (
        lambda: Alphabet("mine", "ACCA"),
        "letters of alphabet 'mine' must be unique; repeated: A, C",
    ),
    "no letters": (
        lambda: Alphabet("mine", ""),
        "letters of alphabet 'mine' must be ASCII, at least one; found ''",
    ),
    "letters that are not ASCII": (
        lambda: Alphabet("mine", "AÉ"),
        "letters of alphabet 'mine' must be ASCII.*found 'AÉ'",
    ),
    "half a pair": (
        lambda: Alphabet("mine", "ACG", "AC"),
        "pairs of alphabet 'mine' must give every letter .*none for G",
    ),
    "the name of an alphabet": (
        lambda: sp.ohe("AC", "DNA"),
        "alphabet must be an Alphabet .*found 'DNA'",
    ),
    "offsets beyond the values": (
        lambda: Ragged.from_offsets(FLAT, [0, 2, 9]),
        "offsets must .*found 2 to 9 for row 1",
    ),
    "offsets that fall": (
        lambda: Ragged.from_offsets(FLAT, [0, 4, 2]),
        "offsets must not fall.*found 4 to 2 for row 1",
    ),
    "no offsets": (
        lambda: Ragged.from_offsets(FLAT, []),
        "offsets must be n .* 1 numbers for n rows; found none",
    ),
    "sizes of fewer values": (
        lambda: Ragged.from_sizes(FLAT, [1, 2]),
        "sizes must add up to .*6; found a sum of 3",
    ),
    "negative sizes": (
        lambda: Ragged.from_sizes(FLAT, [7, -1]),
        "sizes must not be negative; found -1 in row 1",
    ),
    "rows beyond the values": (
        lambda: Ragged(FLAT, [0, 5], [2, 2]),
        "starts and sizes must .*found row 1 with start 5",
    ),
    "starts without sizes": (
        lambda: Ragged(FLAT, [0, 5], [2]),
        "starts and sizes must be as many; found 2 .*1 sizes",
    ),
    "numbers of other rows": (
        lambda: sp.k_shuffle(ROWS_OF_SIX, rows=[0]),
        r"rows must be .*each of the 2 sequences; found .*\(1,\)",
    ),
    "a mask of other rows": (
        lambda: sp.reverse_complement(ROWS_OF_SIX, DNA, mask=[True]),
        r"mask must be boolean with shape \(2,\); found .*\(1,\)",
    ),
    "patterns of other rows": (
        lambda: sp.insert(ROWS_OF_SIX, ["A", "C", "G"], 0),
        r"pattern must be .*\(2,\) sequences; found \(3,\)",
    ),
    "a pattern beyond the end": (
        lambda: sp.substitute(ROWS_OF_SIX, "GG", [0, 5]),
        "position and .*2 letters .*found position 5 in sequence 1 of 6",
    ),
    "a place before the start": (
        lambda: sp.delete(ROWS_OF_SIX, -1, 1),
        "position .*found position -1 in sequence 0",
    ),
    "U in DNA": (
        lambda: sp.reverse_complement(["ACU"], DNA),
        "seqs must be DNA, without U; found one in sequence 0",
    ),
    "a protein turned": (
        lambda: sp.reverse_complement(["ACD"], AA),
        "alphabet 'AA' has no complement; give it pairs",
    ),
    "half a codon": (
        lambda: sp.translate(["ACGT"]),
        "seqs must hold whole codons .*found 4 letters",
    ),
    "an unknown letter refused": (
        lambda: sp.ohe(["AC", "AX"], DNA, unknown="error"),
        "seqs must hold letters of DNA .*found 'X' at position 1 of sequence 1",
    ),
    "soft columns": (
        lambda: sp.mutate(np.full((1, 2, 4), 0.4), DNA, rate=1, ohe_axis=-1),
        "seqs must hold columns .*found .*0.4",
    ),
    "more mutations than letters": (
        lambda: sp.mutate(["ANNN"], DNA, number=2),
        "seqs must have 2 known letters .*found fewer in sequence 0",
    ),
    "too many one-hot letters": (
        lambda: sp.k_shuffle(np.zeros((1, 3, 99)), ohe_axis=-1),
        "one-hot array must have 1 to 94 letters; found 99",
    ),
    "distances of other lengths": (
        lambda: sp.hamming_distance("ACG", "AC", DNA),
        "seqs and others must be of one length .*found lengths 3 and 2",
    ),
    "distances of other rows": (
        lambda: sp.edit_distance(["A"] * 3, ["A"] * 2, DNA),
        r"others must be as many .*\(3,\), or one; found \(2,\)",
    ),
    "weights of three letters": (
        lambda: sp.random_seqs(3, DNA, weights=[0.5, 0.25, 0.25]),
        "weights must be 4 .*found .*sum 1",
    ),
    "a negative shape": (lambda: sp.random_seqs((2, -1), DNA), r"shape must .*found"),
    "an order too long": (
        lambda: sp.fit_markov(ROWS_OF_SIX, 30, DNA),
        "order must be .*0 to 9 .*found 30",
    ),
    "a code that NCBI lacks": (lambda: sp.codon_table(7), "number must be .*found 7"),
    "a negative length": (
        lambda: sp.pad_seqs(ROWS_OF_SIX, length=-1),
        "length must .*found -1",
    ),
    "a pattern of nothing": (
        lambda: sp.tile(["A", ""], 3),
        "pattern must hold at least one letter; found none in row 1",
    ),
    "a library of no reads": (
        lambda: sp.normalize_coverage([1.0], 0),
        "total must be positive.*found 0",
    ),
    "tokens of floats": (
        lambda: sp.decode_tokens([0.5], DNA),
        "tokens must be whole numbers; found float64",
    ),
    "a letter of two": (
        lambda: sp.tokenize("AC", {"AC": 1}),
        "key of tokens must be one ASCII letter; found 'AC'",
    ),
    **{
        f"a side of {side!r} for {n} rows": (
            lambda side=side, n=n: sp.pad_seqs(ROWS_OF_SIX[:n], side=side),
            f"side must be .*found {re.escape(repr(side))}",
        )
        for side in ("middle", None, 1)
        for n in (0, 2)
    },
    **{
        f"a case of {case!r}": (
            lambda case=case: sp.tokenize("AC", DNA, case=case),
            "case must be 'fold' or 'strict'; found",
        )
        for case in ("lower", None, [])
    },
}


@pytest.mark.parametrize("what", WRONG)
def test_what_users_get_wrong_is_told_by_argument_expected_and_found(what):
    call, message = WRONG[what]
    with pytest.raises((TypeError, ValueError), match=message):
        call()


# --- numpy's whole numbers ----------------------------------------------------------------------------

LONG = ["ACGTACGTNACGGT" * 20, "GGTACCATGGCATT" * 20]
TOKENS = np.zeros((2, 93), np.int64)
WHOLE: dict[str, Callable[[Callable[[int], Any]], Any]] = {
    "count_kmers": lambda n: sp.count_kmers(LONG, n(4), DNA),
    "count_kmers canonical": lambda n: sp.count_kmers(LONG, n(4), DNA, canonical=True),
    "count_kmers_sparse": lambda n: sp.count_kmers_sparse(LONG, n(4), DNA).kmers,
    "kmer_totals": lambda n: sp.kmer_totals(LONG, n(4), DNA).kmers,
    "kmer_words": lambda n: sp.kmers.kmer_words([5], n(4), DNA),
    "kmer_tokens": lambda n: sp.kmer_tokens(LONG, n(4), DNA, unknown=n(100)),
    "kmer_tokens stride": lambda n: sp.kmer_tokens(LONG, 5, DNA, stride=n(2)),
    "decode_kmer_tokens": lambda n: sp.decode_kmer_tokens(TOKENS, n(4), DNA),
    "decode_kmer_tokens stride": lambda n: sp.decode_kmer_tokens(TOKENS, 3, DNA, stride=n(3)),
    "tokenize": lambda n: sp.tokenize(LONG, {"A": n(100), "C": n(3)}, unknown=n(120)),
    "decode_tokens": lambda n: sp.decode_tokens(np.arange(120), {"A": n(100), "C": n(3)}),
    "entropy": lambda n: sp.entropy(LONG, n(4), DNA),
    "linguistic_complexity": lambda n: sp.linguistic_complexity(LONG, [n(4), n(3)], DNA),
    "k_shuffle": lambda n: sp.k_shuffle(LONG, n(5), rng=n(3)),
    "fit_markov": lambda n: sp.fit_markov(LONG, n(4), DNA).transitions,
    "mutate": lambda n: sp.mutate(LONG, DNA, number=n(100), rng=n(1)),
    "jitter": lambda n: sp.jitter(LONG, max_jitter=n(100), rng=n(1)),
    "jitter axes": lambda n: sp.jitter(np.ones((2, 280)), max_jitter=3, length_axes=n(1), rng=1),
    "random_seqs": lambda n: sp.random_seqs((n(100), n(100)), DNA, rng=n(1)),
    "translate": lambda n: sp.translate(LONG, frame=n(1), table=n(2), incomplete="drop"),
    "pad_seqs": lambda n: sp.pad_seqs(LONG, length=n(100)),
    "tile": lambda n: sp.tile(LONG, n(100)),
    "insert": lambda n: sp.insert(LONG, "ACG", n(100)),
    "delete": lambda n: sp.delete(LONG, n(100), n(100)),
    "bin_coverage": lambda n: sp.bin_coverage(np.ones((2, 1200)), n(100)),
    "shared_sequence_groups": lambda n: sp.shared_sequence_groups(LONG, shared=n(30)),
    "near_duplicate_groups": lambda n: sp.near_duplicate_groups(LONG, k=n(12), sketch=n(127)),
    "hash_rows": lambda n: sp.hash_rows(LONG, seed=n(100)),
    "batches": lambda n: [len(b) for b in sp.single_mutants(LONG, DNA).batches(n(100))],
    "mutants": lambda n: sp.single_mutants(LONG, DNA)[n(100)],
    "to_padded": lambda n: sp.as_ragged(LONG).to_padded(n(100), n(65)),
    "positions": lambda n: sp.as_ragged(LONG)[:, n(5) : n(100)].to_padded(None, 0),
}


@pytest.mark.parametrize("name", WHOLE)
def test_small_numbers_of_numpy_do_as_numbers_of_python(name):
    """``4 ** np.int8(4)`` is 0: a table of no size, written beyond its end, ends the whole process."""
    expected = np.asarray(WHOLE[name](int))
    for kind in (np.int8, np.uint8, np.int16, np.uint64):
        found = np.asarray(WHOLE[name](kind))
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype), kind
        assert np.array_equal(found, expected), kind


# --- out ----------------------------------------------------------------------------------------------

# function, shape and type of its sequences, shape and type of its answer
INTO_OUT: dict[str, tuple[Callable[..., Any], tuple[int, ...], str, tuple[int, ...], str]] = {
    "ohe": (sp.ohe, (3, 8), "u1", (3, 8, 4), "u1"),
    "ohe letters first": (
        lambda seqs, alphabet, **out: sp.ohe(seqs, alphabet, ohe_axis=-2, **out),
        (3, 8),
        "u1",
        (3, 4, 8),
        "u1",
    ),
    "tokenize": (
        lambda seqs, alphabet, **out: sp.tokenize(seqs, alphabet, dtype="i1", **out),
        (5, 20),
        "u1",
        (5, 20),
        "i1",
    ),
    "count_kmers": (
        lambda seqs, alphabet, **out: sp.count_kmers(seqs, 1, alphabet, **out),
        (9, 8),
        "u1",
        (9, 4),
        "i8",
    ),
    "reverse_complement": (sp.reverse_complement, (6, 15), "u1", (6, 15), "u1"),
    "reverse_complement S1": (sp.reverse_complement, (6, 15), "S1", (6, 15), "S1"),
    "reverse_complement one-hot": (
        lambda seqs, alphabet, **out: sp.reverse_complement(seqs, alphabet, ohe_axis=-1, **out),
        (3, 5, 4),
        "u1",
        (3, 5, 4),
        "u1",
    ),
}


def in_one_buffer(name: str, start: int, begin: int) -> tuple[Any, Any]:
    """Sequences and room for the answer at two places of the same memory."""
    _, shape, dtype, answer, kind = INTO_OUT[name]
    letters = b"ACGTNacgtn" if len(shape) == 2 else b"\1\0\0\0\0\1\0\0\0\0\0\1\0\0\0\0\0\0\1\0"
    buffer = np.frombuffer(bytearray(letters * 80), np.uint8)
    seqs = buffer[start : start + int(np.prod(shape))].view(dtype).reshape(shape)
    size = int(np.prod(answer)) * np.dtype(kind).itemsize
    return seqs, buffer[begin : begin + size].view(kind).reshape(answer)


@pytest.mark.parametrize(("start", "begin"), [(0, 0), (0, 8), (8, 0), (0, 40), (40, 0), (0, 160)])
@pytest.mark.parametrize("name", INTO_OUT)
def test_out_that_overlaps_the_input_is_right_or_refused(name, start, begin):
    """Writing where is still to be read makes letters up."""
    function = INTO_OUT[name][0]
    seqs, out = in_one_buffer(name, start, begin)
    expected = function(seqs.copy(), DNA)
    try:
        found = function(seqs, DNA, out=out)
    except ValueError as error:
        assert re.search("^out must .*found an overlap", str(error))  # noqa: PT017
        assert np.may_share_memory(seqs, out)
    else:
        assert found is out
        assert np.array_equal(out, expected)


def test_out_that_overlaps_many_rows_is_right_or_refused():
    """Rows are worked on many at a time: one may be overwritten before another thread reads it."""
    rows = sp.ohe(sp.random_seqs((3001, 500), DNA, rng=0), DNA)
    expected = sp.reverse_complement(rows[:-1].copy(), DNA, ohe_axis=-1)
    try:
        found = sp.reverse_complement(rows[:-1], DNA, ohe_axis=-1, out=rows[1:])
    except ValueError as error:
        assert re.search("^out must .*found an overlap", str(error))  # noqa: PT017
    else:
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("name", INTO_OUT)
def test_out_that_does_not_fit_is_refused_by_name(name):
    function, _, _, answer, kind = INTO_OUT[name]
    seqs = in_one_buffer(name, 0, 0)[0]
    fixed = np.zeros(answer, kind)
    fixed.flags.writeable = False
    for out in (
        fixed,
        np.zeros(answer, "c16"),
        np.zeros((*answer[:-1], answer[-1] + 1), kind),
        np.zeros(answer, kind).tolist(),
        torch.zeros(answer, dtype=torch.uint8),
    ):
        with pytest.raises((TypeError, ValueError), match=r"^(out|dtype) must .*found"):
            function(seqs, DNA, out=out)
    assert not fixed.any()
