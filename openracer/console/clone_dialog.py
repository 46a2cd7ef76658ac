"""The dialog that clones a model."""

from urllib.parse import quote

from nicegui import ui

from openracer.console.components import error_message, heading, in_thread, plain_button, primary_button
from openracer.language import gettext as _
from openracer.models.library import clone_model, free_name, own_model
from openracer.models.names import check_name
from openracer.service import current_queue


async def ask_for_clone(source: str) -> None:
    """Ask for a name and make a clone; leads to the clone's page when it was made."""
    with ui.dialog() as dialog, ui.card().classes("or-dialog"):
        heading(2, _("Clone {name}").format(name=source))
        ui.label(
            _("The clone starts with what {name} has learned, and with its settings.").format(name=source)
        ).classes("or-muted")
        name = ui.input(
            _("Name of the new model"), value=free_name(source), validation=_problem_of_name
        ).props("outlined autofocus maxlength=64")
        checkpoint = ui.select(
            {"best": _("its best checkpoint"), "last": _("its last checkpoint")},
            value="best",
            label=_("Start from"),
        ).props("outlined")
        train = ui.switch(_("Start training at once"), value=True)
        problem = ui.element("div")

        async def make() -> None:
            problem.clear()
            if not name.validate():
                return
            clone.props("loading")
            try:
                own_model(source)
                await in_thread(clone_model, source, str(name.value), None, str(checkpoint.value))
                if train.value:
                    current_queue().submit_training(str(name.value))
            except (ValueError, OSError) as error:
                with problem:
                    error_message(str(error))
                clone.props(remove="loading")
                return
            dialog.submit(str(name.value))

        with ui.element("div").classes("or-dialog__actions"):
            plain_button(_("Cancel"), on_click=lambda: dialog.submit(None))
            plain_button(
                _("Change its settings first"),
                on_click=lambda: ui.navigate.to(f"/models/create?clone={quote(source)}"),
            )
            clone = primary_button(_("Clone"), on_click=make)
        name.on("keydown.enter", make)
    try:
        made = await dialog
    finally:
        dialog.delete()
    if made:
        ui.navigate.to(f"/models/{quote(made)}")


def _problem_of_name(name: str) -> str | None:
    try:
        check_name(name or "")
    except ValueError as error:
        return str(error)
    return None
