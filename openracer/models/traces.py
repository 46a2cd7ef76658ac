"""The training traces of a model: files of exactly ``num_episodes_between_training`` complete episodes each.

deepracer-utils takes the number of episodes in file 0 as that of every file; so only the last file may have fewer,
whatever the collector does. Each commit writes it anew, and the run state keeps its episodes exactly.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.formats.simtrace import format_simtrace, write_simtrace
from openracer.language import gettext as _
from openracer.models.episodes import WIDTH, EpisodeRecorder, EpisodeTrace, columns_of
from openracer.models.folder import trace_path
from openracer.simulation.record import StepRecord

Tensors = dict[str, torch.Tensor]


class DamagedEpisodesError(ValueError):
    """The episodes from a run state are none."""


class TraceWriter:
    """Takes every row of a training and makes trace files of them; a recorder for ``RacingEnvironment``.

    Episodes are numbered from 0 in the order they end; an episode's rows are contiguous.

    Args:
        folder: ``training-simtrace``.
        track_lengths: ``(N,)`` length of each car's track, m.
        episodes_per_file: complete episodes of a file.
        continuous: the action space is continuous.
        files: how many files there are already.
        pending: complete episodes that no full file holds, from :meth:`pending`.
        track_names: directed name of each car's track, where there are several.

    Raises:
        DamagedEpisodesError: ``pending`` is something else.

    Attributes:
        files: how many files are full, those included that :meth:`take_full` has yet to give.
    """

    def __init__(
        self,
        folder: Path,
        track_lengths: NDArray[np.float64],
        episodes_per_file: int,
        continuous: bool,
        files: int = 0,
        pending: Tensors | None = None,
        track_names: Sequence[str] | None = None,
    ):
        self.files = files
        self._folder = folder
        self._recorder = EpisodeRecorder(track_lengths, track_names)
        self._per_file = episodes_per_file
        self._continuous = continuous
        self._full: list[tuple[Path, str]] = []
        self._written = (files, 0)
        if pending:
            self._recorder.finished = _split(pending, track_names)

    @property
    def episodes(self) -> int:
        """Complete episodes so far, those included that no full file holds."""
        return self.files * self._per_file + len(self._recorder.finished)

    def record(
        self,
        cars: NDArray[np.int64],
        record: StepRecord,
        actions: NDArray[np.generic],
        steering_deg: NDArray[np.float64],
        speed_mps: NDArray[np.float64],
        rewards: NDArray[np.float64],
    ) -> None:
        """Write down one row of some cars; takes what :meth:`EpisodeRecorder.record` does."""
        self._recorder.record(cars, record, actions, steering_deg, speed_mps, rewards)
        while len(self._recorder.finished) >= self._per_file:
            episodes = self._recorder.take(self._per_file)
            columns = columns_of(episodes, self.files * self._per_file, self._continuous)
            self._full.append((trace_path(self._folder, self.files), format_simtrace(columns)))
            self.files += 1

    def take_full(self) -> list[tuple[Path, str]]:
        """The files that became full since the last call: where they belong and what is in them."""
        full, self._full = self._full, []
        return full

    def prepare_rest(self) -> Callable[[], None]:
        """What writes the episodes of the file that is not full yet, in whatever thread.

        It raises :class:`openracer.atomic.WriteError` if the file cannot be written.
        """
        number, episodes = self.files, list(self._recorder.finished)

        def write() -> None:
            if episodes and self._written != (number, len(episodes)):
                columns = columns_of(episodes, number * self._per_file, self._continuous)
                write_simtrace(trace_path(self._folder, number), columns)
                self._written = (number, len(episodes))

        return write

    def pending(self) -> Tensors:
        """The complete episodes that no full file holds, for the run state; empty if there are none."""
        episodes = self._recorder.finished
        if not episodes:
            return {}
        return {
            "cars": torch.tensor([episode.car for episode in episodes]),
            "lengths": torch.tensor([episode.steps for episode in episodes]),
            "track_lengths": torch.tensor(
                [episode.track_length for episode in episodes], dtype=torch.float64
            ),
            "rows": torch.from_numpy(np.concatenate([episode.rows for episode in episodes])),
        }


def _split(pending: Tensors, track_names: Sequence[str] | None) -> list[EpisodeTrace]:
    try:
        lengths, rows = pending["lengths"].tolist(), pending["rows"].numpy().reshape(-1, WIDTH)
        each = zip(pending["cars"].tolist(), pending["track_lengths"].tolist(), lengths, strict=True)
        ends = np.cumsum(lengths)
        if min(lengths) < 1 or ends[-1] != len(rows):
            raise ValueError
        return [
            EpisodeTrace(
                int(car),
                float(track_length),
                rows[end - length : end],
                track_names[int(car)] if track_names else None,
            )
            for (car, track_length, length), end in zip(each, ends, strict=True)
        ]
    except (KeyError, ValueError, TypeError, IndexError):
        raise DamagedEpisodesError(_("the episodes of the last trace file are damaged")) from None
