"""The dialog that takes a model to the physical car, to AWS or elsewhere; a car's archive is checked first."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nicegui import ui

from openracer.car.check import OPENVINO, STOCK, TFLITE, CarCheck, check_archive
from openracer.console.components import (
    error_message,
    heading,
    in_thread,
    plain_button,
    primary_button,
)
from openracer.console.student_panel import StudentPanel
from openracer.language import gettext as _
from openracer.models.exporting import Target, export_model, why_not_to_aws
from openracer.models.folder import ModelFolder


@dataclass(frozen=True)
class _Prepared:
    """A file to take away."""

    name: str
    content: bytes
    notes: list[str]
    check: CarCheck | None


def ask_for_export(folder: ModelFolder) -> None:
    """Open the dialog for a model."""
    _ExportDialog(folder)


def _targets() -> dict[str, str]:
    return {
        "car": _("Physical car (.tar.gz)"),
        "aws": _("DeepRacer on AWS, to train further"),
        "drfc": _("DeepRacer-for-Cloud, to train further"),
        "onnx": "ONNX",
        "tflite": "TensorFlow Lite",
        "tflite16": _("TensorFlow Lite, half the size (float16)"),
    }


class _ExportDialog:
    """First the choices, then what there is to know and the file."""

    def __init__(self, folder: ModelFolder) -> None:
        self._folder = folder
        with ui.dialog() as self._dialog, ui.card().classes("or-dialog"):
            heading(2, _("Export {name}").format(name=folder.name))
            self._target = ui.select(_targets(), value="car", label=_("For")).props("outlined")
            self._checkpoint = ui.select(
                {"best": _("its best checkpoint"), "last": _("its last checkpoint")},
                value="best",
                label=_("Checkpoint"),
            ).props("outlined")
            self._result = ui.element("div")
            self._actions = ui.element("div").classes("or-dialog__actions")
        for choice in (self._target, self._checkpoint):
            choice.on_value_change(self._start)
        self._start()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _start(self) -> None:
        self._result.clear()
        self._actions.clear()
        with self._actions:
            plain_button(_("Cancel"), on_click=self._dialog.close)
            self._button = primary_button(_("Prepare"), on_click=self._prepare)

    async def _prepare(self) -> None:
        self._button.props("loading")
        if self._target.value in ("aws", "drfc"):
            problem = why_not_to_aws(self._folder.description())
            if problem is not None:
                self._start()
                with self._result:
                    checkpoint = str(self._checkpoint.value)
                    StudentPanel(
                        self._folder,
                        checkpoint,
                        problem,
                        self._actions,
                        self._prepare_student,
                        self._dialog.close,
                    )
                return
        await self._prepare_model(self._folder, str(self._checkpoint.value))

    async def _prepare_student(self, student: ModelFolder) -> None:
        await self._prepare_model(student, "best")

    async def _prepare_model(self, folder: ModelFolder, checkpoint: str) -> None:
        try:
            prepared = await in_thread(_prepare, folder, str(self._target.value), checkpoint)
        except (ValueError, OSError) as error:
            self._start()
            with self._result:
                error_message(str(error))
            return
        self._result.clear()
        with self._result:
            if prepared.check is not None:
                show_check(prepared.check)
            for note in prepared.notes:
                ui.label(note).classes("or-muted")
        self._actions.clear()
        with self._actions:
            plain_button(_("Cancel"), on_click=self._dialog.close)
            primary_button(
                _("Download {file}").format(file=prepared.name),
                on_click=lambda: ui.download.content(prepared.content, prepared.name),
            )


def show_check(check: CarCheck) -> None:
    """Which cars drive an archive, and what to know."""
    cars = {
        STOCK: _("Car as AWS made it"),
        OPENVINO: _("Community software on the old computer"),
        TFLITE: _("Community software on a Raspberry Pi"),
    }
    for software, title in cars.items():
        drives = check.loads(software)
        with ui.row().classes("items-center no-wrap"):
            ui.icon("o_check_circle" if drives else "o_error", color="positive" if drives else "negative")
            ui.label(f"{title}: {_('drives it') if drives else _('does not')}")
    for finding in check.findings:
        ui.label(finding.sentence)


def _prepare(folder: ModelFolder, choice: str, checkpoint: str) -> _Prepared:
    halved = choice == "tflite16"
    target: Target = "tflite" if halved else choice  # type: ignore[assignment]
    with tempfile.TemporaryDirectory(prefix="openracer-export-") as temporary:
        place = Path(temporary)
        if target in ("aws", "drfc"):
            notes = export_model(folder, target, place / folder.name, checkpoint)
            packed = shutil.make_archive(str(place / "packed"), "gztar", place, folder.name)
            return _Prepared(f"{folder.name}-{target}.tar.gz", Path(packed).read_bytes(), notes, None)
        if target == "car":
            path = place / f"{folder.name}.tar.gz"
            notes = export_model(folder, target, path, checkpoint)
            return _Prepared(path.name, path.read_bytes(), notes, check_archive(path))
        # The network and its metadata together: one without the other says nothing.
        path = place / folder.name / f"{folder.name}.{target}"
        notes = export_model(folder, target, path, checkpoint, halved)
        packed = shutil.make_archive(str(place / "packed"), "zip", path.parent)
        return _Prepared(f"{folder.name}-{target}.zip", Path(packed).read_bytes(), notes, None)
