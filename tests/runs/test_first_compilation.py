"""A second process compiles beside the training only where something is left to compile."""

import pytest

from openracer.locations import kernel_cache_folder
from openracer.runs import first_compilation
from openracer.runs.first_compilation import FirstCompilation


class StartedError(Exception):
    """A process was started."""


@pytest.fixture
def no_processes(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """An empty cache of kernels, two cores, and an exception in place of each process."""

    def refuse(*_args: object, **_options: object) -> None:
        raise StartedError

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(first_compilation, "available_cores", lambda: 2)
    monkeypatch.setattr(first_compilation.subprocess, "Popen", refuse)


def test_an_empty_cache_starts_it(no_processes):
    with pytest.raises(StartedError):
        FirstCompilation()


def test_a_full_cache_starts_nothing(no_processes):
    folder = kernel_cache_folder() / "simulation_1"
    folder.mkdir(parents=True)
    (folder / "episode.step_cars-176.py311.nbi").touch()
    FirstCompilation().settle()


def test_one_core_starts_nothing(no_processes, monkeypatch):
    monkeypatch.setattr(first_compilation, "available_cores", lambda: 1)
    FirstCompilation().settle()


def test_what_it_runs_leaves_the_kernel_that_is_looked_for():
    first_compilation.main()
    assert any(kernel_cache_folder().rglob(first_compilation._COMPILED))
