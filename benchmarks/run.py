"""Time every row against its peers and write a table: ``python benchmarks/run.py [row ...]``.

A row is a module of `rows`: `SIDES` names functions of it that prepare a call, and the environment that
each runs in; `CASES`, where it has them, names the arguments of those functions; `ROUNDS` says how often the
sides take turns, and `PARTS` which share of the work a slow side does: its time is multiplied. Each turn has
a process of its own; answers are compared before times are. What counts is the ratio of medians within one
run. Rows that are run again on one day replace what that day's file says of them.

While a row is written, one turn of it at any size: ``python benchmarks/turn.py ROW "(arguments,)" SIDE``.
"""

from __future__ import annotations

import importlib
import json
import platform
import statistics
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
PYTHON = {"ours": ".venv/bin/python", "peers": ".venv-peers/bin/python"}
ROUNDS = 5

HEAD = (
    "| row | case | side | median of warm calls | time against ours | first call | "
    "growth of memory over the result, MB |\n|---|---|---|---|---|---|---|"
)


def main(names: list[str]) -> None:
    """Run rows, print each as it is done, and write it into the day's file."""
    every = sorted(path.stem for path in (HERE / "rows").glob("[a-z]*.py"))
    for name in names or every:
        row = importlib.import_module(f"rows.{name}")
        cases = {}
        for case in getattr(row, "CASES", {"": ()}):
            cases[case] = measure(name, case, row.SIDES, getattr(row, "ROUNDS", ROUNDS))
            print("\n".join(report(row, case, cases[case])), flush=True)
        write(name, cases)


def write(name: str, cases: dict[str, Any]) -> None:
    """Put a row into the day's file, and make its table anew."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{date.today().isoformat()}.json"
    rows = json.loads(path.read_text())["rows"] if path.exists() else {}
    rows = dict(sorted({**rows, name: cases}.items()))
    path.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1))
    lines = [HEAD]
    for each, its_cases in rows.items():
        row = importlib.import_module(f"rows.{each}")
        for case, turns in its_cases.items():
            lines += report(row, case, turns)
    path.with_suffix(".md").write_text(f"{machine()}\n\n" + "\n".join(lines) + "\n")


def measure(
    name: str, case: str, sides: dict[str, str], rounds: int
) -> dict[str, list[dict[str, Any]]]:
    """Let the sides of a row take turns; refuse if their answers differ."""
    turns: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, environment in sides.items():
            turns[side].append(turn(name, case, side, environment))
    answers = {t["answer"] for each in turns.values() for t in each if t["answer"] is not None}
    if len(answers) > 1:
        msg = f"{name}, {case}: the sides give different answers: {answers}"
        raise RuntimeError(msg)
    return turns


def turn(name: str, case: str, side: str, environment: str) -> dict[str, Any]:
    """Time one side in a process of its own."""
    python = HERE.parent / PYTHON[environment]
    done = subprocess.run(
        [python, "-W", "ignore", HERE / "turn.py", name, case, side],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        msg = f"{name}, {case}, {side}: {done.stderr[-2000:]}"
        raise RuntimeError(msg)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def report(row: ModuleType, case: str, turns: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Give the lines of the table: the first side is ours."""

    def median(side: str, field: str) -> float:
        return statistics.median(t[field] for t in turns[side])

    ours = median(next(iter(turns)), "seconds")
    title = (row.__doc__ or row.__name__).splitlines()[0].rstrip(".")
    return [
        f"| {title} | {case} | {side} | {median(side, 'seconds'):.4f} s | "
        f"{median(side, 'seconds') / ours:.2f}x | {median(side, 'first'):.3f} s | "
        f"{max(max(t['over'] for t in each), 0) / 2**20:.0f} |"
        for side, each in turns.items()
    ]


def machine() -> str:
    """Name the machine and the versions."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    cpu = f"{len(names)} x {names[0]}" if names else platform.processor()
    ours = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "numba", "torch", "zarr", "memelite")
    )
    return f"{cpu}, {platform.system()}, Python {platform.python_version()}; {ours}"


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main(sys.argv[1:])
