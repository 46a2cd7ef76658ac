"""``load``: whatever a log, folder or archive holds about a training and its evaluations, as data frames."""

import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from openracer.analysis.frames import NAMES, steps_frame
from openracer.formats.errors import FormatError
from openracer.formats.learning_records import LearningRecords, read_learning_records
from openracer.formats.logs import Log, read_logs
from openracer.formats.simtrace import TRACK_COLUMN
from openracer.formats.text_log import JobFacts
from openracer.language import gettext as _
from openracer.models.events import read_events
from openracer.models.folder import ModelFolder
from openracer.models.library import ModelNotFoundError, open_model
from openracer.tracks import catalogue, npy
from openracer.tracks.track import REVERSE, Track

_SOME = 20_000
"""So many rows tell how a drive lies on a track."""


class NoTrackError(ValueError):
    """The track of a recording is not known; the sentence asks for it."""


@dataclass(frozen=True, eq=False, slots=True)
class Job:
    """One training, evaluation or race submission.

    Attributes:
        name: where in the source it was found.
        kind: ``training``, ``evaluation``, ``leaderboard`` or ``unknown``.
        era: year from which its rows look like these.
        steps: see :func:`openracer.analysis.frames.steps_frame`; ``stream`` tells jobs apart, as in deepracer-utils.
        broken: rows that could not be understood.
        facts: what is known about it.
    """

    name: str
    kind: str
    era: str
    steps: pd.DataFrame
    broken: int
    facts: JobFacts


@dataclass(frozen=True, eq=False, slots=True)
class Recording:
    """Everything that was found in one place.

    Attributes:
        source: file, folder or archive.
        jobs: trainings, evaluations and submissions.
        training: steps of all trainings on :attr:`world_name`; no rows where there is none.
        evaluation: steps of all evaluations and submissions on it; ``stream`` tells them apart.
        metrics: rows of training metrics, as ``TrainingMetrics.json`` has them.
        trials: rows of evaluation metrics, and the ``file`` they are from.
        learner: rows of the learner's CSV.
        epochs: losses, KL divergence and entropy of every epoch, from the learner's log.
        world_name: of the track that most steps were driven on; None where no job tells it.
        problems: sentences about what could not be read, or was left out.
        evaluations_of: of one of our own models, the iteration after which each evaluation trial of :attr:`metrics`
            was driven, in their order.
    """

    source: str
    jobs: tuple[Job, ...]
    training: pd.DataFrame
    evaluation: pd.DataFrame
    metrics: pd.DataFrame
    trials: pd.DataFrame
    learner: pd.DataFrame
    epochs: pd.DataFrame
    world_name: str | None
    problems: tuple[str, ...]
    evaluations_of: tuple[int, ...] = ()

    @property
    def broken(self) -> int:
        """Rows that could not be understood."""
        return sum(job.broken for job in self.jobs)

    @property
    def steps(self) -> pd.DataFrame:
        """The training's steps; those of the evaluations where there is no training."""
        return self.training if len(self.training) else self.evaluation

    @property
    def facts(self) -> JobFacts:
        """What is known about the jobs; where they differ, the first one that tells counts."""
        facts = JobFacts()
        for job in self.jobs:
            facts = facts.completed_by(job.facts)
        return facts

    def of_iterations(self, first: int, last: int) -> "Recording":
        """The same with only the training steps of some iterations, both ends included."""
        wanted = self.training["iteration"].between(first, last)
        return replace(self, training=self.training[wanted].reset_index(drop=True))

    def track(self, name: str | None = None) -> Track:
        """The track, in the direction in which the car drove it.

        Args:
            name: world name or title, or the path of a DeepRacer track file (``.npy``); default: what the jobs tell.

        Raises:
            NoTrackError: no job tells it, nobody knows the track of that name, or it lies elsewhere.
            openracer.tracks.catalogue.UnknownTrackError: a name was given, and there is no such track.
            openracer.tracks.npy.TrackFileError: the file is no usable track.
        """
        if name is None and self.world_name is None:
            raise NoTrackError(
                _("{source} does not tell its track; name it, for example --track reinvent_base").format(
                    source=self.source
                )
            )
        if name is not None and name.endswith(".npy"):
            return self._driven(npy.load(Path(name), Path(name).stem, Path(name).stem, ""))
        try:
            found = catalogue.find(name or _undirected(self.world_name or ""))
        except catalogue.UnknownTrackError:
            if name is not None:
                raise
            raise NoTrackError(
                _(
                    "{source} was driven on {world}, which is no known track; import it, or name another "
                    "with --track"
                ).format(source=self.source, world=self.world_name)
            ) from None
        if name is None and not _fits(self.steps, found):
            raise NoTrackError(
                _(
                    "{source} was driven on {world}, which lies elsewhere than the track of that name; name the "
                    "track's file with --track"
                ).format(source=self.source, world=self.world_name)
            )
        return self._driven(found)

    def _driven(self, track: Track) -> Track:
        return track if _drives_forward(self.steps, track) else track.reverse()


def load(path: str | Path) -> Recording:
    """Read everything that a place holds about a training and its evaluations.

    Args:
        path: a text log of any era, a simtrace or learner's CSV, a metrics JSON, a folder or archive of them (exports
            of the console, DeepRacer-for-Cloud, DeepRacer on AWS), one of our models' folders or names, or an address
            ``s3://bucket/prefix`` (needs the extra ``aws``).

    Raises:
        OSError: there is no such file, folder or model, or it cannot be opened.
        FormatError: nothing in it can be understood.
    """
    if str(path).startswith("s3://"):
        from openracer.analysis.storage import fetched

        with fetched(str(path)) as folder:
            return _load(folder, str(path))
    place = Path(path)
    if not place.exists():
        try:
            place = open_model(path).path
        except ModelNotFoundError:
            raise FileNotFoundError(_("there is no file, folder or model {name}").format(name=path)) from None
    return _load(place, str(path))


def _load(place: Path, source: str) -> Recording:
    records = read_learning_records(place)
    problems: list[str] = []
    try:
        logs = read_logs(place, problems)
    except FormatError:
        if records == LearningRecords():
            raise
        logs = []
    jobs = tuple(_job(log) for log in logs)
    for number, job in enumerate(jobs):
        kept, left = _on_one_track(job)
        if left:
            jobs = (*jobs[:number], kept, *jobs[number + 1 :])
            problems.append(_left_out(left, str(kept.facts.world_name)))
    world = _main_world(jobs)
    here = [job for job in jobs if job.facts.world_name in (None, world)]
    if len(here) < len(jobs):
        problems.append(_left_out({str(job.facts.world_name) for job in jobs if job not in here}, str(world)))
    if broken := sum(job.broken for job in jobs):
        problems.append(
            _("Rows that could not be understood and are left out: {count}.").format(count=broken)
        )
    trainings = [job for job in here if job.kind in ("training", "unknown")]
    iterations = _own_iterations(place)
    if iterations and len(trainings) == 1:
        _number_iterations(trainings[0].steps, iterations)
    return Recording(
        source=source,
        jobs=jobs,
        training=_joined(trainings),
        evaluation=_joined([job for job in here if job not in trainings]),
        metrics=pd.DataFrame(records.training),
        trials=pd.DataFrame(records.trials),
        learner=pd.DataFrame(records.learner),
        epochs=pd.DataFrame(records.epochs),
        world_name=world,
        problems=tuple(problems),
        evaluations_of=tuple(
            event["iteration"] for event in iterations for _trial in range(len(event["evaluation"]))
        ),
    )


def _left_out(worlds: set[str], world: str) -> str:
    return _("Drives on {worlds} are left out; only those on {world} are shown.").format(
        worlds=", ".join(sorted(worlds)), world=world
    )


def _on_one_track(job: Job) -> tuple[Job, set[str]]:
    """A job's drives on its first track, of a training on several; and the directed names of the others."""
    if TRACK_COLUMN not in job.steps:
        return job, set()
    names = job.steps[TRACK_COLUMN].value_counts().index
    own = [name for name in names if name.removesuffix(REVERSE) == job.facts.world_name] or list(names)
    steps = job.steps[job.steps[TRACK_COLUMN] == own[0]].drop(columns=TRACK_COLUMN).reset_index(drop=True)
    steps["unique_episode"] = pd.factorize(steps["unique_episode"], sort=True)[0]
    return replace(job, steps=steps), set(names) - {own[0]}


def _own_iterations(place: Path) -> list[dict[str, Any]]:
    """Of our own models, the events of their iterations; those that a resumed training repeated count once."""
    found: dict[int, dict[str, Any]] = {}
    for event in read_events(ModelFolder(place).events_file)[0]:
        if event["event"] == "iteration":
            found = {number: earlier for number, earlier in found.items() if number < event["iteration"]}
            found[event["iteration"]] = event
    return list(found.values())


def _number_iterations(steps: pd.DataFrame, iterations: list[dict[str, Any]]) -> None:
    """Number steps by the policy that drove them: our trace files have some episodes each, our updates some steps."""
    ends = [event["episodes"] for event in iterations]
    steps["iteration"] = (
        iterations[0]["iteration"] - 1 + np.searchsorted(ends, steps["episode"], side="right")
    )


def _job(log: Log) -> Job:
    steps = steps_frame(log)
    steps["stream"] = pd.Categorical.from_codes(np.zeros(len(steps), np.int8), [_stream(log.name)])
    return Job(log.name, log.kind, log.era, steps, log.broken, log.facts)


def _stream(name: str) -> str:
    """What deepracer-utils calls an evaluation: the time in the name of its folder, or that name."""
    *_parents, folder, simtrace = ["", *PurePosixPath(name).parts]
    if simtrace != "evaluation-simtrace":
        return name
    stamp = re.fullmatch(r"(?:evaluation-)?(\d{14})(?:-.*)?", folder)
    return stamp[1] if stamp else folder or name


def _main_world(jobs: tuple[Job, ...]) -> str | None:
    rows: dict[str, int] = {}
    for job in jobs:
        if job.facts.world_name is not None:
            rows[job.facts.world_name] = rows.get(job.facts.world_name, 0) + len(job.steps)
    return max(rows, key=rows.__getitem__) if rows else None


def _joined(jobs: list[Job]) -> pd.DataFrame:
    """Steps of some jobs; episodes of later ones are numbered on."""
    if not jobs:
        return pd.DataFrame(columns=[*NAMES.values(), "unique_episode", "stream"])
    if len(jobs) == 1:
        return jobs[0].steps
    frames, count = [], 0
    for job in jobs:
        frames.append(job.steps.assign(unique_episode=job.steps["unique_episode"] + count))
        count += int(job.steps["unique_episode"].max()) + 1
    joined = pd.concat(frames, ignore_index=True)
    for name in ("episode_status", "stream"):
        joined[name] = joined[name].astype("category")
    return joined


def _undirected(world: str) -> str:
    """A world's name without the direction that AWS adds to it; the direction is seen from the steps."""
    return world if world in catalogue.names() else world.removesuffix("_cw").removesuffix("_ccw")


def _fits(steps: pd.DataFrame, track: Track) -> bool:
    """Whether the car drove about where a track is; some worlds of AWS's place the same road differently."""
    if not len(steps):
        return True
    place = track.project(steps[["x", "y"]].iloc[:_SOME].to_numpy())
    return bool((np.abs(place.offset_m) < place.width_m).mean() > 0.7)


def _drives_forward(steps: pd.DataFrame, track: Track) -> bool:
    """Whether the car follows the rows of a track, by most of its steps."""
    if not len(steps):
        return True
    some = steps.iloc[:_SOME]
    distance = track.project(some[["x", "y"]].to_numpy()).distance_m
    half = track.length / 2.0
    gained = (np.diff(distance) + half) % track.length - half
    driving = (np.diff(some["unique_episode"]) == 0) & (np.abs(gained) < 1.0) & (np.abs(gained) > 1e-4)
    gained = gained[driving]
    return bool((gained > 0.0).sum() >= (gained < 0.0).sum())
