"""Roads of every kind for the tests of rewards."""

import numpy as np
import pytest

from openracer.tracks import catalogue
from openracer.tracks.track import Track


def egg(clockwise: bool = False) -> Track:
    """A closed road whose bends and width vary, with exactly known points."""
    angle = np.linspace(0.0, 2.0 * np.pi, 91)[:-1] * (-1.0 if clockwise else 1.0)
    radius = 3.0 + 0.6 * np.cos(2.0 * angle) + 0.3 * np.sin(angle)
    half = 0.4 + 0.1 * np.cos(angle)
    unit = np.stack([np.cos(angle), np.sin(angle)], axis=1)

    def loop(distance: np.ndarray) -> np.ndarray:
        points = distance[:, None] * unit
        return np.concatenate([points, points[:1]])

    return Track("egg", "Egg", "", loop(radius), loop(radius - half), loop(radius + half), closed=True)


def straight() -> Track:
    x = np.linspace(0.0, 6.0, 22)

    def line(y: float) -> np.ndarray:
        return np.stack([x, np.full_like(x, y)], axis=1)

    return Track("straight", "Straight", "", line(0.0), line(0.4), line(-0.4), closed=False)


@pytest.fixture(scope="session")
def reinvent() -> Track:
    return catalogue.find("reinvent_base")


@pytest.fixture(params=["reinvent", "reinvent reversed", "egg", "egg clockwise", "egg reversed", "straight"])
def track(request: pytest.FixtureRequest, reinvent: Track) -> Track:
    return {
        "reinvent": reinvent,
        "reinvent reversed": reinvent.reverse(),
        "egg": egg(),
        "egg clockwise": egg(clockwise=True),
        "egg reversed": egg().reverse(),
        "straight": straight(),
    }[request.param]
