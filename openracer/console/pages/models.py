"""The table of the user's models: search, sort, compare, clone, delete."""

from typing import Any
from urllib.parse import quote

from nicegui import events, ui

from openracer.console.assets import asset
from openracer.console.clone_dialog import ask_for_clone
from openracer.console.components import (
    confirm,
    empty_state,
    error_toast,
    in_thread,
    lap_time,
    page_heading,
    percent,
    plain_button,
    plain_link,
    primary_link,
    state_words,
    success_toast,
    undo_toast,
)
from openracer.console.import_dialog import open_model_import
from openracer.console.layout import frame
from openracer.console.wording import algorithm_words, date_words, sensor_words
from openracer.language import gettext as _
from openracer.models.track_words import tracks_words
from openracer.models.trash import DiscardedModel, restore_model
from openracer.service import current_queue
from openracer.service.overview import ModelStatus, model_statuses

_REFRESH_S = 2.0
_MOST_COMPARED = 4
_ON_A_PAGE = 25


def register() -> None:
    """Define the page's routes."""

    @ui.page("/models")
    async def _page() -> None:
        rows = await in_thread(_rows)
        with frame(_("Your models"), active="models"):
            _Models(rows)


class _Models:
    """The page: a heading with buttons, and a table that follows what happens."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        ui.add_head_html(f'<link rel="stylesheet" href="{asset("models.css")}">')
        with page_heading(
            _("Your models"), _("Everything you have trained, and everything that is training now.")
        ):
            self._compare = plain_button(_("Compare"), "o_compare_arrows", self._open_comparison)
            with self._compare:
                ui.tooltip(_("Tick two to four models to see them side by side."))
            plain_button(_("Import"), "o_upload", open_model_import)
            primary_link(_("Create model"), "/models/create", "add")
        self._empty = ui.element("div")
        with (
            self._empty,
            empty_state(
                "o_psychology",
                _("No model yet"),
                _("A model is a car that learns to drive. Make one, and watch it take its first laps."),
            ),
        ):
            primary_link(_("Create model"), "/models/create", "add")
            plain_link(_("See how it works"), "/get-started")
        self._box = ui.element("section").classes("or-card or-card--flush")
        with self._box:
            self._table = self._make_table(rows)
        self._show(rows)
        self._selection_changed()
        ui.timer(_REFRESH_S, self._refresh)

    def _make_table(self, rows: list[dict[str, Any]]) -> ui.table:
        with ui.element("div").classes("or-models__bar"):
            search = (
                ui.input(placeholder=_("Search"))
                .props(f'outlined dense clearable debounce=150 aria-label="{_("Search")}"')
                .classes("or-models__search")
            )
            with search.add_slot("prepend"):
                ui.icon("o_search")
        table = ui.table(
            rows=rows,
            columns=_columns(),
            row_key="name",
            selection="multiple",
            pagination={"rowsPerPage": _ON_A_PAGE, "sortBy": "created", "descending": True},
            on_select=self._selection_changed,
        )
        # On a phone, a card for each model.
        table.props('flat :grid="Quasar.Screen.lt.md" binary-state-sort').classes("or-models")
        table.props(f'no-data-label="{_("No model")}" no-results-label="{_("No model matches")}"')
        table.props(
            ':filter-method="(rows, terms) => rows.filter(row => row.search.includes(terms.toLowerCase()))"'
        )
        table.bind_filter_from(search, "value", lambda text: text or "")
        for name, template in _CELLS.items():
            table.add_slot(f"body-cell-{name}", template)
        table.add_slot("item", _CARD)
        table.on("clone", self._clone)
        table.on("remove", self._delete)
        return table

    def _show(self, rows: list[dict[str, Any]]) -> None:
        self._empty.set_visibility(not rows)
        self._box.set_visibility(bool(rows))
        self._compare.set_visibility(len(rows) > 1)
        if len(rows) <= _ON_A_PAGE:
            self._table.props("hide-pagination")
        else:
            self._table.props(remove="hide-pagination")

    def _refresh(self) -> None:
        rows = _rows()
        if rows != self._table.rows:
            names = {row["name"] for row in rows}
            self._table.selected = [row for row in self._table.selected if row["name"] in names]
            self._table.rows = rows
            self._show(rows)
            self._selection_changed()

    def _selection_changed(self) -> None:
        self._compare.set_enabled(2 <= len(self._table.selected) <= _MOST_COMPARED)

    def _open_comparison(self) -> None:
        names = ",".join(quote(row["name"]) for row in self._table.selected)
        ui.navigate.to(f"/models/compare?names={names}")

    async def _clone(self, event: events.GenericEventArguments) -> None:
        await ask_for_clone(event.args)
        self._refresh()

    async def _delete(self, event: events.GenericEventArguments) -> None:
        name = str(event.args)
        sure = await confirm(
            _("Delete {name}?").format(name=name),
            _("Its checkpoints, traces and evaluations go to the trash, where they stay for 30 days."),
            _("Delete"),
        )
        if not sure:
            return
        try:
            discarded = await in_thread(current_queue().delete_model, name)
        except (ValueError, OSError) as error:
            error_toast(error)
            self._refresh()
            return
        self._refresh()
        undo_toast(_("{name} is deleted.").format(name=name), lambda: self._restore(discarded))

    def _restore(self, discarded: DiscardedModel) -> None:
        try:
            restore_model(discarded)
        except (ValueError, OSError) as error:
            error_toast(error)
        else:
            success_toast(_("{name} is back.").format(name=discarded.name))
        self._refresh()


def _rows() -> list[dict[str, Any]]:
    return [_row(status) for status in model_statuses(current_queue())]


def _row(status: ModelStatus) -> dict[str, Any]:
    summary, description = status.summary, status.summary.description
    row = {
        "name": summary.name,
        "path": f"/models/{quote(summary.name)}",
        "note": summary.problem if description is None else description.description,
        "state": status.state,
        "state_words": state_words(status.state),
        "algorithm": "" if description is None else algorithm_words(description.algorithm),
        "sensors": "" if description is None else ", ".join(map(sensor_words, description.sensor)),
        "track": "" if description is None else tracks_words(description),
        # Models without a figure come last, whichever way the table is sorted first.
        "best_lap": 1e9 if summary.best_lap_s is None else summary.best_lap_s,
        "best_lap_words": lap_time(summary.best_lap_s),
        "completion": -1.0 if summary.completion is None else summary.completion,
        "completion_words": percent(summary.completion),
        "created": summary.created.timestamp(),
        "created_words": date_words(summary.created),
        "can_clone": summary.has_weights,
        "clone_hint": _("Clone") if summary.has_weights else _("Train it first, then it can be cloned"),
        "delete_hint": _("Delete"),
        "words": {
            "lap": _("Best lap"),
            "completion": _("Completion"),
            "track": _("Track"),
            "made": _("Created"),
        },
    }
    row["search"] = " ".join(
        str(row[key]) for key in ("name", "note", "track", "algorithm", "state_words")
    ).lower()
    return row


def _columns() -> list[dict[str, Any]]:
    columns = (
        ("name", _("Name"), "left"),
        ("state_words", _("Status"), "left"),
        ("track", _("Track"), "left"),
        ("best_lap", _("Best lap"), "right"),
        ("completion", _("Completion"), "right"),
        ("algorithm", _("Algorithm"), "left"),
        ("sensors", _("Sensors"), "left"),
        ("created", _("Created"), "left"),
    )
    return [
        *(
            {"name": key, "field": key, "label": label, "align": side, "sortable": True}
            for key, label, side in columns
        ),
        {"name": "actions", "field": "name", "label": "", "align": "right"},
    ]


_BUTTONS = """
<q-btn flat round dense icon="o_file_copy" :disable="!props.row.can_clone" :aria-label="props.row.clone_hint"
  @click.stop="$parent.$emit('clone', props.row.name)"><q-tooltip>{{ props.row.clone_hint }}</q-tooltip></q-btn>
<q-btn flat round dense icon="o_delete" :aria-label="props.row.delete_hint"
  @click.stop="$parent.$emit('remove', props.row.name)"><q-tooltip>{{ props.row.delete_hint }}</q-tooltip></q-btn>
"""
_CHIP = """<span :class="'or-chip or-chip--' + props.row.state">{{ props.row.state_words }}</span>"""
_CELLS = {
    "name": """<q-td :props="props"><a class="or-models__name" :href="props.row.path">{{ props.row.name }}</a>
<div class="or-models__note" v-if="props.row.note">{{ props.row.note }}</div></q-td>""",
    "state_words": f"""<q-td :props="props">{_CHIP}</q-td>""",
    "best_lap": """<q-td :props="props" class="or-number">{{ props.row.best_lap_words }}</q-td>""",
    "completion": """<q-td :props="props" class="or-number">{{ props.row.completion_words }}</q-td>""",
    "created": """<q-td :props="props" class="or-nowrap or-muted">{{ props.row.created_words }}</q-td>""",
    "actions": f"""<q-td :props="props" class="or-nowrap">{_BUTTONS}</q-td>""",
}
_CARD = f"""
<div class="or-models__card">
  <div class="or-models__top"><q-checkbox dense v-model="props.selected" :aria-label="props.row.name"></q-checkbox>
    <div class="or-grow"><a class="or-models__name" :href="props.row.path">{{{{ props.row.name }}}}</a>
    <div class="or-models__note" v-if="props.row.note">{{{{ props.row.note }}}}</div></div>{_CHIP}</div>
  <div class="or-models__facts">
    <div><span>{{{{ props.row.words.track }}}}</span>{{{{ props.row.track }}}}</div>
    <div><span>{{{{ props.row.words.lap }}}}</span>{{{{ props.row.best_lap_words }}}}</div>
    <div><span>{{{{ props.row.words.completion }}}}</span>{{{{ props.row.completion_words }}}}</div>
    <div><span>{{{{ props.row.words.made }}}}</span>{{{{ props.row.created_words }}}}</div>
  </div>
  <div class="or-models__buttons">{_BUTTONS}</div>
</div>
"""
