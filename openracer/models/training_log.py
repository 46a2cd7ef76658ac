"""What a training tells of its episodes beside the traces: ``TrainingMetrics.json`` and the learner's CSV."""

import os
from pathlib import Path

from openracer.atomic import WriteError, write_text
from openracer.environments.racing import FinishedEpisode
from openracer.formats.coach_csv import CoachRow, header_line, row_line
from openracer.formats.metrics import (
    TrainingEpisode,
    TrainingMetrics,
    append_training_episodes,
    read_training_metrics,
    write_training_metrics,
)


def milliseconds(seconds: float) -> int:
    """Simulated seconds as DeepRacer's metrics have them."""
    return round(seconds * 1000.0)


class MetricsLog:
    """The rows of a ``TrainingMetrics.json``, appended to.

    Args:
        path: of the file.
        episodes_per_iteration: how many trials an iteration counts.
        best_model_metric: DeepRacer's word for what the best checkpoint is chosen by.
        rows: keep only so many rows of the file as it is (those of the last commit).
        several_tracks: whether rows say on which track they were driven.

    Attributes:
        episodes: training episodes so far.
        rows: rows so far, those included that :meth:`take` has yet to give.
    """

    def __init__(
        self,
        path: Path,
        episodes_per_iteration: int,
        best_model_metric: str,
        rows: int = 0,
        several_tracks: bool = False,
    ):
        self._path = path
        self._several_tracks = several_tracks
        self._best_model_metric = best_model_metric
        self._per_iteration = episodes_per_iteration
        kept = read_training_metrics(path).episodes[:rows] if rows else ()
        write_training_metrics(path, TrainingMetrics(kept, best_model_metric))
        self._new: list[TrainingEpisode] = []
        self.rows = len(kept)
        self.episodes = max((episode.episode for episode in kept), default=0)

    def add_training(self, episode: FinishedEpisode) -> None:
        """Add a training episode."""
        self.episodes += 1
        self._add(episode, "training")

    def add_evaluation(self, episode: FinishedEpisode) -> None:
        """Add an episode of an evaluation inside the training."""
        self._add(episode, "evaluation")

    def _add(self, episode: FinishedEpisode, phase: str) -> None:
        number = max(self.episodes, 1)
        row = TrainingEpisode(
            reward_score=round(episode.reward),
            metric_time=milliseconds(episode.end_time),
            start_time=milliseconds(episode.start_time),
            elapsed_time_in_milliseconds=milliseconds(episode.end_time) - milliseconds(episode.start_time),
            episode=number,
            trial=(number - 1) % self._per_iteration + 1,
            phase=phase,
            completion_percentage=int(episode.progress),
            episode_status=episode.status.title,
            track=episode.track if self._several_tracks else None,
        )
        self._new.append(row)
        self.rows += 1

    def take(self) -> list[TrainingEpisode]:
        """The rows since the last call, for :meth:`append`."""
        new, self._new = self._new, []
        return new

    def append(self, rows: list[TrainingEpisode]) -> None:
        """Append rows to the file.

        Raises:
            openracer.atomic.WriteError: it cannot be written.
        """
        append_training_episodes(self._path, rows, self._best_model_metric)


class CoachLog:
    """The learner's CSV, appended to; only as much of it counts as the run state says.

    Args:
        path: of the file.
        size: bytes of the file that count; what follows is from after the last commit and is cut off.

    Attributes:
        size: bytes of the file, with everything that :meth:`take` gave.
    """

    def __init__(self, path: Path, size: int = 0):
        self._path = path
        self._lines: list[str] = []
        if size == 0:
            write_text(path, header_line())
        else:
            os.truncate(path, min(size, path.stat().st_size))
        self.size = path.stat().st_size

    def add(self, row: CoachRow) -> None:
        """Add an episode."""
        self._lines.append(row_line(row))

    def take(self) -> bytes:
        """The lines since the last call, for :meth:`append`."""
        new = "".join(self._lines).encode()
        self._lines.clear()
        self.size += len(new)
        return new

    def append(self, lines: bytes) -> None:
        """Append lines to the file.

        Raises:
            WriteError: it cannot be written.
        """
        try:
            with self._path.open("ab") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise WriteError(self._path, error) from error
