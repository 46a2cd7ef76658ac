"""The film of an evaluation: a picture for every row, and a second at the end of every trial."""

import itertools

import av
import numpy as np
import pytest

from openracer.models.drives import drives_of
from openracer.models.episodes import WIDTH, EpisodeTrace, columns_of
from openracer.runs import film
from openracer.simulation.overlay import Caption
from openracer.simulation.scenery import Scenery
from openracer.simulation.status import Status
from openracer.tracks.catalogue import find


def ignore(share):
    """For films whose progress nobody follows."""


def drive(track, rows, car):
    """A trial along the centre line at 1.5 m/s, as its trace has it."""
    distance = np.arange(rows) * 0.1
    points, ahead = track.point_at(distance), track.point_at(distance + 0.05)
    columns = np.zeros((rows, WIDTH))
    columns[:, 0] = np.arange(1, rows + 1)
    columns[:, 1:3] = points
    columns[:, 3] = np.degrees(np.arctan2(*(ahead - points).T[::-1]))
    columns[:, 12] = np.arange(1, rows + 1) / 15
    columns[:, 13] = int(Status.IN_PROGRESS)
    return EpisodeTrace(car, track.length, columns)


def shown(*traces):
    return drives_of(columns_of(list(traces), 0, continuous=False), starts=[0.0] * len(traces))


@pytest.fixture(scope="module")
def evaluation():
    track = find("reinvent_base")
    return shown(drive(track, 12, 0), drive(track, 7, 1)), Scenery([track])


def test_every_row_is_a_frame_and_every_trial_ends_with_a_second(evaluation, tmp_path):
    path, shares = tmp_path / "laps.mp4", []
    film.film(path, *evaluation, "my-car", shares.append)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 15
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == 12 + 15 + 7 + 15
    assert {picture.shape for picture in pictures} == {(film.HEIGHT, film.WIDTH, 3)}
    np.testing.assert_allclose(shares, np.arange(1, 20) / 19)
    changes = [np.abs(a.astype(int) - b).mean() for a, b in itertools.pairwise(pictures)]
    assert min(changes[:11]) > 0.3  # the car moves
    assert max(changes[13:26]) < 0.3  # and stands


def test_the_overlay_tells_time_resets_and_speed(tmp_path, monkeypatch):
    track = find("reinvent_base")
    trial = drive(track, 12, 0)
    rows = trial.rows
    rows[4, 13] = rows[9, 13] = int(Status.OFF_TRACK)
    rows[5:7, 13] = int(Status.PAUSE)
    rows[5:, 1] += 3.0  # carried back
    rows[-1, 8], rows[-1, 13] = 1.0, int(Status.OFF_TRACK)
    captions = []

    def listen(composition, *arguments):
        captions.append(next(argument for argument in arguments if isinstance(argument, Caption)))
        return np.zeros((film.HEIGHT, film.WIDTH, 3), np.uint8)

    monkeypatch.setattr(film.Composition, "compose", listen)
    film.film(
        tmp_path / "laps.mp4",
        shown(trial, drive(track, 12, 1)),
        Scenery([track]),
        "my-car",
        ignore,
    )
    first = captions[:12]
    assert {(caption.model_name, caption.trial, caption.trials) for caption in first} == {("my-car", 1, 2)}
    np.testing.assert_allclose([caption.race_time for caption in first], np.arange(1, 13) / 15)
    assert [caption.resets for caption in first] == [0] * 4 + [1] * 5 + [2] * 3
    speeds = [caption.speed for caption in first]
    assert (speeds[0], speeds[5], speeds[10]) == (0.0, 0.0, 0.0)
    assert all(1.2 < speed < 1.8 for row, speed in enumerate(speeds) if row not in (0, 5, 10))


@pytest.mark.parametrize("after", [1, 15])
def test_given_up_it_leaves_no_file(evaluation, tmp_path, after):
    told = iter(range(after))

    def interrupt(_share):
        if next(told, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film.film(tmp_path / "laps.mp4", *evaluation, "my-car", interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_a_sentence(evaluation, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="cannot be written") as caught:
        film.film(tmp_path / "file" / "laps.mp4", *evaluation, "my-car", ignore)
    assert len(str(caught.value).splitlines()) == 1
