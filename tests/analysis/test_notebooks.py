"""The notebooks run from top to bottom, and a user's copies stay the user's."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from openracer.analysis.notebooks import OWN_MODEL, copy_notebooks, notebooks
from openracer.language import set_language

TINY = '"stop": {"iterations": 2}, "cars": 4, "steps_per_car": 64, "evaluation": {"trials": 1}'


def run(path: Path, *changes: tuple[str, str]) -> str:
    """Run a notebook and give back what it printed and showed, as text."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        for old, new in changes:
            cell.source = cell.source.replace(old, new)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(path.parent))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    return json.dumps(outputs)


def test_all_notebooks_run_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENRACER_LANGUAGE", "en")
    train, training, evaluation, sight = copy_notebooks(tmp_path / "notebooks")
    told = run(train, ('"stop": {"iterations": 15}', TINY), ("trials=3", "trials=2"))
    assert "iteration 2: " in told
    assert "application/vnd.plotly.v1+json" in told
    data = Path(os.environ.get("OPENRACER_TEST_DATA", ""))
    log = data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    real = ((OWN_MODEL, str(log)),) if log.is_file() else ()
    assert "unique_episode" in run(training, *real)
    assert "lap" in run(evaluation)
    assert "chance_deletion" in run(sight, ("closely=4", "closely=1"))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_notebooks_are_committed_without_outputs_and_with_the_same_code(language: str) -> None:
    set_language("en")
    english = [nbformat.read(path, as_version=4) for path in notebooks()]
    set_language(language)
    paths = notebooks()
    assert [path.name[0] for path in paths] == list("1234")
    for path, original in zip(paths, english, strict=True):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert [cell.cell_type for cell in notebook.cells] == [cell.cell_type for cell in original.cells]
        for cell, other in zip(notebook.cells, original.cells, strict=True):
            if cell.cell_type == "code":
                assert cell.source == other.source
                assert cell.outputs == []
                assert cell.execution_count is None
            else:
                assert (cell.source == other.source) == (language == "en")


def test_copies_look_at_the_model_that_was_named_and_are_never_written_over(tmp_path: Path) -> None:
    copies = copy_notebooks(tmp_path, 'C:\\logs\\"my" car')
    for copy in copies[1:]:
        notebook = nbformat.read(copy, as_version=4)
        nbformat.validate(notebook)
        values: dict[str, str] = {}
        exec(next(cell.source for cell in notebook.cells if cell.cell_type == "code"), values)
        assert "C:\\logs\\my car" in values.values()
    copies[1].write_text("mine")
    assert copy_notebooks(tmp_path, "other") == copies
    assert copies[1].read_text() == "mine"
