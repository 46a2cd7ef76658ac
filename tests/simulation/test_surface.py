"""Surface maps against the areas and places of what is drawn on them."""

import numpy as np
import pytest

from openracer.simulation import surface
from openracer.simulation.materials import BORDER, DASH, FIELD, ROAD, code_weights
from openracer.simulation.surface import LEVELS, TEXEL, build_surface
from tests.simulation.tracks_for_tests import ring, straight


def build(track):
    return build_surface(track.centre, track.inner, track.outer, track.closed)


def areas(ground, level=0):
    """Area of each material, m²."""
    codes = np.bincount(ground.levels[level].ravel(), minlength=256)
    return codes @ code_weights() * (TEXEL * 2**level) ** 2


def test_a_straight_road_has_the_areas_of_its_rectangles():
    ground = build(straight(length=5.0, width=0.6))
    area = areas(ground)
    asphalt_width = 0.6 + 2 * (surface.BORDER_OUTSIDE - surface.BORDER_WIDTH)
    dashes = np.ceil(5.0 / surface.DASH_PERIOD - 1e-9) - (5.0 % surface.DASH_PERIOD < surface.DASH_LENGTH)
    dashes = dashes * surface.DASH_LENGTH + min(5.0 % surface.DASH_PERIOD, surface.DASH_LENGTH)
    assert area[BORDER] == pytest.approx(2 * 5.0 * surface.BORDER_WIDTH, rel=0.01)
    assert area[DASH] == pytest.approx(dashes * surface.DASH_WIDTH, rel=0.03)
    assert area[ROAD] + area[DASH] == pytest.approx(5.0 * asphalt_width, rel=0.01)
    size, block = ground.room[2:] - ground.room[:2], TEXEL * 2 ** (LEVELS - 1)
    assert np.prod(size) - 1e-6 < area.sum() < np.prod(size + block)


def test_a_ring_has_the_area_of_its_polygons():
    track = ring(radius=2.0, width=0.8, rows=73)
    area = areas(build(track))
    polygon = 36 * np.sin(2 * np.pi / 72)  # area of the regular polygon with 72 corners on the unit circle
    outside, width = surface.BORDER_OUTSIDE, surface.BORDER_WIDTH
    outer, inner = 2.4 + outside - width, 1.6 - outside + width
    assert area[ROAD] + area[DASH] == pytest.approx(polygon * (outer**2 - inner**2), rel=0.005)
    assert area[BORDER] == pytest.approx(
        polygon * ((2.4 + outside) ** 2 - outer**2 + inner**2 - (1.6 - outside) ** 2), rel=0.01
    )


def test_coarser_levels_show_the_same_areas():
    ground = build(ring())
    assert len(ground.levels) == LEVELS
    fine = areas(ground)
    for level in range(1, LEVELS):
        assert ground.levels[level].shape == tuple(n // 2 for n in ground.levels[level - 1].shape)
        # At the coarsest level a dash covers less of a texel than the half of an eighth that shows.
        materials = [FIELD, BORDER, ROAD] if level == LEVELS - 1 else slice(None)
        np.testing.assert_allclose(areas(ground, level)[materials], fine[materials], rtol=0.08, atol=0.08)


def test_points_lie_on_the_material_that_was_drawn_there():
    track = straight(length=5.0, width=0.6)
    ground = build(track)
    expected = {
        (0.026, 0.0): DASH,
        (0.078, 0.0): ROAD,
        (2.0, 0.2): ROAD,
        (2.0, 0.26): BORDER,
        (2.0, -0.26): BORDER,
        (2.0, 0.5): FIELD,
        (-0.1, 0.0): FIELD,
        (5.1, 0.0): FIELD,
    }
    for (x, y), material in expected.items():
        column, row = np.floor((np.array([x, y]) - ground.room[:2]) / TEXEL).astype(int)
        assert code_weights()[ground.levels[0][row, column], material] == 1.0, (x, y)


def test_the_walls_stand_clear_of_the_track_by_the_margin():
    track = ring(radius=3.0, width=1.0)
    reach = 3.5 + surface.ROOM_MARGIN
    np.testing.assert_allclose(build(track).room, [-reach, -reach, reach, reach])


def test_repeated_waypoints_do_no_harm():
    track = straight()
    twice = [np.repeat(part, 2, axis=0) for part in (track.centre, track.inner, track.outer)]
    np.testing.assert_array_equal(build_surface(*twice, False).levels[0], build(track).levels[0])


def test_every_real_track_is_drawn_with_its_road_area(real_data):
    shapely = pytest.importorskip("shapely")
    for name in ("Bowtie_track", "reinvent_base", "dubai_pro"):
        rows = np.load(real_data / "tracks" / f"{name}.npy")
        centre, inner, outer = rows[:, :2], rows[:, 2:4], rows[:, 4:]
        area = areas(build_surface(centre, inner, outer, True))
        band = shapely.difference(shapely.Polygon(outer).buffer(0), shapely.Polygon(inner).buffer(0)).area
        within = 1.0 - surface.BORDER_OUTSIDE / surface.BORDER_WIDTH
        assert area[ROAD] + area[DASH] + within * area[BORDER] == pytest.approx(band, rel=0.01)
