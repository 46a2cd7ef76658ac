"""Two to four models side by side: curves, results, and settings with their differences marked."""

from urllib.parse import quote

from nicegui import ui

from openracer.analysis.comparison import ComparedModel, compared_model, compared_settings
from openracer.console.assets import asset
from openracer.console.components import (
    card,
    empty_state,
    error_message,
    heading,
    in_thread,
    lap_time,
    page_heading,
    percent,
    primary_link,
)
from openracer.console.layout import frame
from openracer.console.pictures import Curve, chart
from openracer.console.wording import date_words
from openracer.language import gettext as _
from openracer.models.library import own_model

_MOST = 4


def register() -> None:
    """Define the page's routes."""

    @ui.page("/models/compare")
    async def _page(names: str = "") -> None:
        wanted = list(dict.fromkeys(name for name in names.split(",") if name))[:_MOST]
        models, problems = await in_thread(_read, wanted)
        with frame(_("Compare models"), active="models"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("compare.css")}">')
            page_heading(
                _("Compare models"), _("What they were told, how they learned, and how fast they are.")
            )
            for problem in problems:
                error_message(problem).classes("or-compare__problem")
            if len(models) < 2:
                with empty_state(
                    "o_compare_arrows",
                    _("Choose two to four models"),
                    _("Tick them in the table of your models, then press Compare."),
                ):
                    primary_link(_("Your models"), "/models")
                return
            _comparison(models)


def _read(names: list[str]) -> tuple[list[ComparedModel], list[str]]:
    """The models of these names, and a sentence for each that cannot be read."""
    models, problems = [], []
    for name in names:
        try:
            models.append(compared_model(own_model(name)))
        except (ValueError, OSError) as error:
            problems.append(str(error))
    return models, problems


def _comparison(models: list[ComparedModel]) -> None:
    _results(models)
    with ui.element("div").classes("or-grid or-grid--2 or-section"):
        with card(_("Average reward")):
            _curves(models, "reward", "", None)
            ui.label(_("Rewards compare only where the reward functions are the same.")).classes(
                "or-faint or-small"
            )
        with card(_("Completion in evaluations")):
            _curves(models, "evaluation", " %", 100.0)
            ui.label(_("Mean share of the lap after each iteration that was evaluated.")).classes(
                "or-faint or-small"
            )
    _settings(models)


def _results(models: list[ComparedModel]) -> None:
    rows = (
        (_("Best lap"), [lap_time(model.summary.best_lap_s) for model in models]),
        (_("Best lap in evaluations"), [lap_time(model.evaluated_lap_s) for model in models]),
        (_("Completion of the best checkpoint"), [percent(model.summary.completion) for model in models]),
        (_("Iterations"), [f"{model.summary.iterations:,}" for model in models]),
        (_("Episodes"), [f"{model.summary.episodes:,}" for model in models]),
        (_("Created"), [date_words(model.summary.created) for model in models]),
    )
    quickest = min((model.summary.best_lap_s for model in models if model.summary.best_lap_s), default=None)
    with (
        ui.element("section").classes("or-card or-card--flush or-tablebox"),
        ui.element("table").classes("or-table or-compare"),
    ):
        _head(models)
        with ui.element("tbody"):
            for number, (title, values) in enumerate(rows):
                with ui.element("tr"):
                    with ui.element("th").props("scope=row"):
                        ui.label(title)
                    for model, value in zip(models, values, strict=True):
                        best = number == 0 and quickest is not None and model.summary.best_lap_s == quickest
                        with ui.element("td").classes("or-number" + (" is-best" if best else "")):
                            ui.label(value)


def _head(models: list[ComparedModel]) -> None:
    with ui.element("thead"), ui.element("tr"):
        ui.element("th")
        for number, model in enumerate(models, start=1):
            with ui.element("th").props("scope=col"), ui.element("span").classes("or-legend"):
                link = ui.link(model.summary.name, f"/models/{quote(model.summary.name)}")
                link.classes("or-compare__name").style(f"--series: var(--series-{number})")


def _curves(models: list[ComparedModel], value: str, unit: str, top: float | None) -> None:
    curves = [
        Curve(model.summary.name, [(point.iteration, getattr(point, value)) for point in model.curve])
        for model in models
    ]
    ui.html(chart(curves, unit, top), sanitize=False)
    with ui.element("div").classes("or-legend"):
        for number, curve in enumerate(curves, start=1):
            ui.label(curve.name).style(f"--series: var(--series-{number})")


def _settings(models: list[ComparedModel]) -> None:
    rows = compared_settings([model.description for model in models])
    with ui.element("section").classes("or-section"):
        with ui.element("div").classes("or-line or-line--between"):
            heading(2, _("Settings"))
            only = ui.switch(_("Only differences"), value=True)
        with ui.element("div").classes("or-card or-card--flush or-tablebox"):
            table = ui.element("table").classes("or-table or-compare")
    with table:
        _head(models)
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr").classes("is-different" if row.differs else "is-same") as line:
                    with ui.element("th").props("scope=row").classes("or-mono"):
                        ui.label(row.key.removeprefix("hyperparameters."))
                    for text in row.values:
                        with ui.element("td"):
                            ui.label(text)
                if not row.differs:
                    line.bind_visibility_from(only, "value", lambda value: not value)
    if not any(row.differs for row in rows):
        ui.label(_("All settings are the same.")).classes("or-muted")
