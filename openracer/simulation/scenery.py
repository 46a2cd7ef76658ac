"""Everything the camera kernel needs to know of the tracks in a batch, packed into flat arrays."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.lens import camera_rows
from openracer.simulation.palette import PALETTES, Palette
from openracer.simulation.solids import MODELS
from openracer.simulation.surface import LEVELS, build_surface
from openracer.tracks.track import Track

KernelArguments = tuple[
    NDArray[np.uint8], NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8], NDArray[np.float64],
    NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8],
]  # fmt: skip


class Scenery:
    """The surfaces, rooms and palettes of several tracks.

    Args:
        tracks: in the order of the cars' ``scene`` index.
        palettes: in the order of the cars' ``palette`` index.

    Attributes:
        tracks: as given.
        palettes: as given.
        rooms: (S, 4) m, lower and upper corner of each track's room.
        texels: (T,) uint8, the codes of all maps of all tracks, one after the other.
        levels: (S, LEVELS, 2) int64, where in ``texels`` a map begins and how many texels its rows have.
    """

    def __init__(self, tracks: Sequence[Track], palettes: Sequence[Palette] = PALETTES) -> None:
        self.tracks = tuple(tracks)
        self.palettes = tuple(palettes)
        surfaces = [build_surface(t.centre, t.inner, t.outer, t.closed) for t in self.tracks]
        self.rooms = np.array([surface.room for surface in surfaces])
        self.levels = np.empty((len(surfaces), LEVELS, 2), np.int64)
        offset = 0
        for scene, surface in enumerate(surfaces):
            for level, codes in enumerate(surface.levels):
                self.levels[scene, level] = offset, codes.shape[1]
                offset += codes.size
        self.texels = np.concatenate([codes.ravel() for surface in surfaces for codes in surface.levels])

    @cached_property
    def kernel_arguments(self) -> KernelArguments:
        """The last arguments of :func:`openracer.simulation.camera.render_frames`."""
        palettes = np.array([palette.grey() for palette in self.palettes])
        # A camera's pixel costs one fetch from a map of greys, where it would cost two from codes and palette.
        return palettes.take(self.texels, axis=1), self.levels, self.rooms, palettes, camera_rows(), *MODELS

    def surface_map(self, scene: int, level: int) -> NDArray[np.uint8]:
        """A view of one map: (rows along y, columns along x) codes of a track at a level of its pyramid."""
        start, columns = self.levels[scene, level]
        end = np.append(self.levels[:, :, 0].ravel(), self.texels.size)[scene * LEVELS + level + 1]
        return self.texels[start:end].reshape(-1, columns)
