"""``openracer notebook``: copies for the user, and how to open them."""

import importlib.util
from pathlib import Path

import pytest


def test_notebooks_are_copied(openracer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    outcome = openracer("notebook", "--folder", tmp_path / "notes", "--no-open")
    assert outcome.code == 0
    assert len(outcome.out.split()) == 4
    assert len(list((tmp_path / "notes").glob("*.ipynb"))) == 4


def test_without_jupyter_a_sentence_says_how_to_install_it(
    openracer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    outcome = openracer("notebook", "--folder", tmp_path / "notes")
    assert outcome.code == 2
    assert "pip install 'openracer[notebook]'" in " ".join(outcome.err.split())
    assert (tmp_path / "notes").is_dir()


def test_a_model_that_is_not_there_is_told(openracer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    outcome = openracer("notebook", "nobody", "--folder", tmp_path / "notes", "--no-open")
    assert outcome.code == 2
    assert "nobody" in outcome.err
    assert not (tmp_path / "notes").exists()
