"""Evaluations: how trials end, what they cost, what is written, and that a seed repeats them."""

import dataclasses

import numpy as np
import pytest

from openracer.formats.metrics import read_evaluation_metrics
from openracer.formats.simtrace import read_simtrace
from openracer.models.description import TrainingDescription, merge
from openracer.models.evaluations import read_evaluations
from openracer.models.library import create_model
from openracer.rewards.errors import RewardFunctionError
from openracer.runs import evaluation
from openracer.runs.evaluation import evaluate
from openracer.runs.request import EvaluationRequest
from openracer.simulation.status import Status
from openracer.tracks.catalogue import UnknownTrackError
from tests.driving import on_the_centre_line

RANGES = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 1.6}}


@pytest.fixture
def trained(tiny_training, train_here):
    """A model of one iteration, which cannot drive yet."""

    def train(**changes):
        values = merge(tiny_training, {"stop": {"iterations": 1}} | changes)
        folder = create_model(TrainingDescription.from_values(values))
        train_here(folder)
        return folder

    return train


@pytest.fixture
def good_driver(monkeypatch):
    """Lets the centre line drive instead of the policy; for continuous actions."""
    drive_well = on_the_centre_line(evaluation.drive_trials)
    monkeypatch.setattr(evaluation, "drive_trials", drive_well)


def test_the_defaults_are_the_consoles():
    request = EvaluationRequest()
    assert (request.trials, request.max_resets, request.off_track_penalty_s) == (3, 0, 5.0)
    assert (request.checkpoint, request.track, request.reverse) == ("best", None, None)


def test_leaving_the_track_ends_a_trial(trained):
    folder = trained()
    result = evaluate(folder, EvaluationRequest())
    assert [trial.trial for trial in result.trials] == [1, 2, 3]
    for trial, trace in zip(result.trials, result.traces, strict=True):
        assert (trial.status, trial.off_tracks, trial.resets) == ("Off track", 1, 0)
        assert not trial.is_complete
        assert 0 < trial.progress < 100
        assert trial.steps == trace.steps
        assert trial.time_s == pytest.approx(trial.steps / 15, rel=0.05)  # the step times are uneven
    assert result.track.title == "re:Invent 2018"


def test_what_is_written_is_what_is_told(trained):
    folder = trained()
    result = evaluate(folder, EvaluationRequest(trials=2))
    (written,) = read_evaluations(folder)
    assert written.path == result.folder
    assert written.settings["checkpoint"] == str(result.checkpoint)
    assert (written.settings["track"], written.settings["seed"]) == ("reinvent_base", 0)
    trace = read_simtrace(result.folder / "evaluation-simtrace" / "0-iteration.csv")
    metrics = read_evaluation_metrics(folder.path / "metrics" / "evaluation" / f"{result.folder.name}.json")
    for number, (trial, row) in enumerate(zip(result.trials, metrics, strict=True)):
        rows = trace["episode"] == number
        assert rows.sum() == trial.steps
        assert trace["reward"][rows].sum() == pytest.approx(trial.reward, rel=1e-12)
        assert trace["progress"][rows][-1] == trial.progress
        assert trace["tstamp"][rows][0] > 0
        assert row.trial == trial.trial
        assert row.completion_percentage == int(trial.progress)
        assert row.episode_status == trial.status
        assert row.elapsed_time_in_milliseconds == pytest.approx(1000 * trial.time_s, abs=1)
        assert (row.off_track_count, row.reset_count) == (1, 1)


def test_completed_laps_are_timed(trained, good_driver):
    folder = trained(action_space=RANGES)
    result = evaluate(folder, EvaluationRequest())
    for trial, trace in zip(result.trials, result.traces, strict=True):
        assert trial.is_complete and trial.progress >= 100
        assert trial.time_s == pytest.approx(17.6 / 1.3, rel=0.15)
        assert (trial.off_tracks, trial.resets) == (0, 0)
        assert trace.rows[0, 12] < 0.1  # each trial has a clock of its own
    times = [trial.time_s for trial in result.trials]
    assert len(set(times)) == 3  # step times differ, so no two laps are alike


def test_continuous_laps_are_trials_of_their_own(trained, good_driver):
    folder = trained(action_space=RANGES)
    result = evaluate(folder, EvaluationRequest(trials=2, laps=3))
    assert [(trial.trial, trial.lap) for trial in result.trials] == [
        (t, lap) for t in (1, 2) for lap in (1, 2, 3)
    ]
    assert all(trial.is_complete for trial in result.trials)
    standing, *flying = [trial.time_s for trial in result.trials[:3]]
    assert max(flying) < standing
    (written,) = read_evaluations(folder)
    assert written.settings["laps"] == 3
    assert [row.trial for row in written.trials] == [1, 2, 3, 4, 5, 6]
    for trial, row, drive in zip(result.trials, written.trials, written.drives(), strict=True):
        assert row.elapsed_time_in_milliseconds == pytest.approx(1000 * trial.time_s, abs=1)
        assert drive.is_complete and drive.steps == trial.steps
        assert drive.time[-1] == pytest.approx(trial.time_s, abs=0.002)


def test_incidents_count_for_the_lap_they_happen_in(trained, good_driver, monkeypatch):
    drive_trials = evaluation.drive_trials

    def drive(environment, act, starts):
        simulator = environment.simulator
        step = simulator.step

        def swerve(cars, steering, speed):
            early = (simulator.episode.laps[cars] == 0) & (simulator.record.progress[cars] < 30)
            return step(cars, np.where(early & (simulator.episode.resets[cars] == 0), 0.5, steering), speed)

        monkeypatch.setattr(simulator, "step", swerve)
        return drive_trials(environment, act, starts)

    monkeypatch.setattr(evaluation, "drive_trials", drive)
    folder = trained(action_space=RANGES)
    result = evaluate(folder, EvaluationRequest(trials=1, laps=2, max_resets=3, off_track_penalty_s=2.0))
    assert [(trial.lap, trial.off_tracks, trial.resets) for trial in result.trials] == [(1, 1, 1), (2, 0, 0)]
    assert result.trials[0].time_s > result.trials[1].time_s + 2.0


def test_put_back_on_the_track_the_penalties_count_into_the_time(trained):
    folder = trained()
    result = evaluate(folder, EvaluationRequest(trials=2, max_resets=2, off_track_penalty_s=3.0))
    for trial, trace in zip(result.trials, result.traces, strict=True):
        assert (trial.resets, trial.off_tracks) == (2, 3)  # the third ends the trial
        status = trace.rows[:, 13]
        paused = np.flatnonzero(status == Status.PAUSE)
        assert len(paused) == pytest.approx(2 * 3.0 * 15, abs=4)
        assert (trace.rows[paused, 7] == 0.0).all()
        driven = (trial.steps - len(paused)) / 15
        assert trial.time_s == pytest.approx(driven + 2 * 3.0, rel=0.05)
        assert trial.time_s == pytest.approx(trace.rows[-1, 12], abs=1e-9)


def test_a_trial_takes_no_longer_than_its_limit(trained, monkeypatch):
    monkeypatch.setattr(evaluation, "TIME_LIMIT_S", 1.5)
    result = evaluate(trained(), EvaluationRequest(trials=1))
    assert result.trials[0].status == "Time Up"
    assert result.trials[0].time_s == pytest.approx(1.5, abs=0.1)


def test_the_same_seed_repeats_the_trials_bit_for_bit(trained):
    folder = trained()
    first, again, other = (evaluate(folder, EvaluationRequest(seed=seed)) for seed in (4, 4, 5))
    assert first.folder != again.folder
    for one, two, three in zip(first.traces, again.traces, other.traces, strict=True):
        assert (one.rows == two.rows).all()
        assert one.rows.shape != three.rows.shape or (one.rows != three.rows).any()
    assert first.trials == again.trials
    csv = "evaluation-simtrace/0-iteration.csv"
    assert (first.folder / csv).read_bytes() == (again.folder / csv).read_bytes()
    assert (first.folder / csv).read_bytes() != (other.folder / csv).read_bytes()


def test_another_track_direction_and_checkpoint_can_be_chosen(trained):
    folder = trained()
    chosen = EvaluationRequest("re:Invent 2018", True, 1, "0")
    result = evaluate(folder, chosen)
    assert (result.checkpoint.iteration, result.trials[0].trial) == (0, 1)
    assert read_evaluations(folder)[0].settings["reverse"] is True
    last = evaluate(folder, dataclasses.replace(chosen, checkpoint="last"))
    assert last.checkpoint.iteration == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trials": 0}, "trials is 0; it must be from 1 to 100"),
        ({"trials": 101}, "trials is 101; it must be from 1 to 100"),
        ({"laps": 0}, "number of laps is 0; it must be from 1 to 100"),
        ({"max_resets": -1}, "resets is -1; it must be from 0 to 10000"),
        ({"max_resets": 10**20}, "it must be from 0 to 10000"),
        ({"off_track_penalty_s": 61}, "penalty is 61 s; it must be from 0 to 60"),
        ({"off_track_penalty_s": float("nan")}, "penalty is nan s"),
    ],
)
def test_a_request_out_of_range_is_one_sentence(changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        EvaluationRequest(**changes)
    assert len(str(caught.value).splitlines()) == 1


def test_what_fails_leaves_nothing_behind(trained):
    folder = trained()
    for request, error in (
        (EvaluationRequest(checkpoint="7"), FileNotFoundError),
        (EvaluationRequest(checkpoint="first"), ValueError),
        (EvaluationRequest(track="nowhere"), UnknownTrackError),
        (EvaluationRequest(seed=-1), ValueError),
    ):
        with pytest.raises(error) as caught:
            evaluate(folder, request)
        assert len(str(caught.value).splitlines()) == 1
    folder.reward_file.write_text("def reward_function(params):\n    return params['spede']\n")
    with pytest.raises(RewardFunctionError, match="KeyError: 'spede'"):
        evaluate(folder, EvaluationRequest())
    assert read_evaluations(folder) == []
    assert not list(folder.path.glob("*evaluation-*"))


def test_a_damaged_checkpoint_is_one_sentence(trained):
    folder = trained()
    path = folder.checkpoints.path(folder.checkpoints.names()[-1])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"1_Step-256\.safetensors is damaged") as caught:
        evaluate(folder, EvaluationRequest(checkpoint="last"))
    assert len(str(caught.value).splitlines()) == 1


def test_a_checkpoint_of_another_network_is_refused(trained):
    folder = trained()
    text = folder.description_file.read_text()
    folder.description_file.write_text(
        text.replace("FAST_CONVOLUTIONAL", "DEEP_CONVOLUTIONAL").replace(
            "DEEP_CONVOLUTIONAL_NETWORK", "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
        )
    )
    with pytest.raises(ValueError, match="weights of another network than the model's description says"):
        evaluate(folder, EvaluationRequest())


def test_a_trial_is_the_same_however_many_others_there_are(trained):
    folder = trained()
    alone = evaluate(folder, EvaluationRequest(trials=1)).traces[0]
    among_others = evaluate(folder, EvaluationRequest(trials=3)).traces[0]
    assert np.array_equal(alone.rows, among_others.rows)
