"""Fixtures and rules for the whole test run: mirror of real data, devices, and counted skips."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

import seqpro

if seqpro.__file__ is None:
    pytest.exit(
        "the packages are not installed; run: pip install -c constraints.txt -r requirements-dev.txt",
        returncode=4,
    )

REASONS = ("no GPU", "no browser", "no network", "no mirror")
_beside = Path(__file__).resolve().parents[2] / "shared" / "data"
if "SEQDATASETS_MIRROR" not in os.environ and _beside.is_dir():
    os.environ["SEQDATASETS_MIRROR"] = str(_beside)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--expect-skips",
        type=int,
        default=None,
        help="fail unless exactly this many tests are skipped",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(_reason(report) for report in skipped)
    listing = "; ".join(f"{reason}: {count}" for reason, count in sorted(reasons.items()))
    terminalreporter.write_line(
        f"skipped tests: {len(skipped)}" + (f" ({listing})" if listing else "")
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when a skip has no accepted reason, or when their number is not the expected one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = [_reason(report) for report in reporter.stats.get("skipped", [])]
    odd = [reason for reason in skipped if not reason.startswith(REASONS)]
    expected = session.config.getoption("--expect-skips")
    if odd:
        reporter.write_line(f"ERROR: skipped without an accepted reason {REASONS}: {odd}", red=True)
    if expected is not None and len(skipped) != expected:
        reporter.write_line(f"ERROR: expected {expected} skips, found {len(skipped)}", red=True)
    if (odd or (expected is not None and len(skipped) != expected)) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder with the real data files; tests that need it skip where there is none."""
    folder = os.environ.get("SEQDATASETS_MIRROR")
    if not folder:
        pytest.skip("no mirror: SEQDATASETS_MIRROR names no folder with the data files")
    return Path(folder)


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest) -> str:
    """Each device in turn; CUDA skips itself where there is none."""
    import torch

    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU: torch sees no CUDA device")
    return request.param


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a headless browser; tests that need it skip where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no browser: install Chromium (Debian package chromium)")
