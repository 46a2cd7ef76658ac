"""The race type in the second step, and what is on the road with the car then."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from openracer.console.components import card, heading
from openracer.console.create.form import Form, choice_field, labelled, number_field, switch_field
from openracer.console.wording import opponent_choices, race_titles
from openracer.language import gettext as _
from openracer.models.races import HEAD_TO_BOT, HEAD_TO_MODEL, OBJECT_AVOIDANCE, RACE_TYPES, SELF, TIME_TRIAL


def build(form: Form, rebuild: Callable[[], None]) -> None:
    """Show the section; ``rebuild`` shows the step anew."""
    with ui.element("section").classes("or-section"):
        heading(2, _("Race type"))
        with (
            ui.element("div").classes("cf-choices").props(f'role="radiogroup" aria-label="{_("Race type")}"')
        ):
            for race in RACE_TYPES:
                _race(form, race, rebuild)
        if form.draft.value("race_type") == HEAD_TO_MODEL:
            with card(_("On the road")), ui.element("div").classes("cf-grid"):
                _opponent(form, rebuild)
        elif form.draft.value("race_type") != TIME_TRIAL:
            with card(_("On the road")), ui.element("div").classes("cf-grid"):
                _objects(form, form.draft.value("race_type") == HEAD_TO_BOT)


def _race(form: Form, race: str, rebuild: Callable[[], None]) -> None:
    words = {
        TIME_TRIAL: _("One car alone on the track, against the clock."),
        OBJECT_AVOIDANCE: _("Boxes stand on the road; touching one is a crash."),
        HEAD_TO_BOT: _("Bot cars drive slowly around the track; overtake them without running into one."),
        HEAD_TO_MODEL: _(
            "Another model drives on the same track, or this one itself as it was a little earlier."
        ),
    }
    icons = {
        TIME_TRIAL: "o_timer",
        OBJECT_AVOIDANCE: "o_inventory_2",
        HEAD_TO_BOT: "o_sports_score",
        HEAD_TO_MODEL: "o_compare_arrows",
    }
    chosen = form.draft.value("race_type") == race
    button = ui.element("button").classes("cf-choice" + (" is-chosen" if chosen else ""))
    button.props(f'type="button" role="radio" aria-checked="{str(chosen).lower()}" data-race="{race}"')

    def choose() -> None:
        form.draft.choose_race(race)
        form.check()
        rebuild()

    button.on("click", choose)
    with button:
        ui.icon(icons[race]).classes("cf-choice__icon")
        with ui.element("div"):
            ui.label(race_titles()[race]).classes("cf-choice__title")
            ui.label(words[race]).classes("cf-help")


def _opponent(form: Form, rebuild: Callable[[], None]) -> None:
    field = choice_field(
        form,
        ("opponent",),
        _("Opponent"),
        _("Another model stays as it is now, with its best checkpoint; its copy is kept with this model."),
        opponent_choices(str(form.draft.value("name"))),
    )
    field.on_value_change(rebuild)
    if form.draft.value("opponent") == SELF:
        number_field(
            form,
            ("refresh_opponent",),
            _("Refresh after (iterations)"),
            _("The opponent takes over the newest weights each time."),
        )
    number_field(
        form,
        ("objects", "bot_penalty"),
        _("Opponent's penalty (s)"),
        _("It waits for so long when it has left the track or run into the car."),
    )


def _objects(form: Form, are_bots: bool) -> None:
    number_field(
        form,
        ("objects", "number"),
        _("Bot cars") if are_bots else _("Boxes"),
        _("How many are on the road."),
    )
    number_field(
        form,
        ("objects", "min_distance"),
        _("Distance (m)"),
        _("At least so far apart along the track, and from the start line."),
    )
    switch_field(
        form,
        ("objects", "random"),
        _("Random places"),
        _("Other places and lanes in each episode; else evenly spread, in alternating lanes."),
    )
    _places(form)
    if are_bots:
        number_field(form, ("objects", "bot_speed"), _("Bot speed (m/s)"), _("It never changes."))
        number_field(
            form,
            ("objects", "bot_penalty"),
            _("Bot penalty (s)"),
            _("All bots stand still for so long when one has run into the car."),
        )
        switch_field(
            form, ("objects", "lane_changes"), _("Lane changes"), _("Bots change lanes after a random time.")
        )
        number_field(
            form, ("objects", "lane_change_min"), _("Shortest time (s)"), _("Between two lane changes.")
        )
        number_field(
            form, ("objects", "lane_change_max"), _("Longest time (s)"), _("Between two lane changes.")
        )


def _places(form: Form) -> None:
    """A field for fixed places; what cannot be read is kept as typed, to be refused as such."""
    places = form.draft.value("objects", "positions") or []
    text = places if isinstance(places, str) else "; ".join(f"{p['fraction']:g},{p['lane']}" for p in places)
    label = _("Fixed places (optional)")
    with labelled(
        label,
        _("Instead: share of the lap and lane (1 inner, -1 outer) of each, as in 0.25,-1; 0.6,1."),
        "positions",
    ):
        field = ui.input(
            value=text,
            on_change=lambda event: form.change(read_places(event.value or ""), "objects", "positions"),
        ).props(f'outlined dense debounce=250 aria-label="{label}"')
    form.add(("objects", "positions"), field)


def read_places(text: str) -> list[Mapping[str, Any]] | str:
    """Fixed places as typed, as a description has them; the text itself if it cannot be read."""
    places: list[Mapping[str, Any]] = []
    try:
        for part in filter(None, map(str.strip, text.split(";"))):
            fraction, lane = part.split(",")
            places.append({"fraction": float(fraction), "lane": int(lane)})
    except ValueError:
        return text
    return places
