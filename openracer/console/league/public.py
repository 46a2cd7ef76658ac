"""The public pages of a race, plain HTML that a thousand spectators may look at, and the files that come out of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from openracer.analysis.drives import track_shape
from openracer.api.gate import PERSON
from openracer.console.assets import asset
from openracer.console.components import track_outline
from openracer.console.layout import FAVICON
from openracer.console.league.board import TEMPLATES, board_csv, board_html
from openracer.console.league.certificate import certificate
from openracer.console.league.figures import figure_groups
from openracer.console.league.qr import qr_png, qr_svg
from openracer.console.league.race_cards import when_html
from openracer.console.league.race_drives import drive_csv, drive_of, is_shown
from openracer.console.league.words import rule_facts, track_words
from openracer.console.stage import stage_words
from openracer.console.visitor import theme_of
from openracer.language import current_language
from openracer.language import gettext as _
from openracer.service.accounts import LOCAL, Person
from openracer.service.identity import is_shared
from openracer.service.league import current_league
from openracer.service.league.live import LivePhase, LiveState
from openracer.service.league.races import Format, HeldRace, RaceNotFoundError
from openracer.service.league.submissions import Submission

_LOOK_S = 1.0
_STILL_HERE_S = 15.0
_MOST_ON_AIR = 12
"""Lines of the leaderboard beside a live picture."""

router = APIRouter(include_in_schema=False, prefix="/board")


@router.get("/{number:int}")
def board(request: Request, number: int) -> Response:
    """The leaderboard."""
    try:
        race = current_league().races.race(number, _viewer(request))
    except RaceNotFoundError:
        return _missing(request)
    pieces = _pieces(race, _viewer(request))
    address = str(request.url.replace(query=""))
    words = {
        "live": _("Watch it live"), "board": _("Leaderboard"), "rules": _("Rules"), "prizes": _("Prizes"),
        "photograph": _("Photograph it to follow on your phone."),
    }  # fmt: skip
    return _page(
        request, "league_board.html", title=race.rules.name, events=f"/board/{number}/events", words=words,
        live=f"/board/{number}/live" if race.format is Format.LIVE else "", **pieces,
        place=track_words(race), track=_outline(race), facts=rule_facts(race),
        rules=race.rules.rules, prizes=race.rules.prizes, qr=qr_svg(address),
    )  # fmt: skip


@router.get("/{number:int}/live")
def broadcast(request: Request, number: int) -> Response:
    """A live race on a projector."""
    viewer = _viewer(request)
    try:
        state = current_league().live.state(number, viewer)
    except RaceNotFoundError:
        return _missing(request)
    words = {"board": _("Leaderboard"), "queue": _("Next")}
    return _page(
        request, "league_broadcast.html", title=state.race.rules.name, events="", words=words,
        board_page=f"/board/{number}", options=json.dumps(stage_options(state.race)), **_live_pieces(state, viewer),
    )  # fmt: skip


@router.get("/{number:int}/events")
async def events(request: Request, number: int) -> Response:
    """What changes on the leaderboard, as server-sent events."""
    viewer = _viewer(request)
    race = await asyncio.to_thread(_race, number, viewer)

    def look() -> _News:
        return _News(_pieces(current_league().races.race(race.id, viewer), viewer))

    return _stream(f"board {number}", look)


@router.get("/{number:int}/live/events")
async def live_events(request: Request, number: int) -> Response:
    """What changes in a live race: pieces of its pages, and which drive is shown from when on."""
    viewer = _viewer(request)
    await asyncio.to_thread(_live_state, number, viewer)

    def look() -> _News:
        state = current_league().live.state(number, viewer)
        return _News(_live_pieces(state, viewer), _shown(state, viewer))

    return _stream(f"live {number}", look)


@router.get("/{number:int}/entries/{entry:int}/drive")
def drive(request: Request, number: int, entry: int) -> Response:
    """The drive of a submission, to be replayed."""
    return JSONResponse([_read(drive_of, request, number, entry)])


@router.get("/{number:int}/entries/{entry:int}/log.csv")
def log(request: Request, number: int, entry: int) -> Response:
    """The rows of a submission's drive."""
    return _file(_read(drive_csv, request, number, entry), "text/csv", f"race-{number}-entry-{entry}.csv")


@router.get("/{number:int}/board.csv")
def table(request: Request, number: int) -> Response:
    """The leaderboard for spreadsheets."""
    race = _race(number, _viewer(request))
    rows = current_league().boards.leaderboard(race.id, _viewer(request))
    return _file(board_csv(rows), "text/csv", f"race-{number}.csv")


@router.get("/{number:int}/code.png")
def code(request: Request, number: int) -> Response:
    """The public page's address as a QR code to print."""
    _race(number, _viewer(request))
    address = str(request.url.replace(path=f"/board/{number}", query=""))
    return _file(qr_png(address), "image/png", f"race-{number}.png")


@router.get("/{number:int}/certificates/{racer:int}")
def diploma(request: Request, number: int, racer: int) -> Response:
    """The certificate of a racer's place."""
    race = _race(number, _viewer(request))
    rows = current_league().boards.leaderboard(number, _viewer(request))
    row = next((row for row in rows if row.racer.id == racer), None)
    if row is None:
        raise HTTPException(404, _("this racer has no result in this race"))
    day = min(datetime.now(UTC), race.rules.closes)
    try:
        pdf = certificate(race, row, len(rows), day.astimezone())
    except ValueError as error:
        raise HTTPException(409, str(error)) from None
    return _file(pdf, "application/pdf", f"race-{number}-racer-{racer}.pdf")


def stage_options(race: HeldRace) -> dict[str, Any]:
    """What ``broadcast.js`` needs to show a live race."""
    words = {
        "waiting": _("The next car starts soon."),
        "preparing": _("Off to the start line …"),
        "over": _("The race is over."),
        "lap": _("Lap"),
        "last_lap": _("Last lap"),
        "top_speed": _("Top speed"),
        "mean_speed": _("Average speed"),
    }
    return {
        "shape": track_shape(race.track()),
        "events": f"/board/{race.id}/live/events",
        "words": stage_words() | words,
    }


@dataclass(frozen=True)
class _News:
    """What pages may have to change: pieces of HTML by their places, and the drive that is shown."""

    pieces: dict[str, str]
    drive: dict[str, Any] | None = None


class _Latest:
    """The news of each race in each language, looked up once a second however many look on."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, _News]] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def get(self, name: str, look: Callable[[], _News]) -> _News:
        """The news of a race, at most a second old."""
        key = name, current_language()
        async with self._locks.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known is None or time.monotonic() - known[0] > 0.9 * _LOOK_S:
                known = time.monotonic(), await asyncio.to_thread(look)
                self._known[key] = known
            return known[1]


_latest = _Latest()


def _stream(name: str, look: Callable[[], _News]) -> StreamingResponse:
    async def stream() -> AsyncIterator[str]:
        shown: dict[str, str] = {}
        driving: object = ()
        told = time.monotonic()
        while True:
            try:
                news = await _latest.get(name, look)
            except OSError:
                return  # the race has been deleted
            new = {place: html for place, html in news.pieces.items() if shown.get(place) != html}
            shown = news.pieces
            if new:
                yield _event("pieces", new)
            if news.drive is not None and news.drive != driving:
                driving = news.drive
                yield _event("drive", news.drive | {"now": round(1000.0 * time.time())})
            if new:
                told = time.monotonic()
            elif time.monotonic() - told > _STILL_HERE_S:
                told = time.monotonic()
                yield ": still here\n\n"
            await asyncio.sleep(_LOOK_S)

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)


def _event(name: str, value: object) -> str:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"


def _pieces(race: HeldRace, viewer: Person | None) -> dict[str, str]:
    rows = current_league().boards.leaderboard(race.id, viewer)
    return {"board": board_html(rows), "when": when_html(race)}


def _live_pieces(state: LiveState, viewer: Person | None) -> dict[str, str]:
    rows = current_league().boards.leaderboard(state.race.id, viewer)
    words = {"winner": _("The winner"), "drives": _("Drives now")}
    return {
        "board": board_html(rows[:_MOST_ON_AIR]),
        "queue": TEMPLATES.get_template("league_queue.html").render(
            queue=state.queue, nobody=_("Nobody waits.")
        ),
        "banner": TEMPLATES.get_template("league_banner.html").render(
            winner=state.winner, racer=state.current and state.current.racer, words=words
        ),
        "figures": TEMPLATES.get_template("league_figures.html").render(groups=figure_groups(state, rows)),
    }


def _shown(state: LiveState, viewer: Person | None) -> dict[str, Any]:
    """Which drive is shown, for ``broadcast.js``."""
    told: dict[str, Any] = {
        "phase": state.phase,
        "key": "",
        "alias": "",
        "drive": None,
        "leader": None,
        "from": 0,
    }
    told["laps"] = state.race.rules.laps
    if state.current is None:
        return told
    entry = state.current.submission
    told |= {"key": f"{entry.number}.{entry.runs}", "alias": state.current.racer.alias}
    if state.shown_from is not None:
        told["drive"] = f"/board/{state.race.id}/entries/{entry.number}/drive?run={entry.runs}"
        told["from"] = round(1000.0 * state.shown_from.timestamp())
        board = current_league().boards.leaderboard(state.race.id, viewer)
        if board and state.phase is LivePhase.SHOWING:
            told["leader"] = f"/board/{state.race.id}/entries/{board[0].submission}/drive"
    return told


def _viewer(request: Request) -> Person | None:
    """Who looks; None for somebody who has not signed in."""
    return request.scope.get(PERSON) if is_shared() else LOCAL


def _race(number: int, viewer: Person | None) -> HeldRace:
    try:
        return current_league().races.race(number, viewer)
    except RaceNotFoundError as error:
        raise HTTPException(404, str(error)) from None


def _live_state(number: int, viewer: Person | None) -> LiveState:
    try:
        return current_league().live.state(number, viewer)
    except RaceNotFoundError as error:
        raise HTTPException(404, str(error)) from None


T = TypeVar("T")


def _read(what: Callable[[Submission], T], request: Request, number: int, entry: int) -> T:
    """Something of a submission that everybody who sees its race may watch by now."""
    viewer = _viewer(request)
    _race(number, viewer)
    try:
        submission = current_league().submissions.submission(entry, viewer)
        if submission.race != number or not _is_on_air(submission):
            raise FileNotFoundError(_("this drive cannot be watched yet"))
        return what(submission)
    except OSError as error:
        raise HTTPException(404, str(error)) from None
    except ValueError as error:
        raise HTTPException(409, str(error)) from None


def _is_on_air(submission: Submission) -> bool:
    """Whether a drive is being shown or has been; screens fetch it in the seconds before."""
    return submission.shown_from is not None or is_shown(submission)


def _outline(race: HeldRace) -> str:
    try:
        return track_outline(race.track())
    except (ValueError, OSError):
        return ""


def _page(request: Request, template: str, **values: Any) -> Response:
    text = TEMPLATES.get_template(template).render(
        language=current_language(), theme=theme_of(request.cookies), favicon=FAVICON, asset=asset, **values
    )
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


def _missing(request: Request) -> Response:
    text = TEMPLATES.get_template("door.html").render(
        language=current_language(), title=_("This race is not here"), theme=theme_of(request.cookies),
        lead=_("It has been deleted, or it is private and you have to sign in first."), favicon=FAVICON,
        base_style=asset("console.css"), style=asset("door.css"),
    )  # fmt: skip
    return HTMLResponse(text, 404, {"Cache-Control": "no-store"})


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
