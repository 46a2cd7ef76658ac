"""How tracks are packed for the camera kernel."""

import numpy as np

from openracer.simulation.palette import PALETTES
from openracer.simulation.scenery import Scenery
from openracer.simulation.surface import LEVELS
from tests.simulation.tracks_for_tests import ring, straight


def test_maps_lie_one_after_the_other():
    scenery = Scenery([ring(), straight()])
    maps, levels, rooms, palettes, *_ = scenery.kernel_arguments
    starts = levels[:, :, 0].ravel()
    assert starts[0] == 0
    sizes = np.diff(np.append(starts, scenery.texels.size))
    assert (sizes > 0).all()
    assert (sizes % levels[:, :, 1].ravel() == 0).all()
    assert levels.shape == (2, LEVELS, 2)
    assert rooms.shape == (2, 4)
    assert palettes.shape == (len(PALETTES), 256)
    assert maps.shape == (len(PALETTES), scenery.texels.size)


def test_a_long_track_stays_below_60_megabytes(real_data):
    from openracer.tracks import npy

    track = npy.load(real_data / "tracks" / "dubai_pro.npy", "dubai_pro", "Dubai", "")
    texels = Scenery([track]).texels
    assert texels.nbytes < 60e6
