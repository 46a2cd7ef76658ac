"""Figures hold what was driven; how they look is checked by eye."""

import base64
import io
import time
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from openracer import analysis
from openracer.analysis.actions import actions_of
from openracer.analysis.episodes import episode_table
from openracer.analysis.figures import along_track, drives, track_map, training
from openracer.analysis.figures.heat_map import cell_means, heat_map
from openracer.analysis.places import with_places
from openracer.analysis.race_choice import checkpoint_table
from openracer.analysis.sections import find_sections
from openracer.analysis.sectors import sector_table, sector_times
from openracer.analysis.timing import step_times, timing_table
from openracer.language import set_language
from openracer.tracks import catalogue

EDGES = (0.0, 4.0, 0.0, 2.0)


def test_cells_hold_means_with_the_top_row_first() -> None:
    x, y = np.array([0.005, 0.005, 3.995]), np.array([0.005, 0.005, 1.995])
    mean, seen = cell_means(x, y, np.array([1.0, 3.0, 7.0]), EDGES, 0.01, 0.0)
    assert mean.shape == (200, 400)
    assert seen.sum() == 2
    assert mean[-1, 0] == pytest.approx(2.0)
    assert mean[0, -1] == pytest.approx(7.0)


def test_a_blur_does_not_change_means() -> None:
    random = np.random.default_rng(0)
    x, y = random.uniform(0.5, 3.5, 2000), random.uniform(0.5, 1.5, 2000)
    mean, seen = cell_means(x, y, np.full(2000, 5.0), EDGES, 0.01, 0.03)
    assert np.allclose(mean[seen], 5.0, rtol=1e-3)


def test_rows_beyond_the_map_and_rewards_that_are_none_are_left_out() -> None:
    x, y = np.array([-1.0, 5.0, 1.0, 1.0]), np.array([1.0, 1.0, 9.0, 1.0])
    _mean, seen = cell_means(x, y, np.array([1.0, 1.0, 1.0, np.nan]), EDGES, 0.01, 0.0)
    assert not seen.any()


def test_a_heat_map_is_an_image_of_the_track() -> None:
    track = catalogue.find("reinvent_base")
    x, y = track.centre.T
    figure = heat_map("t", track, x, y, np.arange(len(x), dtype=np.float64), "u")
    (image,) = figure.layout.images
    picture = Image.open(io.BytesIO(base64.b64decode(image.source.split(",")[1])))
    assert picture.mode == "P"
    assert picture.width == pytest.approx(100 * image.sizex, abs=1)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_figure_is_made_of_a_training_and_of_nothing(real_data: Path, language: str) -> None:
    set_language(language)
    recording = analysis.load(real_data / "logs" / "console-v4")
    track = recording.track()
    sections = find_sections(track)
    for steps in (recording.training, recording.training.iloc[:0]):
        placed = with_places(steps, track, sections)
        episodes = episode_table(steps)
        table = sector_table(sector_times(placed, track, sections), sections)
        numbers = episodes["unique_episode"].tolist()[:4]
        figures: list[go.Figure] = [
            track_map.track_figure(track, sections),
            heat_map(
                "t",
                track,
                placed["x"].to_numpy(float),
                placed["y"].to_numpy(float),
                placed["reward"].to_numpy(float),
                "u",
            ),
            training.training_progress(episodes),
            training.distributions(episodes),
            training.scatter_aggregates(episodes),
            training.quintiles(episodes),
            training.learner_curves(recording.epochs, recording.learner),
            training.step_times(step_times(steps), timing_table(steps)),
            training.checkpoint_figure(checkpoint_table(episodes)),
            drives.paths(placed, track, numbers),
            drives.animation(placed, track, numbers),
            drives.exits(placed, episodes, track),
            drives.evaluation_laps(placed, episodes, track),
            along_track.action_breakdown(placed, actions_of(placed), sections),
            along_track.profiles(placed, track, sections, None),
            along_track.time_lost(table),
        ]
        for figure in figures:
            assert figure.layout.title.text
            figure.to_json()
    set_language("en")


def test_a_million_rows_are_painted_quickly() -> None:
    track = catalogue.find("reinvent_base")
    place = track.point_at(np.random.default_rng(0).uniform(0.0, track.length, 1_000_000))
    values = place[:, 0].copy()
    begin = time.process_time()
    heat_map("t", track, place[:, 0], place[:, 1], values, "u")
    assert time.process_time() - begin < 2.0  # 0.5 s on a quiet machine
