"""The learning curve: one point an iteration, whatever happened to the runs."""

from openracer.analysis.learning_curve import CurvePoint, curve_of


def iteration(number, reward=1.0, evaluation=()):
    trials = [{"progress": progress, "lap_time": None} for progress in evaluation]
    return {
        "event": "iteration",
        "iteration": number,
        "reward": reward,
        "progress": 10.0,
        "evaluation": trials,
    }


def test_iterations_are_points_and_other_events_are_not():
    events = [{"event": "started"}, iteration(1), iteration(2, 3.0, [50.0, 100.0]), {"event": "finished"}]
    assert curve_of(events) == [CurvePoint(1, 1.0, 10.0, None), CurvePoint(2, 3.0, 10.0, 75.0)]


def test_what_a_killed_run_repeats_counts_once_and_the_later_one_counts():
    events = [iteration(1), iteration(2, 2.0), iteration(3, 3.0), {"event": "started"}, iteration(2, 7.0)]
    assert [(point.iteration, point.reward) for point in curve_of(events)] == [(1, 1.0), (2, 7.0)]


def test_an_iteration_in_which_no_episode_ended_has_no_reward():
    assert curve_of([iteration(1, None)])[0].as_row() == [1, None, 10.0, None]
