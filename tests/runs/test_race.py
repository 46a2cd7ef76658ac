"""Races of models: what each drives and sees, that a table, traces and the film agree, and who is in which place."""

import av
import numpy as np
import pytest

from openracer.environments import privileged
from openracer.formats.simtrace import read_simtrace
from openracer.models.race_records import read_race
from openracer.runs import race
from openracer.runs.driver import ModelDriver
from openracer.runs.race import RaceStoppedError, entrants_of, race_models
from openracer.runs.race_film import film_race
from openracer.runs.race_request import RaceRequest, split_entry
from openracer.simulation.race_composition import RACE_COLOURS

RANGES = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 1.6}}


@pytest.fixture
def pursuers(monkeypatch):
    """Lets each model's car follow the centre line at a speed of its own instead; by the names of the models."""
    speeds = {}

    def decide(self, simulator, cars):
        seen = np.empty((len(cars), privileged.size(simulator.cars_per_world)), np.float32)
        look = privileged.look_ahead_distances()
        simulator.describe(privileged.describe_cars, cars, seen, look, *simulator.body_arguments)
        ahead, left = seen[:, privileged.MOTION_SIZE + 4], seen[:, privileged.MOTION_SIZE + 5]
        steering = np.clip(2.5 * np.degrees(np.arctan2(left, ahead)), -30.0, 30.0)
        return np.zeros(len(cars), np.int64), steering, np.full(len(cars), speeds[self.description.name])

    monkeypatch.setattr(ModelDriver, "decide", decide)
    return speeds


def entrants(*folders):
    return entrants_of([(folder, "best") for folder in folders])


def held(folders, **rules):
    """The record of a race, written and read again."""
    request = RaceRequest(tuple(folder.name for folder in folders), **rules)
    return read_race(race_models(entrants(*folders), request).write().stamp)


def test_each_model_drives_with_its_own_sensors_actions_network_and_vehicle(untrained_model):
    folders = [
        untrained_model("camera"),
        untrained_model("stereo", sensor="stereo,sector_lidar", action_space=RANGES),
        untrained_model("aws", neural_network="DEEP_CONVOLUTIONAL_NETWORK_SHALLOW", vehicle="v4"),
    ]
    record = held(folders, laps=1, max_resets=1, off_track_penalty_s=0.5, collision_penalty_s=0.5)
    assert [result.trial for result in record.results] == [1, 1, 1]
    assert {result.car for result in record.results} == {0, 1, 2}
    traces = [read_simtrace(record.trace_file(car)) for car in range(3)]
    assert [trace["action"].dtype.kind for trace in traces] == ["i", "U", "i"]
    starts = np.array([[trace["X"][0], trace["Y"][0]] for trace in traces])
    assert np.diff(starts[:, 0]) == pytest.approx(-0.75, abs=0.1)  # the first straight leads along x


def test_table_and_traces_agree(untrained_model, pursuers):
    folders = [untrained_model("slow"), untrained_model("fast")]
    pursuers |= {"slow": 1.0, "fast": 1.5}
    record = held(folders, laps=1, trials=2, collision_penalty_s=0.5)
    assert len(record.results) == 4
    drives = record.drives()
    for result in record.results:
        drive = drives[result.trial - 1][result.car]
        labels = drive.status.tolist()
        assert result.is_finished and len(result.lap_times) == 1
        assert result.time_s == pytest.approx(drive.time[-1], abs=0.002)
        assert (labels.count("crashed"), labels.count("off_track")) == (result.crashes, result.off_tracks)
        assert int(drive.put_back.sum()) == result.resets
        assert result.steps == drive.steps
    for trial in (1, 2):
        of_trial = [result for result in record.results if result.trial == trial]
        ended = {car: drives[trial - 1][car].time[-1] for car in (0, 1)}
        assert [result.car for result in of_trial] == sorted(ended, key=ended.get)
        assert [result.place for result in of_trial] == [1, 2]
    # In the first race the fast one starts behind: it runs into the slow one, which is not to blame for it.
    crashes = {result.car: result.crashes for result in record.results if result.trial == 1}
    assert crashes[0] == 0 < crashes[1]


def test_the_film_shows_every_race_and_ends_with_its_result(untrained_model, tmp_path):
    record = held([untrained_model("one"), untrained_model("other", seed=7)], laps=1, trials=2, max_resets=0)
    drives = record.drives()
    film_race(tmp_path / "race.mp4", record, lambda _share: None)
    with av.open(str(tmp_path / "race.mp4")) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    lengths = [int(15 * max(drive.time[-1] for drive in trial)) + 1 + 30 for trial in drives]
    assert len(frames) == sum(lengths)
    last = frames[-1]
    # The bars beside the names in the standings: the winner's colour is above.
    bars = [last[360 + 44 + 20 + 46 * place, 896 + 17] for place in (0, 1)]
    order = [result.car for result in record.results if result.trial == 2]
    for bar, car in zip(bars, order, strict=True):
        np.testing.assert_allclose(bar, RACE_COLOURS[car], atol=25)


def test_equal_models_do_as_well_in_whatever_order_they_are_given(untrained_model):
    one = untrained_model("one")
    folders = [one, untrained_model("other")]
    rules = {"laps": 1, "max_resets": 3, "off_track_penalty_s": 0.5, "collision_penalty_s": 0.5, "seed": 5}
    results = []
    for order in (folders, folders[::-1]):
        request = RaceRequest(tuple(folder.name for folder in order), **rules)
        results.append(race_models(entrants(*order), request))
    for first, second in zip(results[0].traces, results[1].traces, strict=True):
        assert all(np.array_equal(a.rows, b.rows) for a, b in zip(first, second, strict=True))
    assert results[0].record.results == results[1].record.results


def test_cars_see_each_other_and_one_that_has_ended_its_race_is_gone(untrained_model, pursuers, monkeypatch):
    folders = [untrained_model("ahead"), untrained_model("behind")]
    pursuers |= {"ahead": 1.4, "behind": 1.0}
    away = []

    def watched(self, cars):
        away.append((cars.tolist(), self.episode.clock.copy()))
        take_away(self, cars)

    take_away = race.Simulator.take_away
    monkeypatch.setattr(race.Simulator, "take_away", watched)
    record = held(folders, laps=2)
    assert [len(result.lap_times) for result in record.results] == [2, 2]
    gone = [cars for cars, _clock in away if cars]
    assert gone == [[0], [1]]
    assert [result.car for result in record.results] == [0, 1]


def test_the_last_of_the_grid_comes_to_its_front(untrained_model, pursuers):
    folders = [untrained_model(name) for name in ("a", "b", "c")]
    pursuers |= {"a": 1.0, "b": 1.0, "c": 1.0}
    record = held(folders, laps=1, trials=3, max_resets=0)
    places = {(result.trial, result.car): result.start_place for result in record.results}
    assert [[places[trial, car] for car in range(3)] for trial in (1, 2, 3)] == [
        [1, 2, 3],
        [2, 3, 1],
        [3, 1, 2],
    ]
    for trial, drives in enumerate(record.drives(), 1):
        behind = [-drive.progress[0] for drive in drives]
        assert [int(place) for place in np.argsort(np.argsort(behind)) + 1] == [
            places[trial, car] for car in range(3)
        ]


def test_a_race_can_be_stopped(untrained_model):
    folders = [untrained_model("one"), untrained_model("other")]
    with pytest.raises(RaceStoppedError):
        race_models(entrants(*folders), RaceRequest(("one", "other")), go_on=lambda: False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": ("one",)}, "a race is of 2 to 8 models, but 1 are given"),
        ({"models": ("one",) * 9}, "a race is of 2 to 8 models, but 9 are given"),
        ({"laps": 0}, "number of laps is 0"),
        ({"trials": 101}, "trials is 101"),
        ({"collision_penalty_s": -1.0}, "collision penalty is -1 s"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_a_request_out_of_range_is_one_sentence(changes, message):
    with pytest.raises(ValueError, match=message):
        RaceRequest(**({"models": ("one", "other")} | changes))


def test_a_checkpoint_may_follow_the_name(tmp_path):
    assert split_entry("model") == ("model", "best")
    assert split_entry("model@last") == ("model", "last")
    (tmp_path / "a@b").mkdir()
    assert split_entry(str(tmp_path / "a@b")) == (str(tmp_path / "a@b"), "best")


def test_equal_names_are_told_apart(tmp_path):
    from openracer.models.folder import ModelFolder

    folder = ModelFolder(tmp_path / "m")
    names = [entrant.name for entrant in entrants_of([(folder, "best"), (folder, "3"), (folder, "best")])]
    assert names == ["m", "m@3", "m (2)"]


def test_a_damaged_model_is_refused_before_anybody_drives(untrained_model):
    folders = [untrained_model("one"), untrained_model("broken")]
    for path in folders[1].checkpoints_folder.glob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="damaged"):
        race_models(entrants(*folders), RaceRequest(("one", "broken")))
