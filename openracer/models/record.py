"""The record of a training as it is written: traces, metrics, checkpoints and run state, committed together."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.atomic import write_text
from openracer.environments.racing import FinishedEpisode
from openracer.formats.checkpoints_index import CheckpointName, CheckpointsIndex, IndexEntry
from openracer.formats.coach_csv import CoachRow
from openracer.formats.model_metadata import ActionRanges
from openracer.models.description import BEST_MODEL_METRICS
from openracer.models.folder import ModelFolder
from openracer.models.run_state import RunState, load_state, rewind, save_state, unusable_state
from openracer.models.traces import DamagedEpisodesError, TraceWriter
from openracer.models.training_log import CoachLog, MetricsLog

_PENDING = "pending_traces."

UNFINISHED_LAP_MS = 999_999.0
"""What a lap that was not completed counts as where checkpoints are judged by lap times, as on AWS."""


class TrainingRecord:
    """Everything a training writes into its model's folder.

    Use :meth:`open`. Rows and episodes are written as they come; they count from the next commit on.

    Attributes:
        folder: of the model.
        state: what was committed when the record was opened, None at the start of a training.
        traces: the recorder to give to ``RacingEnvironment``.
    """

    def __init__(
        self,
        folder: ModelFolder,
        track_lengths: NDArray[np.float64],
        state: RunState | None,
        track_names: Sequence[str] | None = None,
    ) -> None:
        description = folder.description()
        per_file = description.hyperparameters.num_episodes_between_training
        self._best_by = description.evaluation.best_by
        pending = {
            name.removeprefix(_PENDING): tensor
            for name, tensor in (state.tensors if state is not None else {}).items()
            if name.startswith(_PENDING)
        }
        self.folder = folder
        self.state = state
        self.traces = TraceWriter(
            folder.traces_folder,
            track_lengths,
            per_file,
            isinstance(description.actions, ActionRanges),
            0 if state is None else state.trace_files,
            pending,
            track_names,
        )
        rows, size = (0, 0) if state is None else (state.metrics_rows, state.coach_size)
        metric = BEST_MODEL_METRICS[self._best_by]
        self._metrics = MetricsLog(folder.metrics_file, per_file, metric, rows, track_names is not None)
        self._coach = CoachLog(folder.coach_file, size)
        self._checkpoints = folder.checkpoints
        self._index = None if state is None else state.index
        self._best = None if self._index is None or self._index.best.metric is None else self._index.best
        self._best_progress = None if state is None else state.best_progress

    @classmethod
    def open(
        cls,
        folder: ModelFolder,
        track_lengths: NDArray[np.float64],
        track_names: Sequence[str] | None = None,
    ) -> Self:
        """Open the record of a model, undoing what a killed process wrote after its last commit.

        Only for the one process that trains the model.

        Args:
            folder: of the model.
            track_lengths: ``(N,)`` length of each car's track, m.
            track_names: directed name of each car's track, where there are several.

        Raises:
            ValueError: the run state is damaged; one sentence.
            OSError: a file cannot be written.
        """
        state = load_state(folder)
        rewind(folder, state)
        try:
            record = cls(folder, track_lengths, state, track_names)
        except DamagedEpisodesError as error:
            raise unusable_state(folder, error) from None
        record.traces.prepare_rest()()
        return record

    @property
    def tensors(self) -> dict[str, torch.Tensor]:
        """The tensors that the run gave to the last commit before this record was opened."""
        committed = self.state.tensors if self.state is not None else {}
        return {name: tensor for name, tensor in committed.items() if not name.startswith(_PENDING)}

    @property
    def episodes(self) -> int:
        """Training episodes so far."""
        return self._metrics.episodes

    @property
    def index(self) -> CheckpointsIndex | None:
        """The best and the last checkpoint; None before the first commit."""
        return self._index

    def add_training_episodes(self, episodes: Iterable[FinishedEpisode]) -> None:
        """Add episodes to the metrics, in the order they ended."""
        for episode in episodes:
            self._metrics.add_training(episode)

    def add_evaluation(self, checkpoint: CheckpointName, episodes: Iterable[FinishedEpisode]) -> None:
        """Add the episodes of an evaluation inside the training, and judge the checkpoint by them.

        The best checkpoint is the latest of those with the highest mean progress or the shortest mean lap, as on AWS.
        """
        progress, laps_ms = [], []
        for episode in episodes:
            self._metrics.add_evaluation(episode)
            progress.append(episode.progress)
            laps_ms.append(UNFINISHED_LAP_MS if episode.lap_time is None else 1000.0 * episode.lap_time)
        metric, sign = (progress, 1.0) if self._best_by == "progress" else (laps_ms, -1.0)
        mean = float(np.mean(metric))
        if self._best is None or self._best.metric is None or sign * mean >= sign * self._best.metric:
            self._best = IndexEntry(checkpoint, mean, time.time())
            self._best_progress = float(np.mean(progress))

    def add_learner_row(self, row: CoachRow) -> None:
        """Add an episode to the learner's CSV."""
        self._coach.add(row)

    def prepare_commit(
        self,
        checkpoint: CheckpointName,
        weights: Mapping[str, torch.Tensor],
        values: Mapping[str, float | None],
        tensors: Mapping[str, torch.Tensor],
    ) -> Callable[[], None]:
        """Make everything so far ready to count.

        Args:
            checkpoint: iteration and steps; its file is written unless it is there already.
            weights: of the networks; nobody may change them afterwards.
            values: what the run wants back when it resumes.
            tensors: the same as tensors, for example of the optimiser; nobody may change them afterwards.

        Returns:
            What writes it to the disk, in whatever thread; commits must be written in their order. It raises
            :class:`openracer.atomic.WriteError` if a file cannot be written; the commit before still stands then.
        """
        traces, write_rest = self.traces.take_full(), self.traces.prepare_rest()
        metrics, lines = self._metrics.take(), self._coach.take()
        metric = self._best.metric if self._best is not None and self._best.checkpoint == checkpoint else None
        last = IndexEntry(checkpoint, metric, time.time())
        index = self._index = CheckpointsIndex(self._best or last, last)
        pending = {_PENDING + name: tensor for name, tensor in self.traces.pending().items()}
        state = RunState(
            checkpoint.iteration,
            checkpoint.steps,
            self.episodes,
            self.traces.files,
            self._metrics.rows,
            self._coach.size,
            index,
            self._best_progress,
            self._best_by,
            values,
            {**tensors, **pending},
        )

        def write() -> None:
            for path, text in traces:
                write_text(path, text)
            write_rest()
            if not self._checkpoints.path(checkpoint).is_file():
                self._checkpoints.save(checkpoint, weights, {"model": self.folder.name})
            self._metrics.append(metrics)
            self._coach.append(lines)
            save_state(self.folder, state)
            self._checkpoints.publish(index)

        return write
