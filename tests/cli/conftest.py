"""The command as a user runs it: words in; exit code, output and errors out."""

import sys
from dataclasses import dataclass

import pytest

from openracer.cli import main


@dataclass
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def openracer(monkeypatch, capsys):
    """``openracer(*words)`` in this process; a training's worker is a process of its own as always."""
    monkeypatch.setenv("OPENRACER_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "120")

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["openracer", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main.main()
        told = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), told.out, told.err)

    return run
