"""Everything the camera kernel needs to know of the tracks in a batch, packed into flat arrays."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.lens import camera_rows
from openracer.simulation.palette import PALETTES, Palette
from openracer.simulation.surface import LEVELS, build_surface
from openracer.tracks.track import Track

KernelArguments = tuple[
    NDArray[np.uint8], NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8], NDArray[np.float64]
]


class Scenery:
    """The surfaces, rooms and palettes of several tracks.

    Args:
        tracks: in the order of the cars' ``scene`` index.
        palettes: in the order of the cars' ``palette`` index.

    Attributes:
        tracks: as given.
        palettes: as given.
        rooms: (S, 4) m, lower and upper corner of each track's room.
    """

    def __init__(self, tracks: Sequence[Track], palettes: Sequence[Palette] = PALETTES) -> None:
        self.tracks = tuple(tracks)
        self.palettes = tuple(palettes)
        surfaces = [build_surface(t.centre, t.inner, t.outer, t.closed) for t in self.tracks]
        self.rooms = np.array([surface.room for surface in surfaces])
        self._levels = np.empty((len(surfaces), LEVELS, 2), np.int64)
        offset = 0
        for scene, surface in enumerate(surfaces):
            for level, codes in enumerate(surface.levels):
                self._levels[scene, level] = offset, codes.shape[1]
                offset += codes.size
        self._texels = np.concatenate([codes.ravel() for surface in surfaces for codes in surface.levels])

    @cached_property
    def kernel_arguments(self) -> KernelArguments:
        """The last arguments of :func:`openracer.simulation.camera.render_frames`."""
        greys = np.array([palette.grey() for palette in self.palettes])
        return self._texels, self._levels, self.rooms, greys, camera_rows()

    def surface_map(self, scene: int, level: int) -> NDArray[np.uint8]:
        """A view of one map: (rows along y, columns along x) codes of a track at a level of its pyramid."""
        start, columns = self._levels[scene, level]
        end = np.append(self._levels[:, :, 0].ravel(), self._texels.size)[scene * LEVELS + level + 1]
        return self._texels[start:end].reshape(-1, columns)
