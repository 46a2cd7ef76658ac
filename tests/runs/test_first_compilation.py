"""A second process compiles beside the training only where something is left to compile."""

from pathlib import Path

import numba
import pytest

from openracer.runs import first_compilation
from openracer.runs.first_compilation import FirstCompilation


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """An empty cache of kernels, two cores, and the commands that were started: none runs."""
    commands: list[list[str]] = []

    def refuse(command: list[str], **_options: object) -> None:
        commands.append(command)
        raise PermissionError("confined code starts no process")

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(first_compilation, "available_cores", lambda: 2)
    monkeypatch.setattr(first_compilation.subprocess, "Popen", refuse)
    return commands


def test_an_empty_cache_starts_it_and_goes_on_without_where_no_process_may_be_started(started):
    FirstCompilation().settle()
    assert len(started) == 1


def test_a_full_cache_starts_nothing(started, tmp_path):
    folder = tmp_path / "simulation_1"
    folder.mkdir(parents=True)
    (folder / "episode.step_cars-176.py311.nbi").touch()
    FirstCompilation().settle()
    assert not started


def test_one_core_starts_nothing(started, monkeypatch):
    monkeypatch.setattr(first_compilation, "available_cores", lambda: 1)
    FirstCompilation().settle()
    assert not started


def test_what_it_runs_leaves_the_kernel_that_is_looked_for():
    first_compilation.main()
    assert any(Path(numba.config.CACHE_DIR).rglob(first_compilation._COMPILED))
