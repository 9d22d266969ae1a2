"""Time every row against its peers and write a table: ``python benchmarks/run.py [row ...]``.

A row is a module of `rows`: `SIDES` names functions of it that prepare a call, and the environment that each
runs in. The sides take turns, each turn in a process of its own; answers are compared before times are. What
counts is the ratio of medians within one run.
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
from typing import Any

HERE = Path(__file__).parent
PYTHON = {"ours": ".venv/bin/python", "peers": ".venv-peers/bin/python"}
ROUNDS = 5


def main(names: list[str]) -> None:
    """Run rows, print each as it is done, and write them all."""
    every = sorted(path.stem for path in (HERE / "rows").glob("[a-z]*.py"))
    lines = ["| row | side | median | time against ours | growth of the peak over its inputs, MB |"]
    lines.append("|---|---|---|---|---|")
    results = {}
    for name in names or every:
        results[name] = measure(name)
        lines += report(name, results[name])
    table = "\n".join(lines)
    print(table)
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    stem = date.today().isoformat()
    (folder / f"{stem}.json").write_text(
        json.dumps({"machine": machine(), "rows": results}, indent=1)
    )
    (folder / f"{stem}.md").write_text(f"{machine()}\n\n{table}\n")


def measure(name: str) -> dict[str, list[dict[str, Any]]]:
    """Let the sides of a row take turns; refuse if their answers differ."""
    row = importlib.import_module(f"rows.{name}")
    turns: dict[str, list[dict[str, Any]]] = {side: [] for side in row.SIDES}
    for _ in range(ROUNDS):
        for side, environment in row.SIDES.items():
            turns[side].append(turn(name, side, environment))
    answers = {t["answer"] for each in turns.values() for t in each if t["answer"] is not None}
    if len(answers) > 1:
        msg = f"{name}: the sides give different answers: {answers}"
        raise RuntimeError(msg)
    return turns


def turn(name: str, side: str, environment: str) -> dict[str, Any]:
    """Time one side in a process of its own."""
    python = HERE.parent / PYTHON[environment]
    done = subprocess.run(
        [python, "-W", "ignore", HERE / "turn.py", name, side],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        msg = f"{name}, {side}: {done.stderr[-2000:]}"
        raise RuntimeError(msg)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def report(name: str, turns: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Give a row's lines of the table: the first side is ours."""
    medians = {side: statistics.median(t["seconds"] for t in each) for side, each in turns.items()}
    ours = next(iter(medians.values()))
    title = (importlib.import_module(f"rows.{name}").__doc__ or name).splitlines()[0].rstrip(".")
    return [
        f"| {title} | {side} | {seconds:.4f} s | {seconds / ours:.2f}x | "
        f"{max(t['peak'] for t in turns[side]) / 2**20:.0f} |"
        for side, seconds in medians.items()
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
