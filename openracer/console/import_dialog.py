"""The dialog that imports a model from AWS or a physical car, and tells what came of it."""

import tempfile
from pathlib import Path
from urllib.parse import quote

from nicegui import events, ui

from openracer.console.components import (
    error_message,
    heading,
    in_thread,
    plain_button,
    primary_link,
)
from openracer.language import gettext as _
from openracer.models.import_report import ImportReport
from openracer.models.importing import import_model

MOST_BYTES = 1 << 30
"""As on DeepRacer on AWS."""


def open_model_import() -> None:
    """Open the dialog."""
    _ImportDialog()


class _ImportDialog:
    """A file or all files of a folder, then the report."""

    def __init__(self) -> None:
        with ui.dialog() as self._dialog, ui.card().classes("or-dialog"):
            heading(2, _("Import a model"))
            ui.label(
                _(
                    "An archive for the physical car (.tar.gz), a training of AWS or DeepRacer-for-Cloud (its archive, "
                    "or all files of its folder at once), or a .pb, .tflite or .onnx file with model_metadata.json."
                )
            ).classes("or-muted")
            self._upload = ui.upload(
                label=_("Choose files, or drop them here"),
                multiple=True,
                auto_upload=True,
                max_total_size=MOST_BYTES,
                on_multi_upload=self._take,
                on_rejected=lambda: self._fail(
                    _("a model has at most {limit} MB").format(limit=MOST_BYTES >> 20)
                ),
            ).props("flat bordered")
            self._result = ui.element("div")
            self._actions = ui.element("div").classes("or-dialog__actions")
            with self._actions:
                plain_button(_("Cancel"), on_click=self._dialog.close)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    async def _take(self, event: events.MultiUploadEventArguments) -> None:
        self._result.clear()
        with self._result:
            ui.spinner()
        with tempfile.TemporaryDirectory(prefix="openracer-upload-") as folder:
            paths = []
            for number, file in enumerate(event.files):
                # A browser's file name is not trusted to be one.
                name = Path(file.name.replace("\\", "/")).name
                path = Path(folder, name if name not in ("", ".", "..") else f"file-{number}")
                await file.save(path)
                paths.append(path)
            self._upload.reset()
            source = paths[0] if len(paths) == 1 else Path(folder)
            title = paths[0].name if len(paths) == 1 else _title(paths)
            try:
                model, report = await in_thread(import_model, source, None, "best", title)
            except (ValueError, OSError) as error:
                self._fail(str(error))
                return
        self._show(model.name, report)

    def _fail(self, problem: str) -> None:
        self._result.clear()
        with self._result:
            error_message(problem)

    def _show(self, name: str, report: ImportReport) -> None:
        self._upload.set_visibility(False)
        self._result.clear()
        with self._result:
            ui.label(_("{name} is there.").format(name=name)).classes("or-h3")
            show_report(report)
        self._actions.clear()
        with self._actions:
            plain_button(_("Close"), on_click=self._dialog.close)
            primary_link(_("Open the model"), f"/models/{quote(name)}")


def _title(paths: list[Path]) -> str:
    """What to call a model of several files: the network's name."""
    named = (path for path in paths if path.suffix in (".pb", ".tflite", ".onnx"))
    return next(named, Path("imported")).name


def show_report(report: ImportReport) -> None:
    """The report of an import, section by section."""
    for title, sentences in report.sections():
        ui.label(title).classes("or-h4")
        with ui.element("ul"):
            for sentence in sentences:
                with ui.element("li"):
                    ui.label(sentence)
