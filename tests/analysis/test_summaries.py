"""Sectors, checkpoints, comparison, actions and diagnosis, on drives whose truth is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from openracer import analysis
from openracer.analysis.actions import action_table, actions_of
from openracer.analysis.diagnosis import Weight, diagnose, entropy_of
from openracer.analysis.episodes import episode_table
from openracer.analysis.loading import Recording
from openracer.analysis.places import with_places
from openracer.analysis.race_choice import best_checkpoint, checkpoint_table, trials_of_metrics
from openracer.analysis.run_comparison import compare
from openracer.analysis.sections import find_sections
from openracer.analysis.sectors import sector_table, sector_times
from openracer.analysis.study import checkpoints_of
from openracer.analysis.timing import timing_table
from openracer.analysis.updates import updates_of
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.tracks import catalogue
from openracer.tracks.track import Track


@pytest.fixture(scope="module")
def console(real_data: Path) -> Recording:
    return analysis.load(real_data / "logs" / "console-v4")


def steady_lap(track: Track, speed: float, episode: int = 0, start_m: float = 0.0) -> pd.DataFrame:
    """A car that follows the centre line at a steady speed for a lap."""
    count = int(track.length / speed * 15.0) + 2
    distance = start_m + np.arange(count) * speed / 15.0
    place = track.point_at(distance)
    return pd.DataFrame(
        {
            "unique_episode": episode, "episode": episode, "iteration": episode // 20, "worker": 0,
            "steps": np.arange(1.0, count + 1), "x": place[:, 0], "y": place[:, 1], "yaw": 0.0,
            "steering_angle": 0.0, "speed": speed, "action": 0, "reward": 1.0, "done": False, "on_track": True,
            "progress": np.minimum(100.0, 100.0 * (distance - start_m) / track.length), "closest_waypoint": 0,
            "tstamp": np.arange(count) / 15.0, "wall_clock": np.nan,
            "episode_status": pd.Categorical(["in_progress"] * count),
        }
    )  # fmt: skip


@pytest.mark.parametrize("start_m", [0.0, 5.0])
def test_a_steady_car_takes_every_section_in_its_length_over_the_speed(start_m: float) -> None:
    track = catalogue.find("reinvent_base")
    sections = find_sections(track)
    placed = with_places(steady_lap(track, 1.5, start_m=start_m), track, sections)
    times = sector_times(placed, track, sections)
    assert len(times) >= len(sections) - 2
    for row in times.itertuples():
        assert row.time == pytest.approx(sections[row.section].length_m / 1.5, abs=0.07)
        assert row.entry_speed == pytest.approx(1.5, rel=0.05)
    assert np.allclose(placed["velocity"].iloc[3:-1], 1.5, rtol=0.05)
    assert np.abs(placed["offset"]).max() < 1e-6


def test_sections_of_real_laps_add_up_to_their_lap_times(console: Recording) -> None:
    track = console.track()
    sections = find_sections(track)
    placed = with_places(console.evaluation, track, sections)
    times = sector_times(placed, track, sections)
    episodes = episode_table(console.evaluation).set_index("unique_episode")
    per_lap = times.groupby("unique_episode")["time"].agg(["sum", "size"])
    # The section over the start line is whole only on laps that drive on; the others make up the rest.
    share = sum(section.length_m for section in sections[:-1]) / track.length
    for episode, row in per_lap.iterrows():
        assert row["size"] == len(sections) - 1
        assert row["sum"] == pytest.approx(share * episodes.loc[episode, "time"], rel=0.1)
    table = sector_table(times, sections)
    assert (table["best"] <= table["median"]).loc[table["passages"] > 0].all()


def test_the_checkpoint_to_race_is_the_reliable_fast_one() -> None:
    def trials(iteration: int, laps: list[float], failed: int = 0) -> list[dict[str, float]]:
        done = [{"iteration": iteration, "time": lap, "progress": 100.0, "complete": 1} for lap in laps]
        return done + [{"iteration": iteration, "time": 5.0, "progress": 40.0, "complete": 0}] * failed

    table = checkpoint_table(
        pd.DataFrame(
            trials(1, [9.0], failed=4) + trials(2, [10.0, 10.2, 10.1, 10.0, 10.1]) + trials(3, [12.0] * 5)
        )
    )
    choice = best_checkpoint(table)
    assert choice is not None
    assert choice.iteration == 2
    assert choice.low <= choice.seconds <= choice.high
    assert table["chance"].sum() == pytest.approx(1.0)
    more = checkpoint_table(pd.DataFrame(trials(2, [10.0, 10.2] * 20)))
    assert more["high"][0] - more["low"][0] < choice.high - choice.low
    assert best_checkpoint(checkpoint_table(pd.DataFrame(trials(1, [], failed=5)))) is None


def test_trials_are_found_in_training_metrics(console: Recording) -> None:
    trials = trials_of_metrics(console.metrics, 20)
    assert len(trials) == (console.metrics["phase"] == "evaluation").sum()
    choice = best_checkpoint(checkpoint_table(trials))
    assert choice is not None
    assert choice.iteration >= 20


def test_a_run_that_completes_more_is_told_to_be_better(console: Recording) -> None:
    episodes = episode_table(console.training)
    early, late = episodes[episodes["iteration"] < 14], episodes[episodes["iteration"] >= 14]
    table = compare({"early": early, "late": late}).set_index("run")
    assert table.loc["late", "chance_best"] > 0.95
    assert table.loc["late", "best_lap"] == pytest.approx(
        episodes.loc[episodes["complete"] == 1, "time"].min()
    )


def test_actions_of_both_kinds_are_counted_once_a_step(real_data: Path, console: Recording) -> None:
    track = console.track()
    sections = find_sections(track)
    placed = with_places(console.training, track, sections)
    actions = actions_of(placed)
    assert len(actions.names) == 14
    assert not actions.continuous
    table = action_table(placed, actions, sections)
    assert table["count"].sum() == len(placed)
    assert np.allclose(table.groupby("section")["share"].sum(), 1.0)
    steps = analysis.load(real_data / "logs" / "continuous-v6.tar.gz").training
    binned = actions_of(steps)
    assert binned.continuous
    assert np.bincount(binned.number).sum() == len(steps)
    assert (np.diff(binned.steering) >= -1e-9).sum() >= len(binned.names) // 2


def test_step_times_are_those_of_deepracer_utils(console: Recording) -> None:
    pytest.importorskip("deepracer")
    from deepracer.logs.stability import SimtraceStabilityAnalyzer

    frame = console.training.copy()
    frame["episode_status"] = frame["episode_status"].astype(str)
    theirs = SimtraceStabilityAnalyzer(frame).analyze().reset_index(drop=True)
    ours = timing_table(console.training)
    for name in ("count", "avg_ms", "max_ms", "p95_ms", "std_ms"):
        assert np.allclose(ours[name], theirs[name].astype(float), rtol=1e-3), name


def findings_of(recording: Recording) -> dict[str, Weight]:
    track = recording.track()
    sections = find_sections(track)
    placed = with_places(recording.training, track, sections)
    episodes = episode_table(recording.training)
    found = diagnose(placed, episodes, sections, updates_of(recording), recording.facts)
    assert all(len(finding.text) > 20 for finding in found)
    return {finding.code: finding.weight for finding in found}


def test_a_training_that_gets_better_is_told_so(console: Recording) -> None:
    found = findings_of(console)
    assert found["improving"] is Weight.GOOD
    assert "plateau" not in found
    assert "entropy" not in found
    assert found["exits"] in (Weight.WARNING, Weight.NOTE)


def test_a_plateau_an_entropy_collapse_and_slow_steps_are_named(console: Recording) -> None:
    from dataclasses import replace

    steps = console.training.copy()
    early = steps[steps["iteration"] < 6]
    again = [
        early.assign(iteration=early["iteration"] + 6 * k, unique_episode=early["unique_episode"] + 120 * k)
        for k in range(3)
    ]
    steps = pd.concat(again, ignore_index=True)
    steps["tstamp"] = steps["tstamp"] * 1.3
    epochs = pd.DataFrame({"iteration": np.arange(18), "epoch": 0, "entropy": np.linspace(2.6, 0.2, 18)})
    found = findings_of(replace(console, training=steps, epochs=epochs))
    assert found["plateau"] is Weight.WARNING
    assert found["entropy"] is Weight.WARNING
    assert found["timing"] is Weight.WARNING


def test_a_collapse_of_the_entropy_is_seen_in_the_learners_csv_too(console: Recording) -> None:
    from dataclasses import replace

    from openracer.formats.model_metadata import ActionRanges

    steps = console.training[console.training["iteration"] < 6]
    episodes = episode_table(steps)
    rows = {"Training Iter": np.arange(1.0, 41.0), "Entropy/Mean": np.nan, "Policy Loss/Mean": np.nan}
    learner = pd.DataFrame(rows)
    learner.loc[3::4, ["Entropy/Mean", "Policy Loss/Mean"]] = 0.5
    learner.loc[3, "Entropy/Mean"] = 2.3
    ours = replace(console, epochs=pd.DataFrame(), learner=learner)
    updates = updates_of(ours)
    assert updates["iteration"].tolist() == [4, 8, 12, 16, 20, 24, 28, 32, 36, 40]
    assert updates["entropy"].iloc[0] == 2.3
    assert entropy_of(updates, episodes, console.facts).weight is Weight.WARNING
    # The entropy of normal distributions: 1.8 less is a spread of 0.4 of the first in both, 3 less of 0.22.
    ranges = replace(console.facts, action_space=ActionRanges(-30.0, 30.0, 0.5, 4.0))
    assert entropy_of(updates, episodes, ranges) is None
    updates["entropy"] -= np.where(updates.index > 0, 2.0, 0.0)
    assert entropy_of(updates, episodes, ranges).weight is Weight.WARNING


def test_our_own_checkpoints_have_their_own_iterations(tiny_training: Any, train_here: Any) -> None:
    folder = create_model(TrainingDescription.from_values(tiny_training))
    events = train_here(folder)
    # Which iterations are evaluated depends on how long evaluations take here.
    evaluated = [e["iteration"] for e in events if e["event"] == "iteration" and e["evaluation"]]
    recording = analysis.load(folder.path)
    assert evaluated and recording.evaluations_of == tuple(k for k in evaluated for _trial in range(2))
    # Steps are numbered by the policy that drove them, not by the trace file they are in.
    ends = [event["episodes"] for event in events if event["event"] == "iteration"]
    for iteration, steps in recording.training.groupby("iteration"):
        assert steps["episode"].max() < ends[iteration]
        assert iteration == 0 or steps["episode"].min() >= ends[iteration - 1]
    # Every episode that ended is there, and what each update did.
    assert recording.training["unique_episode"].nunique() == ends[-1]
    updates = updates_of(recording)
    assert updates["iteration"].tolist() == [e["iteration"] for e in events if e["event"] == "iteration"]
    assert updates.notna().all(axis=None)
    table = checkpoints_of(recording)
    assert table["iteration"].tolist() == evaluated
    assert table["trials"].tolist() == [2] * len(evaluated)
