"""Bars show where somebody watches and nowhere else."""

from __future__ import annotations

import sys
import types

import pytest

from seqdata.progress import is_watched, progress


def test_a_pipe_stays_silent(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(progress(range(5), description="reading")) == [0, 1, 2, 3, 4]
    assert capfd.readouterr() == ("", "")


def test_a_bar_shows_when_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(progress(iter("abc"), description="reading", total=3, show=True)) == ["a", "b", "c"]
    out, err = capfd.readouterr()
    assert "reading" in err
    assert not out


def test_a_terminal_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert is_watched()


@pytest.mark.parametrize("show", [None, True])
def test_a_program_without_a_console_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, show: bool | None
) -> None:
    """As under pythonw on Windows, where there is no standard error."""
    monkeypatch.setattr(sys, "stderr", None)
    assert list(progress(range(3), description="reading", show=show)) == [0, 1, 2]
    assert not is_watched()


def test_a_bar_can_be_turned_off_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    list(progress(range(5), description="reading", show=False))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("shell", "watched"), [(None, False), ("a terminal's", False), ("a kernel's", True)]
)
def test_a_notebook_is_watched(
    monkeypatch: pytest.MonkeyPatch, shell: str | None, watched: bool
) -> None:
    """A program that only loads Jupyter's libraries is none."""
    kernel = {"kernel": object()} if shell == "a kernel's" else {}
    found = shell and types.SimpleNamespace(**kernel)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: found))
    assert is_watched() is watched
