"""A study: everything that is computed once from a recording and used by report, console and notebooks alike."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from openracer.analysis.actions import Actions, actions_of
from openracer.analysis.diagnosis import Finding, diagnose
from openracer.analysis.episodes import episode_table, lap_table
from openracer.analysis.loading import NoTrackError, Recording
from openracer.analysis.places import with_places
from openracer.analysis.race_choice import checkpoint_table, trials_of_events, trials_of_metrics
from openracer.analysis.sections import Section, find_sections
from openracer.analysis.sectors import ideal_times, sector_table, sector_times
from openracer.analysis.updates import updates_of
from openracer.simulation.body import MIN_SPEED
from openracer.simulation.presets import find_preset
from openracer.tracks.track import Track

if TYPE_CHECKING:
    from openracer.simulation.raceline.line import RaceLine

FASTEST_COMMAND = 4.0
USUAL_VEHICLE = "v5"
USUAL_EPISODES = 20


@dataclass(frozen=True, eq=False)
class Study:
    """A recording on its track. Tables are made when they are first asked for.

    Attributes:
        recording: see :func:`openracer.analysis.load`.
        track: in the driving direction.
    """

    recording: Recording
    track: Track

    @cached_property
    def sections(self) -> list[Section]:
        """Bends and straights of the track."""
        return find_sections(self.track)

    @cached_property
    def placed(self) -> pd.DataFrame:
        """The training's steps with their places; the evaluations' where there is no training."""
        return with_places(self.recording.steps, self.track, self.sections)

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """The episodes of :attr:`placed`."""
        return episode_table(self.recording.steps)

    @cached_property
    def evaluated(self) -> pd.DataFrame:
        """The evaluations' steps with their places."""
        return with_places(self.recording.evaluation, self.track, self.sections)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """The episodes of :attr:`evaluated`."""
        return episode_table(self.recording.evaluation)

    @cached_property
    def laps(self) -> pd.DataFrame:
        """The whole laps of :attr:`episodes`, the fastest first."""
        return lap_table(self.episodes)

    @cached_property
    def best(self) -> list[int]:
        """Unique numbers of the episodes, the farthest and then the fastest first."""
        order = self.episodes.sort_values(["progress", "time"], ascending=[False, True])
        return [int(number) for number in order["unique_episode"]]

    @cached_property
    def actions(self) -> Actions:
        """The actions of :attr:`placed`."""
        return actions_of(self.placed)

    @cached_property
    def checkpoints(self) -> pd.DataFrame:
        """How good each evaluated checkpoint is to race; no rows where metrics hold no evaluation."""
        return checkpoints_of(self.recording)

    @cached_property
    def findings(self) -> list[Finding]:
        """The diagnosis in words."""
        updates = updates_of(self.recording)
        return diagnose(self.placed, self.episodes, self.sections, updates, self.recording.facts)

    def sectors(self, line: "RaceLine | None" = None) -> pd.DataFrame:
        """Times through the sections, beside those of a minimum-time line where one is given."""
        ideal = None if line is None else ideal_times(line, self.track, self.sections)
        return sector_table(sector_times(self.placed, self.track, self.sections), self.sections, ideal)

    def race_line(self) -> "RaceLine":
        """The minimum-time line for this car, at the highest speed that was commanded; takes seconds."""
        from openracer.simulation.raceline.line import minimum_time_line

        fastest = float(np.clip(self.placed["speed"].max(), 2.0 * MIN_SPEED + 0.1, FASTEST_COMMAND))
        preset = find_preset(self.recording.facts.vehicle or USUAL_VEHICLE)
        return minimum_time_line(self.track, preset, round(fastest, 2))


def study_of(recording: Recording, track: str | None = None) -> tuple[Study | None, str]:
    """The study of a recording, or a sentence why there is none: its track is not known.

    Args:
        recording: without steps there is nothing to study.
        track: see :meth:`Recording.track`, which says what is raised where a given one is wrong.
    """
    if not len(recording.steps):
        return None, ""
    try:
        return Study(recording, recording.track(track)), ""
    except NoTrackError as error:
        return None, str(error)


def checkpoints_of(recording: Recording) -> pd.DataFrame:
    """How good each checkpoint is to race, by the evaluations after iterations; no rows where there were none."""
    if recording.evaluations_of:
        return checkpoint_table(trials_of_events(recording.metrics, recording.evaluations_of))
    per_iteration = USUAL_EPISODES
    if len(recording.metrics) and "phase" in recording.metrics:
        training = recording.metrics[recording.metrics["phase"] == "training"]
        if "trial" in training and len(training):
            per_iteration = int(training["trial"].max())
    return checkpoint_table(trials_of_metrics(recording.metrics, per_iteration))
