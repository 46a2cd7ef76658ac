"""Evaluations of a model after training: a folder with traces and settings for each, and the metrics file beside."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from openracer.atomic import WriteError, synchronise, write_json
from openracer.environments.racing import FinishedEpisode
from openracer.formats.documents import read_json_object
from openracer.formats.metrics import EvaluationTrial, read_evaluation_metrics, write_evaluation_metrics
from openracer.formats.simtrace import write_simtrace
from openracer.language import gettext as _
from openracer.models.drives import Drive, read_drives
from openracer.models.episodes import EpisodeTrace, columns_of
from openracer.models.folder import ModelFolder
from openracer.models.object_poses import FILE_NAME, Poses, read_object_poses, write_object_poses
from openracer.models.races import HEAD_TO_BOT, HEAD_TO_MODEL
from openracer.models.training_log import milliseconds
from openracer.simulation.bodies import BOT, BOX, CAR

TRACE_FILE = Path("evaluation-simtrace") / "0-iteration.csv"
_NAME = re.compile(r"evaluation-(\d{14})")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation.

    Attributes:
        stamp: when it was, 14 digits, UTC.
        path: its folder.
        settings: track, checkpoint and so on, as the run gave them.
        trials: how each trial went.
    """

    stamp: str
    path: Path
    settings: Mapping[str, Any]
    trials: tuple[EvaluationTrial, ...]

    def drives(self) -> list[Drive]:
        """Its trials as they were driven.

        Raises:
            FileNotFoundError: the trace is missing.
            ValueError: it is broken, or of other trials.
        """
        starts = [trial.start_time / 1000.0 for trial in self.trials]
        drives = read_drives(self.path / TRACE_FILE, starts)
        objects = read_object_poses(self.path / FILE_NAME)
        kind = {HEAD_TO_BOT: BOT, HEAD_TO_MODEL: CAR}.get(str(self.settings.get("race_type")), BOX)
        if len(objects) != len(drives):
            return drives
        return [
            replace(drive, objects=poses, kind=kind) for drive, poses in zip(drives, objects, strict=True)
        ]


def trial_of(number: int, episode: FinishedEpisode) -> EvaluationTrial:
    """The metrics of a trial.

    Args:
        number: of the trial, from 1.
        episode: how it went.
    """
    start, end = milliseconds(episode.start_time), milliseconds(episode.end_time)
    return EvaluationTrial(
        completion_percentage=int(episode.progress),
        metric_time=end,
        start_time=start,
        elapsed_time_in_milliseconds=end - start,
        episode_status=episode.status.title,
        crash_count=episode.crashes,
        immobilized_count=episode.immobilizations,
        off_track_count=episode.off_tracks,
        reversed_count=episode.reversals,
        reset_count=episode.crashes + episode.immobilizations + episode.off_tracks + episode.reversals,
        trial=number,
    )


def write_evaluation(
    folder: ModelFolder,
    trials: Sequence[tuple[FinishedEpisode, EpisodeTrace]],
    settings: Mapping[str, Any],
    continuous: bool,
    now: datetime,
    objects: Sequence[Poses] = (),
) -> Evaluation:
    """Write an evaluation; it is there completely or not at all.

    Args:
        folder: of the model.
        trials: in their order.
        settings: what to remember of it, as JSON can hold it.
        continuous: the action space is continuous.
        now: when it was, UTC.
        objects: where boxes or bot cars were in each trial; empty if there were none.

    Raises:
        WriteError: it cannot be written.
    """
    stamp, temporary = _claim_stamp(folder, now)
    rows = tuple(trial_of(number, episode) for number, (episode, _trace) in enumerate(trials, start=1))
    path, metrics = folder.path / f"evaluation-{stamp}", _metrics_file(folder, stamp)
    try:
        columns = columns_of([trace for _episode, trace in trials], 0, continuous)
        write_simtrace(temporary / TRACE_FILE, columns)
        if objects:
            write_object_poses(temporary / FILE_NAME, objects)
        write_json(temporary / "evaluation.json", dict(settings), indent=1)
        write_evaluation_metrics(metrics, rows)
        temporary.rename(path)
        synchronise(folder.path)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        metrics.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise WriteError(path, error) from error
        raise
    return Evaluation(stamp, path, settings, rows)


def read_evaluations(folder: ModelFolder) -> list[Evaluation]:
    """All evaluations of a model, the earliest first.

    Raises:
        FileNotFoundError: the metrics of one are missing.
        ValueError: a file is broken; one sentence.
    """
    matches = (_NAME.fullmatch(path.name) for path in sorted(folder.path.glob("evaluation-*")))
    stamps = [match[1] for match in matches if match is not None]
    return [_read(folder, stamp) for stamp in stamps if _settings_file(folder, stamp).is_file()]


def read_evaluation(folder: ModelFolder, stamp: str) -> Evaluation:
    """One evaluation of a model.

    Args:
        folder: of the model.
        stamp: of the evaluation, 14 digits.

    Raises:
        FileNotFoundError: there is none, or its metrics are missing.
        ValueError: a file is broken; one sentence.
    """
    if not _NAME.fullmatch(f"evaluation-{stamp}") or not _settings_file(folder, stamp).is_file():
        raise FileNotFoundError(
            _("model {name} has no evaluation {stamp}").format(name=folder.name, stamp=stamp[:20])
        )
    return _read(folder, stamp)


def _read(folder: ModelFolder, stamp: str) -> Evaluation:
    settings = read_json_object(_settings_file(folder, stamp))
    trials = read_evaluation_metrics(_metrics_file(folder, stamp))
    return Evaluation(stamp, folder.path / f"evaluation-{stamp}", settings, trials)


def _settings_file(folder: ModelFolder, stamp: str) -> Path:
    return folder.path / f"evaluation-{stamp}" / "evaluation.json"


def _claim_stamp(folder: ModelFolder, now: datetime) -> tuple[str, Path]:
    """A stamp that no other evaluation has, or is about to have, and the temporary folder that claims it.

    Raises:
        WriteError: the temporary folder cannot be made.
    """
    while True:
        stamp = f"{now:%Y%m%d%H%M%S}"
        temporary = folder.path / f".evaluation-{stamp}.tmp"
        try:
            temporary.mkdir()
            if not (folder.path / f"evaluation-{stamp}").exists():
                return stamp, temporary
            temporary.rmdir()
        except FileExistsError:
            pass
        except OSError as error:
            raise WriteError(temporary, error) from error
        now += timedelta(seconds=1)


def _metrics_file(folder: ModelFolder, stamp: str) -> Path:
    return folder.path / "metrics" / "evaluation" / f"evaluation-{stamp}.json"
