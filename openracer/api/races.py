"""Routes of races: make them, enter them, see who is where, and follow live ones."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from openracer.language import gettext as _
from openracer.league.race import Phase, Race
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.boards import BoardRow
from openracer.service.league.membership import Code, Member
from openracer.service.league.people import Racer
from openracer.service.league.races import Format, HeldRace
from openracer.service.league.submissions import Submission, SubmissionNotFoundError, SubmissionState

router = APIRouter(tags=["races"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class RaceBody(BaseModel):
    """A race to make or to change.

    Attributes:
        rules: where and how it is driven, what ranks, when it is open.
        format: ``classic`` or ``live``; it stays.
        is_private: for those only who have a code.
        season: number of the season to which it belongs; it stays.
    """

    model_config = ConfigDict(extra="forbid")

    rules: Race
    format: Format = Format.CLASSIC
    is_private: bool = False
    season: int | None = Field(default=None, ge=1, le=2**31 - 1)


class RaceOut(BaseModel):
    """A race.

    Attributes:
        id: its number.
        rules: where and how it is driven, what ranks, when it is open.
        format: classic or live.
        is_private: for those only who have a code.
        organiser: number of the person who made it.
        season: number of the season to which it belongs.
        created: when it was made.
        submissions: how many there are.
        racers: from how many people.
        phase: where it stands now.
    """

    id: int
    rules: Race
    format: Format
    is_private: bool
    organiser: int
    season: int | None
    created: datetime
    submissions: int
    racers: int
    phase: Phase


class SubmissionBody(BaseModel):
    """A model to enter.

    Attributes:
        model: name of one's own model.
        checkpoint: ``best``, ``last`` or the number of an iteration.
        key: anything; asking again with the same one does not submit twice.
    """

    model_config = ConfigDict(extra="forbid")

    model: str
    checkpoint: str = "best"
    key: str | None = Field(default=None, min_length=1, max_length=100)


class LapOut(BaseModel):
    """A completed lap.

    Attributes:
        time_ms: with all penalties.
        resets: how often the car was put back in it.
    """

    time_ms: int
    resets: int


class SubmissionOut(BaseModel):
    """A model entered into a race.

    Attributes:
        number: of the submission.
        race: number of the race.
        person: number of the racer.
        nth: counts the racer's submissions to the race.
        model: what its owner calls it; empty for others.
        state: where it is.
        submitted: when it was taken.
        ended: when its drive was over.
        laps: those completed.
        time_s: what ranks; null without enough laps in a row.
        reason: why it failed.
    """

    number: int
    race: int
    person: int
    nth: int
    model: str
    state: SubmissionState
    submitted: datetime
    ended: datetime | None
    laps: list[LapOut]
    time_s: float | None
    reason: str


class CodeBody(BaseModel):
    """A code to make.

    Attributes:
        days: how long it works, 1 to 365; null until it is revoked.
    """

    model_config = ConfigDict(extra="forbid")

    days: int | None = None


class JoinBody(BaseModel):
    """A code to join a private race with.

    Attributes:
        code: of the race.
    """

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=100)


def shown(held: HeldRace) -> RaceOut:
    """A race for the API."""
    return RaceOut(**{name: getattr(held, name) for name in RaceOut.model_fields})


def shown_submission(submission: Submission) -> SubmissionOut:
    """A submission for the API, as far as the one who asks may see it."""
    league = current_league()
    held = league.submissions.race_of(submission)
    is_own = league.submissions.may_see_model(submission, current_person())
    is_known = submission.is_shown(datetime.now(UTC))
    result = submission.result if is_known else None
    told = {name: getattr(submission, name) for name in SubmissionOut.model_fields if name != "time_s"}
    return SubmissionOut(
        **{
            **told,
            "laps": [LapOut(time_ms=lap.time_ms, resets=lap.resets) for lap in submission.laps if is_known],
            "model": submission.model if is_own else "",
            "reason": submission.reason if is_own else "",
            "time_s": None
            if result is None
            else result.total_ms / 1000.0 / (1 if held.rules.ranking == "total" else result.laps),
        }
    )


@router.get("/races")
def list_races(
    phase: Annotated[Phase | None, Query(description="Only those that stand there now.")] = None,
) -> list[RaceOut]:
    """The races that one may see; those that close last come first."""
    return [shown(held) for held in current_league().races.races(current_person(), phase)]


@router.post("/races", status_code=201)
def create_race(body: Annotated[RaceBody, Body()]) -> RaceOut:
    """Make a race; for organisers."""
    person = current_person()
    return shown(current_league().races.create(person, body.rules, body.format, body.is_private, body.season))


@router.post("/races/join")
def join_race(body: Annotated[JoinBody, Body()]) -> RaceOut:
    """Join a private race."""
    league, person = current_league(), current_person()
    return shown(league.races.race(league.membership.join(person, body.code), person))


@router.get("/races/{race}")
def get_race(race: Number) -> RaceOut:
    """One race."""
    return shown(current_league().races.race(race, current_person()))


@router.put("/races/{race}")
def change_race(race: Number, body: Annotated[RaceBody, Body()]) -> RaceOut:
    """Change a race; for its organiser. Once somebody has submitted, what is driven stays."""
    return shown(current_league().races.edit(current_person(), race, body.rules, body.is_private))


@router.delete("/races/{race}", status_code=204)
def delete_race(race: Number) -> None:
    """Delete a race and all that was submitted to it; for its organiser."""
    current_league().races.delete(current_person(), race)


@router.get("/races/{race}/leaderboard")
def get_leaderboard(race: Number) -> list[BoardRow]:
    """Who is where; in a live race as far as it has been shown."""
    return list(current_league().boards.leaderboard(race, current_person()))


@router.get("/races/{race}/submissions")
def list_submissions(
    race: Number,
    everybody: Annotated[bool, Query(description="Those of all racers, not only one's own.")] = False,
) -> list[SubmissionOut]:
    """Submissions to a race, the newest first."""
    league, person = current_league(), current_person()
    league.races.race(race, person)
    found = league.submissions.submissions(race, None if everybody else person)
    return [shown_submission(submission) for submission in found]


@router.post("/races/{race}/submissions", status_code=202)
def submit(race: Number, body: Annotated[SubmissionBody, Body()]) -> SubmissionOut:
    """Enter one of one's own models; once this is answered, it drives whatever happens to the console."""
    return shown_submission(
        current_league().submissions.submit(current_person(), race, body.model, body.checkpoint, body.key)
    )


@router.get("/submissions/{number}")
def get_submission(number: Number) -> SubmissionOut:
    """One submission."""
    return shown_submission(current_league().submissions.submission(number, current_person()))


@router.get(
    "/submissions/{number}/record",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "A NumPy archive."}},
)
def get_record(number: Number) -> FileResponse:
    """The record of a drive, with which anyone can drive it again."""
    found = current_league().submissions.submission(number, current_person())
    if not found.is_shown(datetime.now(UTC)) or not found.record_file.is_file():
        raise SubmissionNotFoundError(_("submission {number} has not driven yet").format(number=number))
    return FileResponse(
        found.record_file, media_type="application/octet-stream", filename=f"submission-{number}.npz"
    )


@router.get("/races/{race}/codes")
def list_codes(race: Number) -> list[Code]:
    """The codes of a private race; for its organiser."""
    league, person = current_league(), current_person()
    league.races.race(race, person)
    return league.membership.codes(person, race)


@router.post("/races/{race}/codes", status_code=201)
def make_code(race: Number, body: Annotated[CodeBody, Body()]) -> Code:
    """Make a code for a private race; for its organiser."""
    league, person = current_league(), current_person()
    league.races.race(race, person)
    return league.membership.make_code(person, race, body.days)


@router.delete("/races/{race}/codes/{code}", status_code=204)
def revoke_code(race: Number, code: Number) -> None:
    """Make a code useless; for the organiser."""
    league, person = current_league(), current_person()
    league.races.race(race, person)
    league.membership.revoke(person, code)


@router.get("/races/{race}/members")
def list_members(race: Number) -> list[Member]:
    """Who has joined a private race; for its organiser."""
    league, person = current_league(), current_person()
    league.races.race(race, person)
    return league.membership.members(person, race)


@router.delete("/races/{race}/members/{member}", status_code=204)
def expel_member(race: Number, member: Number) -> None:
    """Take somebody out of a private race; for its organiser."""
    league, person = current_league(), current_person()
    league.races.race(race, person)
    league.membership.expel(person, race, member)


class LiveOut(BaseModel):
    """How a live race stands.

    Attributes:
        phase: ``waiting``, ``preparing``, ``showing`` or ``over``.
        current: the submission that drives.
        shown_from: when showing its drive begins.
        shown_until: when it has been shown.
        queue: submissions that wait, in their order.
        auto_launch: whether the next one drives by itself.
        entries_open: whether submissions are taken.
        winner: who has been declared so.
        now: when this was so.
    """

    phase: str
    current: SubmissionOut | None
    shown_from: datetime | None
    shown_until: datetime | None
    queue: list[SubmissionOut]
    auto_launch: bool
    entries_open: bool
    winner: Racer | None
    now: datetime


class LiveChange(BaseModel):
    """What the organiser of a live race does; each of what is given.

    Attributes:
        auto_launch: let the next one drive by itself when one is done.
        entries_open: take submissions.
        order: submissions that wait, in their new order.
        launch: number of the submission to launch; 0 is the first that waits.
        reset: number of a submission to put back into the queue.
        remove: number of a submission that waits, to be taken out.
        clear: put all back.
        winner: number of the person who has won.
    """

    model_config = ConfigDict(extra="forbid")

    auto_launch: bool | None = None
    entries_open: bool | None = None
    order: list[int] | None = Field(default=None, max_length=10_000)
    launch: int | None = Field(default=None, ge=0, le=2**31 - 1)
    reset: int | None = Field(default=None, ge=1, le=2**31 - 1)
    remove: int | None = Field(default=None, ge=1, le=2**31 - 1)
    clear: bool = False
    winner: int | None = Field(default=None, ge=1, le=2**31 - 1)


@router.get("/races/{race}/live")
def get_live(race: Number) -> LiveOut:
    """How a live race stands."""
    state = current_league().live.state(race, current_person())
    return LiveOut(
        phase=state.phase,
        current=None if state.current is None else shown_submission(state.current.submission),
        shown_from=state.shown_from,
        shown_until=state.shown_until,
        queue=[shown_submission(entry.submission) for entry in state.queue],
        auto_launch=state.auto_launch,
        entries_open=state.entries_open,
        winner=state.winner,
        now=state.now,
    )


@router.post("/races/{race}/live")
def change_live(race: Number, body: Annotated[LiveChange, Body()]) -> LiveOut:
    """Work on a live race; for its organiser."""
    live, person = current_league().live, current_person()
    steps: dict[str, Any] = {
        "clear": lambda _on: live.clear(person, race),
        "reset": lambda number: live.reset(person, race, number),
        "remove": lambda number: live.remove(person, race, number),
        "order": lambda numbers: live.reorder(person, race, numbers),
        "entries_open": lambda on: live.open_entries(person, race, on),
        "launch": lambda number: live.launch(person, race, number or None),
        "auto_launch": lambda on: live.set_auto_launch(person, race, on),
        "winner": lambda racer: live.declare_winner(person, race, racer),
    }
    for name, step in steps.items():
        value = getattr(body, name)
        if value is not None and not (name == "clear" and not value):
            step(value)
    return get_live(race)
