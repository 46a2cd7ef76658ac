"""The dialog that imports a track file."""

import re
import tempfile
from pathlib import Path
from urllib.parse import quote

from nicegui import events, ui

from openracer.console.components import heading, in_thread, plain_button, primary_button
from openracer.language import gettext as _
from openracer.tracks import catalogue, npy
from openracer.tracks.npy import MAXIMUM_BYTES, TrackFileError
from openracer.tracks.track import Track


def open_import() -> None:
    """Open the dialog."""
    _ImportDialog()


class _ImportDialog:
    """A file, then its names."""

    def __init__(self) -> None:
        self._file_name = ""
        self._content = b""
        with ui.dialog() as self._dialog, ui.card().classes("or-dialog"):
            heading(2, _("Import a track"))
            ui.label(
                _(
                    "A DeepRacer track file (.npy): rows of six numbers in metres, the centre line and the two borders."
                )
            ).classes("or-muted")
            self._upload = ui.upload(
                label=_("Choose a file, or drop it here"),
                auto_upload=True,
                max_file_size=MAXIMUM_BYTES,
                on_upload=self._take,
                on_rejected=lambda: self._say(
                    _("a track file has at most {limit} MB").format(limit=MAXIMUM_BYTES // 1_000_000)
                ),
            )
            self._upload.props("accept=.npy flat bordered")
            self._problem = ui.label().classes("cf-problem").props('role="alert"')
            self._names = ui.element("div").classes("cf-grid")
            with self._names:
                self._title = ui.input(_("Title")).props("outlined dense")
                self._name = ui.input(_("Name in files")).props("outlined dense")
            self._names.set_visibility(False)
            with ui.element("div").classes("or-dialog__actions"):
                plain_button(_("Cancel"), on_click=self._dialog.close)
                self._import = primary_button(_("Import"), on_click=self._save)
                self._import.disable()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    async def _take(self, event: events.UploadEventArguments) -> None:
        self._content = await event.file.read()
        self._upload.reset()  # ready for another file
        self._file_name = Path(event.file.name).name
        name = world_name(Path(self._file_name).stem)
        try:
            await in_thread(self._read, "checked", "checked")
        except (ValueError, OSError) as error:
            self._say(str(error))
            self._import.disable()
            return
        self._say("")
        self._name.set_value(name)
        self._title.set_value(name.replace("_", " "))
        self._names.set_visibility(True)
        self._import.enable()

    def _read(self, name: str, title: str) -> Track:
        """The track of the file, whose place on the disk no message names."""
        with tempfile.TemporaryDirectory(prefix="openracer-track-") as folder:
            path = Path(folder, "track.npy")
            path.write_bytes(self._content)
            try:
                return npy.load(path, name, title, _("Imported from {file}.").format(file=self._file_name))
            except TrackFileError as error:
                raise TrackFileError(str(error).replace(str(path), self._file_name)) from None

    async def _save(self) -> None:
        name, title = str(self._name.value or "").strip(), str(self._title.value or "").strip()
        try:
            refuse_taken(name)
            await in_thread(self._keep, name, title or name)
        except (ValueError, OSError) as error:
            self._say(str(error))
        else:
            ui.navigate.to(f"/tracks/{quote(name)}")

    def _keep(self, name: str, title: str) -> None:
        catalogue.add(self._read(name, title))

    def _say(self, problem: str) -> None:
        self._problem.set_text(problem)
        self._problem.set_visibility(bool(problem))


def world_name(text: str) -> str:
    """A name that a track can have, made from a title or a file's name."""
    return re.sub(r"[^\w.-]+", "_", text.strip()).strip("._-")[:100] or "track"


def refuse_taken(name: str) -> None:
    """Refuse a name that cannot be a track's, or is one's already.

    Raises:
        ValueError: with the sentence to say.
    """
    catalogue.check_name(name)
    if name in catalogue.names():
        raise ValueError(_("there is a track {name!r} already; choose another name").format(name=name))
