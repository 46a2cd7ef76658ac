"""Routes of seasons and racers: standings, finals, profiles."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from openracer.api.races import Number, RaceOut, shown
from openracer.league.circuit import Division
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.boards import BoardRow
from openracer.service.league.people import Racer
from openracer.service.league.seasons import Season, StandingRow

router = APIRouter(tags=["seasons"])


class SeasonBody(BaseModel):
    """A season to make or to change.

    Attributes:
        name: unique among seasons.
        final_size: how many qualify for the knock-out final; 0 for none.
        final_at: when it begins; null as soon as the last race is decided.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    final_size: int = Field(default=8, ge=0, le=64)
    final_at: AwareDatetime | None = None


class SeasonOut(BaseModel):
    """A season.

    Attributes:
        id: its number.
        name: of it.
        organiser: number of the person who made it.
        created: when it was made.
        races: numbers of its races, in the order in which they are held.
        final_size: how many qualify for the final.
        final_at: when the final begins.
        champion: number of the person who has won it.
    """

    id: int
    name: str
    organiser: int
    created: datetime
    races: list[int]
    final_size: int
    final_at: datetime | None
    champion: int | None


class DuelOut(BaseModel):
    """A duel of a final.

    Attributes:
        first: number of the better seed; null until it is known.
        second: of the other one; null until it is known, and where the first has a bye.
        is_bye: whether the first goes on without a duel.
        winner: number of who goes on; null until it is decided.
    """

    first: int | None
    second: int | None
    is_bye: bool
    winner: int | None


class FinalOut(BaseModel):
    """A knock-out final.

    Attributes:
        seeds: racers, the best first.
        rounds: duels of each round.
    """

    seeds: list[Racer]
    rounds: list[list[DuelOut]]


class ResultOut(BaseModel):
    """What a racer has in a race.

    Attributes:
        race: itself.
        row: the racer's line on the leaderboard; null without a valid result.
        racers: how many are on it.
    """

    race: RaceOut
    row: BoardRow | None
    racers: int


class ProfileOut(BaseModel):
    """A racer's profile.

    Attributes:
        racer: who.
        submissions: how many there are.
        wins: of closed races.
        podiums: likewise, among the first three.
        history: results in races that one may see, the latest first.
    """

    racer: Racer
    submissions: int
    wins: int
    podiums: int
    history: list[ResultOut]


def _shown(season: Season) -> SeasonOut:
    told = {name: getattr(season, name) for name in SeasonOut.model_fields}
    return SeasonOut(**{**told, "races": [race.id for race in season.races]})


@router.get("/seasons")
def list_seasons() -> list[SeasonOut]:
    """All seasons, the newest first."""
    return [_shown(season) for season in current_league().seasons.seasons()]


@router.post("/seasons", status_code=201)
def create_season(body: Annotated[SeasonBody, Body()]) -> SeasonOut:
    """Make a season; for organisers."""
    return _shown(
        current_league().seasons.create(current_person(), body.name, body.final_size, body.final_at)
    )


@router.get("/seasons/{season}")
def get_season(season: Number) -> SeasonOut:
    """One season."""
    return _shown(current_league().seasons.season(season))


@router.put("/seasons/{season}")
def change_season(season: Number, body: Annotated[SeasonBody, Body()]) -> SeasonOut:
    """Change a season; for its organiser."""
    return _shown(
        current_league().seasons.edit(current_person(), season, body.name, body.final_size, body.final_at)
    )


@router.delete("/seasons/{season}", status_code=204)
def delete_season(season: Number) -> None:
    """Delete a season; its races stay. For its organiser."""
    current_league().seasons.delete(current_person(), season)


@router.get("/seasons/{season}/standings")
def get_standings(
    season: Number,
    division: Annotated[Division, Query(description="Open or Pro.")] = Division.OPEN,
) -> list[StandingRow]:
    """Points of a division over the decided races."""
    return list(current_league().seasons.standings(season, division))


@router.get("/seasons/{season}/final")
def get_final(season: Number) -> FinalOut | None:
    """The knock-out final; null until the last race is decided."""
    final = current_league().seasons.final(season)
    if final is None:
        return None

    def number(person: str | None) -> int | None:
        return None if person is None else int(person)

    return FinalOut(
        seeds=[final.racers[seed] for seed in final.seeds],
        rounds=[
            [
                DuelOut(
                    first=number(duel.first),
                    second=number(duel.second),
                    is_bye=duel.is_bye,
                    winner=number(duel.winner),
                )
                for duel in duels
            ]
            for duels in final.rounds
        ],
    )


@router.get("/racers/{racer}")
def get_racer(racer: Number) -> ProfileOut:
    """A racer's profile."""
    found = current_league().profiles.profile(racer, current_person())
    history = [
        ResultOut(race=shown(result.race), row=result.row, racers=result.racers) for result in found.history
    ]
    return ProfileOut(
        racer=found.racer,
        submissions=found.submissions,
        wins=found.wins,
        podiums=found.podiums,
        history=history,
    )
