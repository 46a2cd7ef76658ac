"""The notebooks that teach training and analysis: where they lie, and copies of them for a user."""

from pathlib import Path

from openracer.atomic import write_text
from openracer.language import current_language

OWN_MODEL = "notebook-car"
"""The model that the first notebook trains and the others look at, where no other is named."""

_PLACES = (Path(__file__).parent.parent / "notebooks", Path(__file__).parents[2] / "notebooks")
"""In an installed package; in a clone."""


def notebooks() -> list[Path]:
    """The notebooks in the reader's language, in their order."""
    home = next(place for place in _PLACES if place.is_dir())
    translated = home / current_language()
    return sorted((translated if translated.is_dir() else home).glob("*.ipynb"))


def copy_notebooks(folder: Path, source: str | None = None) -> list[Path]:
    """Put copies into a folder; those that are there already stay as they are, with what the user did in them.

    Args:
        folder: made if it is not there.
        source: name of a model, or path of a log, that the copies look at; default: the first notebook's model.

    Returns:
        The copies.

    Raises:
        openracer.atomic.WriteError: they cannot be written.
    """
    copies = []
    for notebook in notebooks():
        copy = folder / notebook.name
        if not copy.exists():
            text = notebook.read_text(encoding="utf-8")
            if source is not None and not notebook.name.startswith("1-"):
                quoted = source.replace("\\", "\\\\\\\\").replace('"', "")
                text = text.replace(f'\\"{OWN_MODEL}\\"', f'\\"{quoted}\\"')
            folder.mkdir(parents=True, exist_ok=True)
            write_text(copy, text)
        copies.append(copy)
    return copies
