"""The dialog that imports a model from AWS or a physical car, and tells what came of it."""

import tempfile
from pathlib import Path
from urllib.parse import quote, unquote

from nicegui import events, ui

from openracer.console.components import (
    error_message,
    heading,
    in_thread,
    plain_button,
    primary_link,
)
from openracer.console.module_view import ModuleView
from openracer.language import gettext as _
from openracer.models.import_report import ImportReport, others_left_out
from openracer.models.importing import import_model
from openracer.models.incoming import NETWORKS, TEXTS, check_path

MOST_BYTES = 1 << 30
"""As on DeepRacer on AWS."""

_OF_A_FOLDER = "folder:"
"""Begins the names of files that folder_drop.js sends; the file's path in the folder follows."""


def open_model_import() -> None:
    """Open the dialog."""
    _ImportDialog()


class _ImportDialog:
    """A file, some files or a folder, then the report."""

    def __init__(self) -> None:
        self._others = 0
        with ui.dialog() as self._dialog, ui.card().classes("or-dialog"):
            heading(2, _("Import a model"))
            ui.label(
                _(
                    "An archive for the physical car (.tar.gz), a training of AWS or DeepRacer-for-Cloud (its archive, "
                    "or its folder), or a .pb, .tflite or .onnx file with model_metadata.json."
                )
            ).classes("or-muted")
            self._upload = ui.upload(
                label=_("Choose files, or drop files or a folder here"),
                multiple=True,
                auto_upload=True,
                max_total_size=MOST_BYTES,
                on_multi_upload=self._take,
                on_rejected=lambda: self._fail(
                    _("a model has at most {limit} MB").format(limit=MOST_BYTES >> 20)
                ),
            ).props("flat bordered")
            folder = plain_button(_("Choose a folder"), "o_folder_open")
            options = {
                "uploader": self._upload.html_id,
                "element": self._upload.id,
                "button": folder.html_id,
                "texts": list(TEXTS),
                "networks": list(NETWORKS),
            }
            ModuleView("folder_drop.js", options).on("folder", self._begin_folder)
            self._folder_button = folder
            self._result = ui.element("div")
            self._actions = ui.element("div").classes("or-dialog__actions")
            with self._actions:
                plain_button(_("Cancel"), on_click=self._dialog.close)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _begin_folder(self, event: events.GenericEventArguments) -> None:
        """What the browser says of a folder before it sends the files that a model is made of."""
        self._others = int(event.args["others"])
        if not event.args["files"]:
            self._fail(_("the folder holds no file of a model"))

    async def _take(self, event: events.MultiUploadEventArguments) -> None:
        self._result.clear()
        with self._result:
            ui.spinner()
        with tempfile.TemporaryDirectory(prefix="openracer-upload-") as folder:
            paths = []
            try:
                for number, file in enumerate(event.files):
                    path = Path(folder, _place(file.name, number))
                    path.parent.mkdir(parents=True, exist_ok=True)
                    await file.save(path)
                    paths.append(path)
                self._upload.reset()
                source = paths[0] if len(paths) == 1 else Path(folder)
                title = paths[0].name if len(paths) == 1 else _title(Path(folder), paths)
                model, report = await in_thread(import_model, source, None, "best", title)
            except (ValueError, OSError) as error:
                self._upload.reset()
                self._fail(str(error))
                return
        if self._others:
            report.assumed.append(others_left_out(self._others))
            self._others = 0
        self._show(model.name, report)

    def _fail(self, problem: str) -> None:
        self._result.clear()
        with self._result:
            error_message(problem)

    def _show(self, name: str, report: ImportReport) -> None:
        self._upload.set_visibility(False)
        self._folder_button.set_visibility(False)
        self._result.clear()
        with self._result:
            ui.label(_("{name} is there.").format(name=name)).classes("or-h3")
            show_report(report)
        self._actions.clear()
        with self._actions:
            plain_button(_("Close"), on_click=self._dialog.close)
            primary_link(_("Open the model"), f"/models/{quote(name)}")


def _place(name: str, number: int) -> str:
    """Where to keep an uploaded file, of whose name nothing is trusted.

    Raises:
        FormatError: it leads elsewhere.
    """
    if name.startswith(_OF_A_FOLDER):
        path = check_path(_("the folder"), unquote(name.removeprefix(_OF_A_FOLDER)))
        return path if path != "." else f"file-{number}"
    plain = Path(name.replace("\\", "/")).name
    return plain if plain not in ("", ".", "..") else f"file-{number}"


def _title(folder: Path, paths: list[Path]) -> str:
    """What to call a model of several files: the name of their folder, or the network's."""
    tops = {path.relative_to(folder).parts[0] for path in paths}
    if len(tops) == 1:
        return tops.pop()
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
