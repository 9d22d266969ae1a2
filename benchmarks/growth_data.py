"""P1 of data: how time and memory of building and loading grow with the number of rows.

``python benchmarks/growth_data.py`` runs rows of `rows` on one size and on ten times as much, in turns, each
in a process of its own, and writes a table of medians. Fails where the larger one needs 64 MB more.
"""

from __future__ import annotations

import math
import statistics
import sys
from datetime import date
from pathlib import Path

from run import machine, turn

MOST = 64 * 2**20
ROUNDS = 3
CASES = {
    "table of 200 bp to a store": ("d2_build", "('table', {n})", 300_000),
    "regions of 1 kb with a signal to a store": ("d2_build", "('regions', {n})", 30_000),
    "shuffled epoch, 1 kb, buffer 256 MB": ("d1_loader", "({n}, ('seq',), 1.0)", 300_000),
    "shuffled epoch, 0.5 to 1.5 kb, buffer 256 MB": ("d1_loader", "({n}, ('ragged',), 1.0)", 300_000),
}  # fmt: skip


def main() -> None:
    """Measure every case and write the table."""
    lines = [
        "| case | rows | seconds | ten times as many | exponent | memory, MB | ten times |",
        "|---|---|---|---|---|---|---|",
    ]
    over = []
    for name, (row, arguments, n) in CASES.items():
        small, large = measure(row, arguments, n)
        if large[1] - small[1] > MOST:
            over.append(name)
        exponent = math.log10(large[0] / small[0])
        memory = " | ".join(f"{max(each[1], 0) / 2**20:.0f}" for each in (small, large))
        lines.append(
            f"| {name} | {n:,} | {small[0]:.2f} | {large[0]:.2f} | {exponent:.2f} | {memory} |"
        )
        print(lines[-1], flush=True)
    path = Path(__file__).parent / "results" / f"{date.today().isoformat()}-growth-data.md"
    path.write_text(f"{machine()}\n\n" + "\n".join(lines) + "\n")
    if over:
        sys.exit(f"more than 64 MB more for ten times the rows: {', '.join(over)}")


def measure(row: str, arguments: str, n: int) -> list[tuple[float, float]]:
    """Give seconds and bytes of our side for `n` rows and for ten times as many."""
    turns = [
        [turn(row, arguments.format(n=n * k), "ours", "ours") for k in (1, 10)]
        for _ in range(ROUNDS)
    ]
    return [
        (statistics.median(t["seconds"] for t in each), max(t["over"] for t in each))
        for each in zip(*turns, strict=True)
    ]


if __name__ == "__main__":
    main()
