"""P1: how time and memory of each function of seqpro grow with the number of sequences.

``python benchmarks/growth.py`` times every call on 2,000, 20,000 and 200,000 sequences of 1,000 letters,
warm, and writes a table: the exponent of time between the last two sizes, and by how much the peak of memory
passes the result. Fails where that is more than 64 MB.
"""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from inputs import sequences
from run import machine
from turn import measured

import seqpro as sp

SIZES = (2_000, 20_000, 200_000)
LENGTH = 1_000
MOST = 64 * 2**20

LETTERS: dict[str, Callable[[Any], Any]] = {
    "ohe": lambda s: sp.ohe(s, sp.DNA),
    "ohe, letters first, float32": lambda s: sp.ohe(s, sp.DNA, ohe_axis=-2, dtype=np.float32),
    "tokenize": lambda s: sp.tokenize(s, sp.DNA),
    "kmer_tokens": lambda s: sp.kmer_tokens(s, 6, sp.DNA),
    "reverse_complement": lambda s: sp.reverse_complement(s, sp.DNA),
    "transcribe": lambda s: sp.transcribe(s),
    "pad_seqs": lambda s: sp.pad_seqs(s, length=1_100),
    "k_shuffle, k=2": lambda s: sp.k_shuffle(s, 2, rng=0),
    "k_shuffle, k=4": lambda s: sp.k_shuffle(s, 4, rng=0),
    "gc_content": lambda s: sp.gc_content(s),
    "nucleotide_content": lambda s: sp.nucleotide_content(s, sp.DNA),
    "length": lambda s: sp.length(s),
    "unknown_content": lambda s: sp.unknown_content(s, sp.DNA),
    "count_kmers, k=4": lambda s: sp.count_kmers(s, 4, sp.DNA),
    "count_kmers_sparse, k=12": lambda s: sp.count_kmers_sparse(s, 12, sp.DNA),
    "entropy, k=3": lambda s: sp.entropy(s, 3, sp.DNA),
    "hash_rows": lambda s: sp.hash_rows(s),
    "translate": lambda s: sp.translate(s, incomplete="drop"),
    "mutate": lambda s: sp.mutate(s, sp.DNA, rate=0.01, rng=0),
    "substitute": lambda s: sp.substitute(s, "TATAAA", 100),
    "insert": lambda s: sp.insert(s, "TATAAA", 100),
    "jitter": lambda s: sp.jitter(s, max_jitter=8, rng=0)[0],
    "remove_N": lambda s: sp.remove_N(s, sp.DNA),
}
ONEHOT: dict[str, Callable[[Any], Any]] = {
    "decode_ohe": lambda s: sp.decode_ohe(s, sp.DNA),
    "reverse_complement, one-hot": lambda s: sp.reverse_complement(s, sp.DNA, ohe_axis=-1),
    "k_shuffle, one-hot": lambda s: sp.k_shuffle(s, 2, ohe_axis=-1, rng=0),
    "gc_content, one-hot": lambda s: sp.gc_content(s, ohe_axis=-1),
    "mutate, one-hot": lambda s: sp.mutate(s, sp.DNA, rate=0.01, rng=0, ohe_axis=-1),
    "translate, one-hot": lambda s: sp.translate(s, incomplete="drop", ohe_axis=-1),
}
TRACKS: dict[str, Callable[[Any], Any]] = {
    "bin_coverage": lambda s: sp.bin_coverage(s, 8),
}


def main() -> None:
    """Measure every function and write the table."""
    lines = [
        "| function | 2,000 x 1 kb | 20,000 | 200,000 | exponent | memory over the result, MB |",
        "|---|---|---|---|---|---|",
    ]
    over = []
    found: dict[str, list[tuple[float, int]]] = {}
    for n in SIZES:
        letters = sequences(n, LENGTH)
        words = [row.tobytes().decode() for row in letters]
        onehot = sp.ohe(letters, sp.DNA)
        track = np.ones((n, LENGTH), np.float32)
        cases = [
            *((name, call, letters) for name, call in LETTERS.items()),
            *((f"{name}, list of str", call, words) for name, call in LETTERS.items()),
            *((name, call, onehot) for name, call in ONEHOT.items()),
            *((name, call, track) for name, call in TRACKS.items()),
        ]
        for name, call, argument in cases:
            found.setdefault(name, []).append(measure(call, argument))
    for name, values in found.items():
        seconds = [value[0] for value in values]
        exponent = math.log10(seconds[-1] / seconds[-2])
        memory = max(value[1] for value in values)
        if memory > MOST:
            over.append(name)
        times = " | ".join(f"{s * 1000:.1f} ms" for s in seconds)
        lines.append(f"| {name} | {times} | {exponent:.2f} | {memory / 2**20:.0f} |")
    table = "\n".join(lines)
    print(table)
    path = Path(__file__).parent / "results" / f"{date.today().isoformat()}-growth.md"
    path.write_text(f"{machine()}\n\n{table}\n")
    if over:
        sys.exit(f"more than 64 MB over the result: {', '.join(over)}")


def measure(call: Callable[[Any], Any], argument: Any) -> tuple[float, int]:
    """Give the least time of three warm calls, and the bytes by which one passes its result."""
    call(argument)
    gc.collect()
    calls = [measured(lambda: call(argument)) for _ in range(3)]
    return min(seconds for seconds, _ in calls), max(over for _, over in calls)


if __name__ == "__main__":
    main()
