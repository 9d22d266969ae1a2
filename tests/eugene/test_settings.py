"""Settings change for a stretch of code, and come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from eugene import settings


def test_use_changes_and_restores_also_after_an_error() -> None:
    before = settings.current()
    with settings.use(batch_size=3):
        assert settings.current().batch_size == 3
    assert settings.current() == before

    def fail() -> None:
        with settings.use(batch_size=3):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert settings.current() == before


def test_environment_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EUGENE_RUNS_DIR", "elsewhere")
    monkeypatch.setenv("EUGENE_DEVICE", "cpu")
    assert settings.current().runs_dir == Path("elsewhere")
    assert settings.device() == "cpu"


@pytest.mark.parametrize(
    ("change", "message"), [({"device": "gpu"}, "found 'gpu'"), ({"batch_size": 0}, "found 0")]
)
def test_bad_setting_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message), settings.use(**change):
        pass


def test_missing_cuda_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with settings.use(device="cuda"), pytest.raises(ValueError, match="torch sees no CUDA device"):
        settings.device()
    with settings.use(device="auto"):
        assert settings.device() == "cpu"
