"""The views for people show the same world as the car's camera, and the cars where they are."""

import numpy as np
import pytest

from openracer.simulation import lens, surface
from openracer.simulation.bodies import Bodies
from openracer.simulation.camera import render_frames
from openracer.simulation.car_picture import CAR_COLOURS, draw_car
from openracer.simulation.columns import rows_of
from openracer.simulation.composition import Composition
from openracer.simulation.overlay import Caption
from openracer.simulation.palette import LUMA
from openracer.simulation.scenery import Scenery
from openracer.simulation.threads import all_turns
from openracer.simulation.top_view import TopView
from openracer.simulation.vehicle import VehicleState
from openracer.simulation.view import Viewpoint, chase_viewpoint, render_view
from tests.simulation.tracks_for_tests import ring, straight

NOBODY = (rows_of(Bodies.zeros(1)), np.zeros(1, np.int64), 0, 0)


@pytest.fixture(scope="module")
def scenery():
    return Scenery([ring(), straight()])


def car_frame(scenery, x, y, yaw, scene=0):
    frame = np.empty((1, 120, 160), np.uint8)
    pose = VehicleState.at(*(np.array([v]) for v in (x, y, yaw)))
    index = [np.array([k], np.int32) for k in (scene, 0)]
    render_frames(
        all_turns(1), frame, np.arange(1), rows_of(pose), *index, *NOBODY, *scenery.kernel_arguments
    )
    return frame[0]


def test_a_view_from_the_lens_shows_what_the_camera_sees(scenery):
    x, y, yaw = 2.0, 0.1, 1.7
    frame = car_frame(scenery, x, y, yaw).astype(float)
    lens_x = x + lens.CAMERA_FORWARD * np.cos(yaw)
    lens_y = y + lens.CAMERA_FORWARD * np.sin(yaw)
    eye = Viewpoint(lens_x, lens_y, lens.CAMERA_HEIGHT, yaw, lens.CAMERA_PITCH, lens.HORIZONTAL_FIELD_OF_VIEW)
    view = render_view(scenery, 0, 0, eye, 640, 480) @ np.array(LUMA)
    shrunk = view.reshape(120, 4, 160, 4).mean(axis=(1, 3))
    ground = slice(45, None)
    assert np.abs(shrunk[ground] - frame[ground]).mean() < 4.0
    assert np.corrcoef(shrunk[ground].ravel(), frame[ground].ravel())[0, 1] > 0.985


def test_points_are_projected_where_the_view_shows_them(scenery):
    # A dash of the centre line is the only orange thing; its middle must be orange at its projected place.
    eye = chase_viewpoint(0.5, 0.0, 0.0)
    view = render_view(scenery, 1, 0, eye, 640, 480)
    for start in np.arange(9, 15) * surface.DASH_PERIOD:
        column, row, depth = eye.project(np.array([start + 0.5 * surface.DASH_LENGTH, 0.0, 0.0]), 640, 480)
        assert depth > 0.0
        red, _, blue = view[int(row), int(column)].astype(int)
        assert red - blue > 100


def test_a_car_is_painted_where_it_stands_and_nowhere_else(scenery):
    eye = chase_viewpoint(2.0, 0.0, 1.6)
    empty = render_view(scenery, 0, 0, eye, 640, 480)
    image = empty.copy()
    draw_car(image, eye, 2.0, 0.0, 1.6, 0.3)
    changed = np.argwhere((image != empty).any(axis=2))
    column, row, _ = eye.project(np.array([2.0, 0.0, 0.06]), 640, 480)
    assert np.abs(changed.mean(axis=0) - [row, column]).max() < 20
    assert 2000 < len(changed) < 60000
    behind = empty.copy()
    draw_car(behind, eye, 2.0 - 3.0 * np.cos(1.6), -3.0 * np.sin(1.6), 1.6)
    np.testing.assert_array_equal(behind, empty)


def test_a_view_works_from_any_place(scenery):
    for x, y, z in ((50.0, 50.0, 3.0), (0.0, 0.0, 0.01), (-50.0, 0.0, 10.0)):
        view = render_view(scenery, 0, 0, Viewpoint(x, y, z, 2.0, 0.2), 64, 48)
        assert view.shape == (48, 64, 3)
        assert view.std() > 0.0


def test_a_map_shows_cars_at_their_places(scenery):
    overview = TopView(scenery, 0, 0, 200, 150)
    place = np.array([0.0, 2.0])
    empty = overview.draw(*np.empty((3, 0)), CAR_COLOURS)
    drawn = overview.draw(place[:1], place[1:], np.array([0.0]), CAR_COLOURS)
    changed = np.argwhere((drawn != empty).any(axis=2))
    column, row = overview.to_pixels(place)
    assert np.abs(changed.mean(axis=0) + 0.5 - [row, column]).max() < 2.5
    assert row < 75  # north is up
    np.testing.assert_allclose(overview.to_pixels(np.array([0.0, 0.0])), [100.0, 75.0], atol=1.0)


def test_a_composed_frame_holds_view_map_camera_and_words(scenery):
    composition = Composition(scenery, width=640, height=360)
    caption = Caption("my-model", 1, 3, 12.3, 0, 1.5)
    seen = np.full((120, 160), 90, np.uint8)
    frame = composition.compose(2.0, 0.0, 1.6, 0.0, seen, caption)
    assert frame.shape == (360, 640, 3)
    assert (frame[250:330, 480:620] == 90).all()
    later = composition.compose(2.0, 0.0, 1.6, 0.0, seen, Caption("my-model", 1, 3, 13.3, 0, 1.5))
    changed = np.argwhere((later != frame).any(axis=2))
    assert changed[:, 0].max() < 180
    assert changed[:, 1].max() < 240
