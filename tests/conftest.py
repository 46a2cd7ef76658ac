"""Fixtures shared by all tests: where real data lies, and a user's data folder of its own for every test."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real tracks, logs and frames, named by OPENRACER_TEST_DATA."""
    folder = Path(os.environ.get("OPENRACER_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data are not at {folder}; set OPENRACER_TEST_DATA")
    return folder


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh user's data folder, so that no test sees or changes the developer's own."""
    folder = tmp_path / "openracer-home"
    monkeypatch.setenv("OPENRACER_HOME", str(folder))
    return folder
