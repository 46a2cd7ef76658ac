"""One model: its training, its evaluations, their analysis."""

from urllib.parse import quote

from nicegui import ui

from openracer.console import feeds
from openracer.console.assets import asset
from openracer.console.clone_dialog import ask_for_clone
from openracer.console.components import (
    confirm,
    empty_state,
    error_message,
    error_toast,
    in_thread,
    page_heading,
    plain_button,
    state_chip,
)
from openracer.console.export_dialog import ask_for_export
from openracer.console.layout import frame
from openracer.console.pages.model_analysis import AnalysisTab
from openracer.console.pages.model_evaluation import EvaluationTab
from openracer.console.pages.model_training import TrainingTab
from openracer.console.watched_model import WatchedModel, watch_model
from openracer.language import gettext as _
from openracer.models import library
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.summary import kept_description
from openracer.service import current_queue

_POLL_S = 1.0
_TABS = ("training", "evaluation", "analysis")


def register() -> None:
    """Define the page's routes."""
    feeds.register()

    @ui.page("/models/{name}")
    def _page(name: str, tab: str = "training") -> None:
        with frame(name, active="models"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("watch.css")}">')
            try:
                folder = library.own_model(name)
                description = kept_description(folder)
                _ModelPage(folder, description, tab if tab in _TABS else "training")
            except FileNotFoundError:
                _missing(name)
            except (ValueError, OSError) as error:
                page_heading(name)
                error_message(str(error))
                with ui.element("div").classes("or-section"):
                    plain_button(_("All models"), "o_arrow_back", lambda: ui.navigate.to("/models"))


def _missing(name: str) -> None:
    page_heading(name)
    with empty_state(
        "o_search_off",
        _("This model is not there"),
        _("It has been deleted, or never was. Your other models are in the list."),
    ):
        plain_button(_("All models"), "o_arrow_back", lambda: ui.navigate.to("/models"))


class _ModelPage:
    """The page of a model that is there, for as long as it is there."""

    def __init__(self, folder: ModelFolder, description: TrainingDescription, tab: str):
        self._folder = folder
        self._description = description
        self._written = folder.description_file.stat().st_mtime_ns
        self._queue = current_queue()
        state = watch_model(self._queue, folder, description)
        self._word = ""
        self._content = ui.element("div")
        with self._content:
            with page_heading(folder.name, description.description):
                self._chip = ui.element("div").classes("or-line")
                self._clone = plain_button(_("Clone"), "o_file_copy", lambda: ask_for_clone(folder.name))
                with ui.button(icon="o_more_vert").props(f'flat round aria-label="{_("More")}"'), ui.menu():
                    ui.menu_item(_("Export"), lambda: ask_for_export(folder))
                    ui.menu_item(_("Download training logs"), lambda: ui.download.from_url(self._logs))
                    ui.menu_item(_("Delete model"), self._delete)
            with ui.tabs().props("align=left no-caps dense inline-label").classes("or-tabs") as tabs:
                labels = {
                    "training": _("Training"),
                    "evaluation": _("Evaluation"),
                    "analysis": _("Analysis"),
                }
                chosen = {name: ui.tab(name, label=label) for name, label in labels.items()}[tab]
            with ui.tab_panels(tabs, value=chosen, animated=False, keep_alive=False).classes("or-panels"):
                self._panels = {name: ui.tab_panel(name) for name in _TABS}
                with self._panels["analysis"]:
                    self._analysis = AnalysisTab(folder)
            tabs.on_value_change(lambda change: self._turn_to(change.value))
            if tab == "analysis":
                ui.timer(0.0, self._analysis.show, once=True)
        self._tabs: dict[str, TrainingTab | EvaluationTab] = {}
        self._state = state
        self._build(tab)
        self._show(state)
        self._timer = ui.timer(_POLL_S, self._update)

    @property
    def _logs(self) -> str:
        return f"/watch/{quote(self._folder.name)}/logs"

    def _build(self, tab: str) -> None:
        """Make what a tab shows, the first time that somebody wants to see it."""
        if tab in self._tabs or tab == "analysis":
            return
        with self._panels[tab]:
            if tab == "training":
                self._tabs[tab] = TrainingTab(self._folder, self._description, self._state)
            else:
                self._tabs[tab] = EvaluationTab(self._folder, self._description)
        self._tabs[tab].update(self._state)

    async def _turn_to(self, tab: str) -> None:
        self._build(tab)
        ui.run_javascript(f"history.replaceState(history.state, '', '?tab={tab}')")
        if tab == "analysis":
            await self._analysis.show()

    async def _update(self) -> None:
        try:
            state = await in_thread(self._read)
        except FileNotFoundError:
            self._timer.deactivate()
            self._content.clear()
            with self._content:
                _missing(self._folder.name)
            return
        except (ValueError, OSError):
            return  # a file is being written by another program; the next look tells
        self._show(state)

    def _read(self) -> WatchedModel:
        written = self._folder.description_file.stat().st_mtime_ns
        if written != self._written:  # its stop conditions have changed
            self._description, self._written = self._folder.description(), written
        return watch_model(self._queue, self._folder, self._description)

    def _show(self, state: WatchedModel) -> None:
        if state.word != self._word:
            self._word = state.word
            self._chip.clear()
            with self._chip:
                state_chip(state.word)
        self._clone.set_enabled(state.has_weights)
        self._state = state
        for tab in self._tabs.values():
            tab.update(state)

    async def _delete(self) -> None:
        if not await confirm(
            _("Delete {name}?").format(name=self._folder.name),
            _("Its checkpoints, traces and evaluations go with it."),
            _("Delete model"),
        ):
            return
        try:
            self._timer.deactivate()
            await in_thread(self._queue.delete_model, self._folder.name)
        except (ValueError, OSError) as error:
            self._timer.activate()
            error_toast(error)
            return
        ui.navigate.to("/models")
