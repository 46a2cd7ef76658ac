"""What an import tells its user: what was found, what was missing, what was assumed, what was left out."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from openracer.atomic import write_json
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder

_FILE = "import.json"


@dataclass
class ImportReport:
    """Sentences in the language of whoever imports.

    Attributes:
        source: name of the file, folder or archive.
        found: what the source held.
        missing: what a complete model has and this one has not.
        assumed: what was decided without being told.
    """

    source: str
    found: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)

    def sections(self) -> list[tuple[str, list[str]]]:
        """Headings with their sentences; empty ones are left out."""
        parts = ((_("Found"), self.found), (_("Missing"), self.missing), (_("Assumed"), self.assumed))
        return [(heading, sentences) for heading, sentences in parts if sentences]


def others_left_out(count: int) -> str:
    """What is told of files that an import does not read."""
    return _("{count} other files were left out; traces and logs are read by openracer logs").format(
        count=count
    )


def write_report(folder: ModelFolder, report: ImportReport) -> None:
    """Keep a report in the model's folder.

    Raises:
        openracer.atomic.WriteError: it cannot be written.
    """
    write_json(folder.own_folder / _FILE, asdict(report), indent=1)


def read_report(folder: ModelFolder) -> ImportReport | None:
    """The report of a model that was imported; None of one that was not, or where it is damaged."""
    path: Path = folder.own_folder / _FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        lists = {key: [str(text) for text in content[key]] for key in ("found", "missing", "assumed")}
        return ImportReport(str(content["source"]), **lists)
    except (OSError, ValueError, KeyError, TypeError):
        return None
