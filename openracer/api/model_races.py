"""Routes of races of models against each other: ask for one, stop it, and what came of the earlier ones."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict

from openracer.api.jobs import JobOut, job_of, jobs_of, shown
from openracer.api.models import CSV
from openracer.models.race_records import RaceRecord, read_race, read_races
from openracer.runs.race_request import RaceRequest
from openracer.service import current_queue
from openracer.service.jobs import JobKind

router = APIRouter(tags=["races of models"])

Stamp = Annotated[str, Path(description="When the race was, 14 digits.")]


@dataclass(frozen=True, kw_only=True)
class RaceBody(RaceRequest):
    """What to race; the defaults are the rules of AWS's leagues."""

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)


class CarOut(BaseModel):
    """How a car did in one holding of a race; the meanings are those of ``race.json``."""

    trial: int
    car: int
    start_place: int
    place: int
    lap_times: list[float]
    progress: float
    status: str
    off_tracks: int
    crashes: int
    resets: int
    steps: int


class ModelRaceOut(BaseModel):
    """A race that was driven.

    Attributes:
        stamp: by which it is known.
        settings: models, track, laps and so on.
        names: of the cars, in the order of the first grid.
        checkpoints: that drove.
        results: of every car in every holding, by holding and place.
    """

    stamp: str
    settings: dict[str, Any]
    names: list[str]
    checkpoints: list[str]
    results: list[CarOut]


def _shown(race: RaceRecord) -> ModelRaceOut:
    return ModelRaceOut(
        stamp=race.stamp,
        settings=dict(race.settings),
        names=list(race.names),
        checkpoints=list(race.checkpoints),
        results=[
            CarOut(**{**asdict(result), "lap_times": list(result.lap_times)}) for result in race.results
        ],
    )


@router.get("/model-races")
def list_model_race_jobs(
    active: Annotated[bool, Query(description="Only those that have not ended.")] = False,
) -> list[JobOut]:
    """Races of models that were asked for, the newest first."""
    return jobs_of(JobKind.RACE, None, active)


@router.post("/model-races", status_code=202)
def submit_model_race(body: Annotated[RaceBody, Body()]) -> JobOut:
    """Ask for a race of two to eight models; ``result.race`` is its stamp once the job has finished."""
    return shown(current_queue().submit_race(body))


@router.get("/model-races/results")
def list_model_races() -> list[ModelRaceOut]:
    """What came of the races, the newest first."""
    return [_shown(race) for race in read_races()]


@router.get("/model-races/results/{stamp}")
def get_model_race(stamp: Stamp) -> ModelRaceOut:
    """What came of a race."""
    return _shown(read_race(stamp))


@router.get("/model-races/results/{stamp}/traces/{car}", response_class=FileResponse, responses=CSV)
def get_model_race_trace(
    stamp: Stamp, car: Annotated[int, Path(ge=0, le=7, description="Index of the car, counted from 0.")]
) -> FileResponse:
    """The trace of a car, as DeepRacer writes it: an episode for each lap."""
    race = read_race(stamp)
    if car >= len(race.names):
        raise FileNotFoundError(race.trace_file(car).name)
    return FileResponse(race.trace_file(car), media_type="text/csv")


@router.get("/model-races/{job_id}")
def get_model_race_job(job_id: str) -> JobOut:
    """One race that was asked for."""
    return shown(job_of(job_id, JobKind.RACE))


@router.post("/model-races/{job_id}/stop", status_code=202)
def stop_model_race(job_id: str) -> JobOut:
    """Give a race up."""
    current_queue().stop(job_of(job_id, JobKind.RACE).id)
    return shown(job_of(job_id, JobKind.RACE))
