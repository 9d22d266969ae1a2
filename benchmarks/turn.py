"""One turn of one side: prepare, call once to warm up, time, and print a line of JSON.

A side's function gives the call to be timed and a function that makes the call's result comparable, or None
where nothing can be compared (a copy of memory, a random draw that is checked otherwise).
"""

from __future__ import annotations

import hashlib
import importlib
import json
import resource
import statistics
import sys
import time
from pathlib import Path

CALLS = 3


def main(row: str, side: str) -> None:
    """Time a side and print what came of it."""
    sys.path.insert(0, str(Path(__file__).parent))
    call, comparable = getattr(importlib.import_module(f"rows.{row}"), side)()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = call()
    answer = None
    if comparable is not None:
        answer = hashlib.sha256(comparable(result)).hexdigest()
    del result
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    seconds = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": statistics.median(seconds), "peak": peak, "answer": answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])
