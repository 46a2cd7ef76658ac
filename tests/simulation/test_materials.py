"""The codes of a surface map and their colours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.simulation import materials
from openracer.simulation.palette import LUMA, PALETTES, SMILE_SPEEDWAY, find_palette


@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 8))
def test_nested_shapes_give_the_code_of_their_mixture(painted, asphalt, dashes):
    painted, asphalt, dashes = sorted((painted, asphalt, dashes), reverse=True)
    code = materials.nested_codes()[painted, asphalt, dashes]
    shares = np.array([8 - painted, painted - asphalt, asphalt - dashes, dashes]) / 8
    np.testing.assert_allclose(materials.code_weights()[code], shares)
    assert materials.code_shades()[code] == 0.0


def test_codes_leave_room_for_the_walls():
    weights = materials.code_weights()
    assert (weights[materials.WALL_CODES :] == 0.0).all()
    assert materials.nested_codes().max() < materials.WALL_CODES
    assert set(np.unique(weights.sum(axis=1))) == {0.0, 1.0}


@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_a_palette_shows_each_material_in_its_colour(palette):
    grey = palette.grey()
    for material, colour in enumerate((palette.field, palette.border, palette.road, palette.dash)):
        assert grey[materials.pure_code(material)] == pytest.approx(np.dot(colour, LUMA), abs=1.0)
        shades = grey[materials.pure_code(material, 0) :][: materials.SHADES].astype(int)
        assert (np.diff(shades) >= 0).all()
        assert shades[-1] > shades[0]
    np.testing.assert_array_equal(palette.rgb()[materials.WALL_CODES :], np.array(palette.walls))


def test_palettes_are_found_by_name():
    assert PALETTES[find_palette("smile_speedway")] is SMILE_SPEEDWAY
    with pytest.raises(ValueError, match="must be one of smile_speedway"):
        find_palette("smile")
