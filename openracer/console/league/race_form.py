"""The form in which an organiser sets up a race: every rule with its limits."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from annotated_types import Ge, Le
from nicegui import ui
from pydantic import ValidationError

from openracer.console.components import card, error_message, primary_button, track_outline
from openracer.console.create.race_section import read_places
from openracer.console.league.moments import field_text, read_field
from openracer.console.league.words import ranking_titles
from openracer.console.number_fields import decimal_field, explained, range_of, whole_field
from openracer.console.wording import race_titles
from openracer.language import gettext as _
from openracer.league.race import Race, Ranking
from openracer.models.races import HEAD_TO_BOT, HEAD_TO_MODEL, OBJECTS, TIME_TRIAL
from openracer.runs.request import MOST_RESETS
from openracer.service.league.races import Format
from openracer.tracks import catalogue

_LENGTHS = {"name": 64, "rules": 10_000, "prizes": 10_000}
_MOST_SUBMISSIONS = 10_000
_OPEN_FOR = timedelta(days=7)

Save = Callable[[Race, Format, bool], None]


def new_race(now: datetime) -> Race:
    """The rules with which the form begins: a week from the next full hour on."""
    opens = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Race(name="-", track="reinvent_base", opens=opens, closes=opens + _OPEN_FOR)


class RaceForm:
    """Fields for everything that there is to a race.

    Args:
        race: whose rules it shows first.
        name: of the race; empty for a new one.
        race_format: classic or live.
        is_private: whether only those with a code may enter.
        zone: of the browser.
        is_new: whether the format can be chosen.
        is_frozen: whether somebody has submitted, so that what is driven stays as it is.
        save: makes or changes the race; its errors are shown at the button.
        action: the words on the button.
    """

    def __init__(
        self,
        race: Race,
        name: str,
        race_format: Format,
        is_private: bool,
        zone: ZoneInfo,
        is_new: bool,
        is_frozen: bool,
        save: Save,
        action: str,
    ):
        self._save, self._zone, self._race = save, zone, race
        with ui.element("div").classes("or-stack lg-form"):
            with card(_("Name and times")), ui.element("div").classes("or-form"):
                self._times(name)
            with card(_("Format")), ui.element("div").classes("or-form"):
                self._format_fields(race_format, is_private, is_new)
            with card(_("Track")), ui.element("div").classes("lg-form__track"):
                self._track_fields(is_frozen)
            with card(_("How it is driven and ranked")), ui.element("div").classes("or-form"):
                self._driving(is_frozen)
            with card(_("On the road")) as self._road, ui.element("div").classes("or-form"):
                self._objects_fields(is_frozen)
            with card(_("Texts for racers")), ui.element("div").classes("or-stack"):
                self._rules = _text(_("Rules"), race.rules)
                self._prizes = _text(_("Prizes"), race.prizes)
            with ui.element("div").classes("or-form__end"):
                self._button = primary_button(action, "o_check", self._send)
                self._problem = ui.element("div").classes("or-grow")
        self._show()

    def _times(self, name: str) -> None:
        needed = {_("Give it a name."): lambda text: bool((text or "").strip())}
        self._name = explained(
            ui.input(_("Name"), value=name, validation=needed).props(f"maxlength={_LENGTHS['name']}"),
            _("Nobody else's race may have it."),
        ).without_auto_validation()
        hint = _("In your time zone, {zone}.").format(zone=self._zone.key)
        self._opens = _moment_field(_("Opens"), field_text(self._race.opens, self._zone), hint)
        self._closes = _moment_field(_("Closes"), field_text(self._race.closes, self._zone), hint)

    def _format_fields(self, race_format: Format, is_private: bool, is_new: bool) -> None:
        self._format = explained(
            ui.select(
                {
                    Format.CLASSIC.value: _("Classic: each model drives when it is submitted"),
                    Format.LIVE.value: _("LIVE: one after the other, before everybody's eyes"),
                },
                value=race_format.value,
                label=_("Format"),
            ),
            _("It cannot be changed later."),
        )
        self._format.set_enabled(is_new)
        self._private = explained(
            ui.select(
                {False: _("Everybody"), True: _("Only who has an invitation code")},
                value=is_private,
                label=_("Who may enter"),
            ),
            _("You make codes on the race's page."),
        )
        limit = self._race.submissions_per_person
        self._submissions = whole_field(
            _("Submissions per racer"),
            limit,
            1,
            _MOST_SUBMISSIONS,
            _("Empty: any number."),
            may_be_empty=True,
        )

    def _track_fields(self, is_frozen: bool) -> None:
        tracks = {track.name: f"{track.title} · {track.length:.1f} m" for track in catalogue.all_tracks()}
        tracks.setdefault(self._race.track, self._race.track)
        with ui.element("div").classes("or-form"):
            self._track = explained(
                ui.select(
                    tracks, value=self._race.track, label=_("Track"), with_input=True, on_change=self._draw
                ),
                _("Also one that you have drawn or imported: the race keeps a copy."),
            )
            self._reverse = explained(
                ui.select(
                    {False: _("As in the track's file"), True: _("Reverse")},
                    value=self._race.reverse,
                    label=_("Direction"),
                    on_change=self._draw,
                ),
                _("Which way round it is driven."),
            )
        self._picture = ui.html("", sanitize=False).classes("lg-form__picture")
        self._draw()
        for field in (self._track, self._reverse):
            field.set_enabled(not is_frozen)

    def _driving(self, is_frozen: bool) -> None:
        race = self._race
        low, high = limits_of("laps")
        self._laps = whole_field(
            _("Laps"), race.laps, low, high, _("One after the other without a stop, 1 to {limit}.")
        )
        self._ranking = explained(
            ui.select(ranking_titles(), value=race.ranking.value, label=_("Ranked by"), on_change=self._show),
            _("Of each racer's submissions the best one counts."),
        )
        self._consecutive = whole_field(
            _("Laps in a row that count"),
            race.consecutive_laps,
            low,
            high,
            _("The average is of the best so many; at most the laps driven."),
        )
        self._resets = whole_field(
            _("Resets allowed"),
            race.max_resets,
            0,
            MOST_RESETS,
            _("One more ends the drive. Empty: any number."),
            may_be_empty=True,
        )
        low, high = limits_of("off_track_penalty_s")
        self._off_track = decimal_field(
            _("Off-track penalty (s)"),
            race.off_track_penalty_s,
            low,
            high,
            _("Waited out on the track while the clock runs, 0 to {limit:g}."),
            0.5,
        )
        self._race_type = explained(
            ui.select(_race_types(), value=race.race_type, label=_("Race type"), on_change=self._show),
            _("What is on the road with the car."),
        )
        if is_frozen:
            for field in (self._laps, self._ranking, self._consecutive, self._resets, self._off_track):
                field.set_enabled(False)
            self._race_type.set_enabled(False)

    def _objects_fields(self, is_frozen: bool) -> None:
        objects = {**OBJECTS, **self._race.objects}
        low, high = range_of("number")
        self._number = whole_field(
            _("Boxes or bot cars"), objects["number"], int(low), int(high), _("How many, at most {limit}.")
        )
        self._random = explained(
            ui.select(
                {True: _("Random"), False: _("Evenly spread")},
                value=bool(objects["random"]),
                label=_("Places"),
            ),
            _("Random ones are the same for everybody."),
        )
        places = objects["positions"]
        text = "; ".join(f"{place['fraction']:g},{place['lane']}" for place in places)
        readable = {
            _("Write places as in 0.25,-1; 0.6,1."): lambda text: not isinstance(read_places(text or ""), str)
        }
        self._positions = explained(
            ui.input(_("Fixed places (optional)"), value=text, validation=readable),
            _("Share of the lap and lane (1 inner, -1 outer) of each."),
        )
        self._bot_speed = decimal_field(
            _("Bot speed (m/s)"), objects["bot_speed"], *range_of("bot_speed"), _("It never changes."), 0.1
        )
        self._lane_changes = explained(
            ui.select(
                {False: _("Bots stay in their lanes"), True: _("Bots change lanes")},
                value=bool(objects["lane_changes"]),
                label=_("Lane changes"),
                on_change=self._show,
            ),
            _("After a random time."),
        )
        between = _("Seconds between two lane changes, at most {limit:g}.")
        self._change_min = decimal_field(
            _("Shortest time (s)"), objects["lane_change_min"], *range_of("lane_change_min"), between, 0.5
        )
        self._change_max = decimal_field(
            _("Longest time (s)"), objects["lane_change_max"], *range_of("lane_change_max"), between, 0.5
        )
        low, high = limits_of("collision_penalty_s")
        self._collision = decimal_field(
            _("Collision penalty (s)"),
            self._race.collision_penalty_s,
            low,
            high,
            _("Waited out on the track while the clock runs, 0 to {limit:g}."),
            0.5,
        )
        if is_frozen:
            for field in (self._number, self._random, self._positions, *self._bot_fields(), self._collision):
                field.set_enabled(False)

    def _bot_fields(self) -> tuple[Any, ...]:
        return self._bot_speed, self._lane_changes, self._change_min, self._change_max

    def _show(self) -> None:
        """Show only the fields that count."""
        self._consecutive.set_visibility(self._ranking.value == Ranking.AVERAGE_LAP.value)
        self._road.set_visibility(self._race_type.value != TIME_TRIAL)
        are_bots = self._race_type.value == HEAD_TO_BOT
        for field in self._bot_fields():
            field.set_visibility(are_bots)
        for field in (self._change_min, self._change_max):
            field.set_visibility(are_bots and bool(self._lane_changes.value))

    def _draw(self) -> None:
        try:
            picture = track_outline(catalogue.find(str(self._track.value), bool(self._reverse.value)))
        except (ValueError, OSError):
            picture = ""
        self._picture.set_content(picture)

    def _numbers(self) -> list[Any]:
        """The fields that say themselves what is wrong with them, of those that are shown."""
        fields = [self._name, self._laps, self._consecutive, self._resets, self._off_track, self._submissions]
        if self._race_type.value != TIME_TRIAL:
            fields += [self._number, self._positions, self._collision, *self._bot_fields()]
        return [field for field in fields if field.visible and hasattr(field, "validate")]

    def _send(self) -> None:
        self._problem.clear()
        right = [field.validate() for field in self._numbers()]
        with self._problem:
            if not all(right):
                error_message(_("Something above is not right yet; it is marked there."))
                return
            try:
                self._save(self._read(), Format(self._format.value), bool(self._private.value))
            except (ValueError, OSError) as error:
                error_message(sentences(error))

    def _read(self) -> Race:
        """The race as typed.

        Raises:
            ValueError: it contradicts itself.
        """
        ranking = Ranking(self._ranking.value)
        laps = int(self._laps.value)
        consecutive = int(self._consecutive.value) if ranking is Ranking.AVERAGE_LAP else min(3, laps)
        return Race(
            name=" ".join(str(self._name.value).split()),
            track=str(self._track.value),
            reverse=bool(self._reverse.value),
            race_type=self._race_type.value,
            objects=self._objects(),
            laps=laps,
            ranking=ranking,
            consecutive_laps=consecutive,
            max_resets=_whole_or_none(self._resets.value),
            off_track_penalty_s=float(self._off_track.value),
            collision_penalty_s=float(self._collision.value),
            submissions_per_person=_whole_or_none(self._submissions.value),
            opens=read_field(str(self._opens.value or ""), self._zone, _("Opens")),
            closes=read_field(str(self._closes.value or ""), self._zone, _("Closes")),
            rules=str(self._rules.value or "").strip(),
            prizes=str(self._prizes.value or "").strip(),
        )

    def _objects(self) -> Mapping[str, Any]:
        """What is on the road."""
        if self._race_type.value == TIME_TRIAL:
            return {}
        objects: dict[str, Any] = {
            "number": int(self._number.value),
            "random": bool(self._random.value),
            "positions": read_places(self._positions.value or ""),
        }
        if self._race_type.value == HEAD_TO_BOT:
            objects |= {
                "bot_speed": float(self._bot_speed.value),
                "lane_changes": bool(self._lane_changes.value),
            }
            if self._lane_changes.value:
                objects |= {
                    "lane_change_min": float(self._change_min.value),
                    "lane_change_max": float(self._change_max.value),
                }
        return objects


def limits_of(name: str) -> tuple[int, int]:
    """The least and the greatest that a rule of a race may be."""
    metadata = Race.model_fields[name].metadata
    low = next(found.ge for found in metadata if isinstance(found, Ge))
    high = next(found.le for found in metadata if isinstance(found, Le))
    return int(low), int(high)  # type: ignore[call-overload]


def sentences(error: ValueError | OSError) -> str:
    """What is wrong, without what pydantic writes around it."""
    if isinstance(error, ValidationError):
        return " ".join(str(found["msg"]).removeprefix("Value error, ") for found in error.errors())
    return str(error)


def _whole_or_none(value: float | None) -> int | None:
    return None if value is None else int(value)


def _moment_field(label: str, value: str, hint: str) -> Any:
    # The label stays above, because the browser writes a date into an empty field, too.
    return explained(ui.input(label, value=value).props("type=datetime-local stack-label"), hint)


def _text(label: str, value: str) -> Any:
    limit = _LENGTHS["rules"]
    return ui.textarea(label, value=value).props(f"outlined autogrow maxlength={limit}")


def _race_types() -> dict[str, str]:
    """The race types in which every submission drives alone."""
    return {race: title for race, title in race_titles().items() if race != HEAD_TO_MODEL}
