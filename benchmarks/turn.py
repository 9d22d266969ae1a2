"""One turn of one side: prepare, call, time, and print a line of JSON.

A side's function gives the call to be timed and a function that makes the call's result comparable, or None
where nothing can be compared (a copy of memory, a random draw that is checked otherwise). A case is one of
the row's, or the arguments of the function themselves, such as ``(1_000, 2_114)``.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

LEAST, MOST = 3, 25  # calls
ENOUGH = 0.5  # s of calls, after which there are no more


def main(row: str, case: str, side: str) -> None:
    """Time a side and print what came of it."""
    sys.path.insert(0, str(Path(__file__).parent))
    module = importlib.import_module(f"rows.{row}")
    cases = getattr(module, "CASES", {"": ()})
    arguments = cases[case] if case in cases else ast.literal_eval(case)
    call, comparable = getattr(module, side)(*arguments)
    start = time.perf_counter()
    result = call()
    first = time.perf_counter() - start
    answer = None
    if comparable is not None:
        answer = hashlib.sha256(comparable(result)).hexdigest()
    del result
    calls = [measured(call)]
    while (
        first < 1
        and len(calls) < MOST
        and (len(calls) < LEAST or sum(c[0] for c in calls) < ENOUGH)
    ):
        calls.append(measured(call))
    parts = getattr(module, "PARTS", {}).get(side, 1)
    seconds = parts * statistics.median(each[0] for each in calls)
    over = max(each[1] for each in calls)
    print(json.dumps({"first": first, "seconds": seconds, "over": over, "answer": answer}))


def measured(call: Any) -> tuple[float, int]:
    """Give the seconds of a warm call, and by how many bytes the peak of memory passes its result."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = status("VmRSS")
    start = time.perf_counter()
    result = call()
    seconds = time.perf_counter() - start
    parts = result if isinstance(result, tuple) else (result,)
    return seconds, status("VmHWM") - before - sum(getattr(part, "nbytes", 0) for part in parts)


def status(field: str) -> int:
    """Read a size from what Linux says of this process, bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
