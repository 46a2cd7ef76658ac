"""A training on several tracks: cars spread over them, each judged on its own, all of it written down and resumed."""

import numpy as np
import pytest

from openracer.analysis.loading import load
from openracer.formats.metrics import read_training_metrics
from openracer.formats.simtrace import read_simtrace
from openracer.models.description import TrainingDescription, merge
from openracer.models.drives import read_drives
from openracer.models.library import change_stop_conditions, create_model
from openracer.runs.live import LiveReader
from openracer.runs.request import EvaluationRequest, describe
from openracer.tracks.catalogue import find_directed

WAYS = ("reinvent_base", "Bowtie_track", "reinvent_base:reverse", "Bowtie_track:reverse")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model with two tracks in both directions, trained twice; and the events of its trainings."""
    import torch

    from openracer.models.events import EventLog, read_events
    from openracer.runs.control import ControlBlock
    from openracer.runs.training import Training

    values = {
        "name": "tiny", "cars": 8, "steps_per_car": 64, "hyperparameters": {"num_episodes_between_training": 5},
        "evaluation": {"trials": 1, "max_share": 0.5}, "stop": {"minutes": None, "iterations": 2},
        "track": "reinvent_base", "other_tracks": ["Bowtie_track"], "alternate_direction": True,
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENRACER_HOME", str(tmp_path_factory.mktemp("home")))
        folder = create_model(TrainingDescription.from_values(values))
        for iterations in (2, 4):
            change_stop_conditions(folder, {"iterations": iterations})
            control = ControlBlock(folder.own_folder / "control", create=True)
            with EventLog(folder.events_file) as events:
                Training(folder, control, events, lambda: False, torch.device("cpu")).run()
        yield folder, read_events(folder.events_file)[0]


def test_every_evaluation_drives_each_way_equally_often(model):
    evaluations = [event["evaluation"] for event in model[1] if event.get("evaluation")]
    assert evaluations
    for trials in evaluations:
        assert sorted(trial["track"] for trial in trials) == sorted(WAYS)


def test_the_best_checkpoint_has_the_best_mean_over_the_tracks(model):
    folder, events = model
    means = {
        event["iteration"]: np.mean([trial["progress"] for trial in event["evaluation"]])
        for event in events
        if event.get("evaluation")
    }
    assert means[folder.checkpoints.find("best").iteration] == max(means.values())


def test_every_row_of_a_trace_lies_on_the_track_that_it_names(model):
    traces = [read_simtrace(path) for path in sorted((model[0].path / "training-simtrace").glob("*.csv"))]
    assert {name for trace in traces for name in trace["track"]} == set(WAYS)
    for trace in traces:
        for way in set(trace["track"].tolist()):
            rows = trace["track"] == way
            place = find_directed(way).project(np.stack([trace["X"][rows], trace["Y"][rows]], axis=1))
            # A row may be off the track, but no farther than the car came within a step.
            assert (np.abs(place.offset_m) < place.width_m + 0.3).all()
            assert np.allclose(trace["track_len"][rows], find_directed(way).length)


def test_every_row_of_the_metrics_names_its_track(model):
    rows = read_training_metrics(model[0].metrics_file).episodes
    assert {row.track for row in rows if row.phase == "training"} == set(WAYS)
    assert {row.track for row in rows if row.phase == "evaluation"} == set(WAYS)


def test_the_metrics_of_a_single_track_name_none(tiny_training, train_here):
    folder = create_model(TrainingDescription.from_values(merge(tiny_training, {"stop": {"iterations": 1}})))
    train_here(folder)
    assert "track" not in folder.metrics_file.read_text().replace("off_track", "").lower().replace(
        "off track", ""
    )
    trace = next((folder.path / "training-simtrace").glob("*.csv"))
    assert "track" not in read_simtrace(trace)
    assert read_drives(trace)[0].track is None


def test_the_analysis_is_of_the_first_track_and_says_so(model):
    recording = load(model[0].path)
    assert recording.world_name == "reinvent_base"
    assert any("Bowtie_track" in problem for problem in recording.problems)
    track = recording.track()
    place = track.project(recording.training[["x", "y"]].to_numpy())
    assert (np.abs(place.offset_m) < place.width_m + 0.3).all()
    numbers = recording.training["unique_episode"].unique()
    assert sorted(numbers) == list(range(len(numbers)))


def test_only_the_cars_on_the_first_track_are_watched(model):
    poses = LiveReader(model[0].path).latest()
    assert len(poses.x) == 2
    place = find_directed(WAYS[0]).project(np.stack([poses.x, poses.y], axis=1))
    assert (np.abs(place.offset_m) < 0.7).all()


def test_an_evaluation_drives_one_track_alone(model):
    assert [t.directed_name for t in describe(model[0], EvaluationRequest())[0].find_tracks()] == [WAYS[0]]
    request = EvaluationRequest(track="Bowtie_track", reverse=True)
    assert [t.directed_name for t in describe(model[0], request)[0].find_tracks()] == [WAYS[3]]
