"""``openracer league``: races and seasons, on this machine or on a console."""

import json
import time
from collections.abc import Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openracer.cli.remote import Console, RemoteConsole, Server
from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.league.record import Verification

app = typer.Typer(no_args_is_help=True)

RaceName = Annotated[str, typer.Argument(metavar="RACE", help=_("Name or number of a race."))]
SeasonName = Annotated[str, typer.Argument(metavar="SEASON", help=_("Name or number of a season."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of a table."))]

_WAIT_S = 0.5


@app.command("list", help=_("Show the races."))
def show_races(
    phase: Annotated[str | None, typer.Option(help=_("Only upcoming, open or closed ones."))] = None,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Show the races that there are."""
    races = _league(server).get("/races" + (f"?phase={phase}" if phase else ""))
    if as_json:
        _print_json(races)
        return
    if not races:
        typer.echo(_("There are no races yet; openracer league create makes one."))
        return
    headings = (_("Number"), _("Race"), _("Track"), _("Phase"), _("Closes"), _("Racers"), _("Submissions"))
    _print_table(
        headings,
        [
            (
                str(race["id"]),
                race["rules"]["name"],
                race["rules"]["track"],
                _phase(race["phase"]),
                _moment(race["rules"]["closes"]),
                str(race["racers"]),
                str(race["submissions"]),
            )
            for race in races
        ],
        right={0, 5, 6},
    )


@app.command("show", help=_("Show the rules of a race."))
def show(race: RaceName, as_json: AsJson = False, server: Server = None) -> None:
    """Show a race."""
    found = _race(_league(server), race)
    if as_json:
        _print_json(found)
        return
    rules = found["rules"]
    rows = [
        (_("Race"), f"{rules['name']} ({found['id']})"),
        (_("Phase"), _phase(found["phase"])),
        (_("Opens"), _moment(rules["opens"])),
        (_("Closes"), _moment(rules["closes"])),
        (_("Track"), rules["track"] + (_(" (reverse)") if rules["reverse"] else "")),
        (_("Race type"), rules["race_type"]),
        (_("Laps"), str(rules["laps"])),
        (_("Ranked by"), _ranking(rules)),
        (_("Resets allowed"), _("any number") if rules["max_resets"] is None else str(rules["max_resets"])),
        (_("Off-track penalty"), f"{rules['off_track_penalty_s']:g} s"),
        (_("Collision penalty"), f"{rules['collision_penalty_s']:g} s"),
    ]
    _print_table(None, rows)
    for text in (rules["rules"], rules["prizes"]):
        if text:
            typer.echo("\n" + text)


@app.command("create", help=_("Make a race."))
def create(
    name: Annotated[str, typer.Argument(help=_("Name of the race."))],
    track: Annotated[str, typer.Option(help=_("Track, built in or your own."))],
    closes: Annotated[
        str, typer.Option(help=_('From then on nothing is taken: "2026-12-31 18:00", local time.'))
    ],
    opens: Annotated[
        str | None, typer.Option(help=_("From then on submissions are taken; now if not given."))
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help=_("Drive the other way round."))] = False,
    race_type: Annotated[
        str, typer.Option("--race", help=_("time_trial, object_avoidance or head_to_bot."))
    ] = "time_trial",
    laps: Annotated[int, typer.Option(help=_("Laps of each submission, 1 to 20."))] = 3,
    ranking: Annotated[
        str, typer.Option(help=_("What ranks: best (lap), average (of laps in a row) or total (time)."))
    ] = "average",
    consecutive: Annotated[
        int | None, typer.Option(help=_("Of how many laps in a row the average is; of all if not given."))
    ] = None,
    resets: Annotated[
        int | None, typer.Option(help=_("With one reset more the drive is over; no limit if not given."))
    ] = None,
    off_track_penalty: Annotated[float, typer.Option(help=_("Seconds that each reset costs."))] = 5.0,
    collision_penalty: Annotated[float, typer.Option(help=_("Seconds that each crash costs."))] = 5.0,
    submissions: Annotated[
        int | None, typer.Option(help=_("Submissions of each racer; no limit if not given."))
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help=_("One after the other before everybody's eyes."))
    ] = False,
    private: Annotated[bool, typer.Option("--private", help=_("Only for those who have a code."))] = False,
    season: Annotated[str | None, typer.Option(help=_("Season to which it belongs."))] = None,
    rules: Annotated[str, typer.Option(help=_("Text for racers."))] = "",
    prizes: Annotated[str, typer.Option(help=_("Text for racers."))] = "",
    server: Server = None,
) -> None:
    """Make a race."""
    league = _league(server)
    values = {
        "name": name,
        "track": track,
        "reverse": reverse,
        "race_type": race_type,
        "laps": laps,
        "ranking": ranking,
        "consecutive_laps": laps if consecutive is None else consecutive,
        "max_resets": resets,
        "off_track_penalty_s": off_track_penalty,
        "collision_penalty_s": collision_penalty,
        "submissions_per_person": submissions,
        "opens": _parsed(opens) if opens else datetime.now().astimezone().isoformat(),
        "closes": _parsed(closes),
        "rules": rules,
        "prizes": prizes,
    }
    made = league.post(
        "/races",
        {
            "rules": values,
            "format": "live" if live else "classic",
            "is_private": private,
            "season": None if season is None else _season(league, season)["id"],
        },
    )
    typer.echo(_("{race} is race {number}.").format(race=name, number=made["id"]))
    if private:
        code = league.post(f"/races/{made['id']}/codes", {})["code"]
        typer.echo(_("Others join it with the code {code}.").format(code=code))


@app.command("code", help=_("Make a code with which others join a private race."))
def code(
    race: RaceName,
    days: Annotated[
        int | None, typer.Option(help=_("How many days it works; until revoked if not given."))
    ] = None,
    server: Server = None,
) -> None:
    """Make a code."""
    league = _league(server)
    typer.echo(league.post(f"/races/{_race(league, race)['id']}/codes", {"days": days})["code"])


@app.command("join", help=_("Join a private race."))
def join(code: Annotated[str, typer.Argument(help=_("Code of the race."))], server: Server = None) -> None:
    """Join a private race."""
    race = _league(server).post("/races/join", {"code": code})
    typer.echo(_("You are in {race} (race {number}).").format(race=race["rules"]["name"], number=race["id"]))


@app.command("submit", help=_("Enter a model into a race."))
def submit(
    race: RaceName,
    model: Annotated[str, typer.Argument(help=_("Name of the model."))],
    checkpoint: Annotated[str, typer.Option(help=_("best, last, or the number of an iteration."))] = "best",
    wait: Annotated[bool, typer.Option("--wait", help=_("Wait until it has driven."))] = False,
    server: Server = None,
) -> None:
    """Enter a model into a race."""
    league = _league(server)
    found = _race(league, race)
    made = league.post(f"/races/{found['id']}/submissions", {"model": model, "checkpoint": checkpoint})
    typer.echo(
        _("{model} is submission {number} to {race}.").format(
            model=model, number=made["number"], race=found["rules"]["name"]
        )
    )
    if server is None and not wait:
        typer.echo(_("It drives as soon as a console runs: openracer console"))
    while wait and made["state"] in ("waiting", "driving"):
        time.sleep(_WAIT_S)
        made = league.get(f"/submissions/{made['number']}")
    if made["state"] == "failed":
        raise ValueError(made["reason"])
    if made["state"] == "finished":
        told = _("no valid result") if made["time_s"] is None else _time(made["time_s"])
        typer.echo(_("Laps completed: {count}; {result}").format(count=len(made["laps"]), result=told))


@app.command("leaderboard", help=_("Show who is where in a race."))
def leaderboard(race: RaceName, as_json: AsJson = False, server: Server = None) -> None:
    """Show a leaderboard."""
    league = _league(server)
    rows = league.get(f"/races/{_race(league, race)['id']}/leaderboard")
    if as_json:
        _print_json(rows)
        return
    if not rows:
        typer.echo(_("Nobody has a valid result yet."))
        return
    headings = (_("Rank"), _("Racer"), _("Time"), _("Gap"), _("Resets"), _("Submissions"), _("Submission"))
    _print_table(
        headings,
        [
            (
                str(row["rank"]),
                row["racer"]["alias"],
                _time(row["time_s"]),
                f"+{row['gap_s']:.3f}" if row["gap_s"] else "",
                str(row["resets"]),
                str(row["submissions"]),
                str(row["submission"]),
            )
            for row in rows
        ],
        right={0, 2, 3, 4, 5, 6},
    )


@app.command("season", help=_("Make a season; races are then made for it with create --season."))
def season(
    name: Annotated[str, typer.Argument(help=_("Name of the season."))],
    final: Annotated[int, typer.Option(help=_("How many qualify for the knock-out final; 0: none."))] = 8,
    final_at: Annotated[
        str | None, typer.Option(help=_("When it begins; at once after the last race if not given."))
    ] = None,
    server: Server = None,
) -> None:
    """Make a season."""
    values = {"name": name, "final_size": final, "final_at": None if final_at is None else _parsed(final_at)}
    made = _league(server).post("/seasons", values)
    typer.echo(_("{season} is season {number}.").format(season=name, number=made["id"]))


@app.command("standings", help=_("Show the points of a season."))
def standings(
    name: SeasonName,
    division: Annotated[str, typer.Option(help=_("open or pro."))] = "open",
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Show the standings."""
    league = _league(server)
    found = _season(league, name)
    rows = league.get(f"/seasons/{found['id']}/standings?division={division}")
    if as_json:
        _print_json(rows)
        return
    if not rows:
        typer.echo(_("No race of this season is decided yet."))
        return
    races = [str(race) for race in found["races"]]
    _print_table(
        (_("Rank"), _("Racer"), _("Points"), *races),
        [
            (
                str(row["rank"]),
                row["racer"]["alias"],
                str(row["points"]),
                *(str(row["races"].get(race, "")) for race in races),
            )
            for row in rows
        ],
        right={0, 2, *range(3, 3 + len(races))},
    )


@app.command("verify", help=_("Drive again what was driven in a race, and compare."))
def verify(
    what: Annotated[
        str, typer.Argument(metavar="RECORD", help=_("File of a record, or number of a submission."))
    ],
    model: Annotated[
        str | None,
        typer.Option(help=_("Let this model drive instead of the recorded actions.")),
    ] = None,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Verify a record."""
    import tempfile

    from openracer.league.record import read_record
    from openracer.league.record import verify as replay

    if what.isdecimal() and not Path(what).exists():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"submission-{what}.npz"
            path.write_bytes(_league(server).download(f"/submissions/{what}/record"))
            record = read_record(path)
    else:
        record = read_record(Path(what))
    if model is None:
        told = replay(record)
    else:
        from openracer.league.record import redrive
        from openracer.models import library

        told = redrive(record, library.open_model(model))
    if as_json:
        _print_json(
            {
                "holds": told.holds,
                "is_exact": told.is_exact,
                "same_machine": told.same_machine,
                "deviation_m": told.deviation_m,
                "laps_agree": told.laps_agree,
            }
        )
    else:
        typer.echo(_verdict(told))
    if not told.holds:
        raise typer.Exit(1)


def _verdict(told: "Verification") -> str:
    if told.is_exact and told.laps_agree:
        return _("It holds: every step is the same, bit for bit.")
    where = (
        _("on the same kind of machine and the same versions")
        if told.same_machine
        else _("on another machine or with other versions")
    )
    words = (
        _("It holds: {millimetres:.1f} mm apart at most, {where}.")
        if told.holds
        else _("It does NOT hold: {millimetres:.1f} mm apart, laps {laps}, {where}.")
    )
    laps = _("the same") if told.laps_agree else _("different")
    return words.format(millimetres=1000.0 * told.deviation_m, where=where, laps=laps)


def _league(server: str | None) -> Console:
    if server is not None:
        return RemoteConsole(server)
    from openracer.cli.here import LeagueHere

    return LeagueHere()


def _race(league: Console, name: str) -> dict[str, Any]:
    """The race of a name or number."""
    for race in league.get("/races"):
        if race["rules"]["name"].casefold() == name.casefold():
            return race
    if not name.isdecimal():
        raise ValueError(_("there is no race {name!r}").format(name=name))
    return league.get(f"/races/{name}")


def _season(league: Console, name: str) -> dict[str, Any]:
    """The season of a name, which may look like a number, or of a number."""
    for season in league.get("/seasons"):
        if season["name"].casefold() == name.casefold():
            return season
    if not name.isdecimal():
        raise ValueError(_("there is no season {name!r}").format(name=name))
    return league.get(f"/seasons/{name}")


def _parsed(moment: str) -> str:
    """A moment that the user gave, with its zone."""
    try:
        return datetime.fromisoformat(moment).astimezone().isoformat()
    except ValueError:
        raise ValueError(
            _("{moment!r} is no moment; one looks like 2026-12-31 18:00").format(moment=moment)
        ) from None


def _moment(told: str) -> str:
    return f"{datetime.fromisoformat(told).astimezone():%Y-%m-%d %H:%M}"


def _phase(phase: str) -> str:
    return {"upcoming": _("Upcoming"), "open": _("Open"), "closed": _("Closed")}[phase]


def _ranking(rules: dict[str, Any]) -> str:
    if rules["ranking"] == "best":
        return _("Best lap")
    if rules["ranking"] == "total":
        return _("Total time of {count} laps").format(count=rules["laps"])
    return _("Average of the best {count} laps in a row").format(count=rules["consecutive_laps"])


def _time(seconds: float) -> str:
    from openracer.simulation.overlay import format_race_time

    return format_race_time(seconds)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _print_table(
    headings: tuple[str, ...] | None, rows: Sequence[tuple[str, ...]], right: Set[int] = frozenset()
) -> None:
    from rich.table import Table
    from rich.text import Text

    from openracer.cli.screen import table_console

    table = Table(box=None, header_style="bold", pad_edge=False, show_header=headings is not None)
    for number, heading in enumerate(headings or rows[0]):
        table.add_column(heading if headings else "", justify="right" if number in right else "left")
    for row in rows:
        table.add_row(*map(Text, row))  # names may hold what rich takes for markup
    table_console().print(table)
