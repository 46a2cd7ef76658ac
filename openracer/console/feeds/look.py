"""What a car sees from a pose, and what a policy would do there."""

import base64
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi import HTTPException
from nicegui import app
from numpy.typing import NDArray
from PIL import Image

from openracer.console.feeds.names import model_of, track_of
from openracer.models.folder import ModelFolder
from openracer.runs.film import camera_frames
from openracer.simulation.bodies import BOT, BOX
from openracer.simulation.scenery import Scenery
from openracer.tracks.track import Track

if TYPE_CHECKING:
    from openracer.runs.policy_view import PolicyView

_POLICIES = 3
_FRESH_S = 5.0
"""A policy that learns is read anew after this long, not with each of its checkpoints."""
_QUALITY = 82
_MOST_OBJECTS = 40
_NOTHING = np.zeros((0, 3), np.float32)


def register() -> None:
    """Define the route."""
    app.add_api_route("/watch/{name}/look", _look)


def _look(
    name: str,
    track: str,
    x: float,
    y: float,
    yaw: float,
    reverse: bool = False,
    checkpoint: str = "last",
    boxes: str = "",
    bots: str = "",
) -> dict[str, Any]:
    kind, objects = (BOT, _places(bots)) if bots else (BOX, _places(boxes))
    frame = camera_frame(track_of(track, reverse), x, y, yaw, objects, kind)
    answer: dict[str, Any] = {"frame": _data_url(frame), "probabilities": None, "mean": None}
    try:
        policy = _policies.of(model_of(name), checkpoint)
    except (FileNotFoundError, ValueError, HTTPException):
        return answer  # not trained yet, a checkpoint that is not kept any more, or a model that is gone
    choice = policy.choose(frame)
    return answer | {
        "probabilities": choice.probabilities and [round(share, 4) for share in choice.probabilities],
        "mean": choice.mean,
        "deviation": choice.deviation,
    }


def _places(written: str) -> NDArray[np.float32]:
    """Places that an address names, ``x,y,yaw;…``: (O, 3) m and rad."""
    try:
        places = np.array([place.split(",") for place in written.split(";") if place], np.float32)
        places = places.reshape(-1, 3)
    except ValueError:
        raise HTTPException(422, "boxes and bots must be places x,y,yaw;…") from None
    if len(places) > _MOST_OBJECTS or not np.isfinite(places).all():
        raise HTTPException(422, f"boxes and bots must be at most {_MOST_OBJECTS} finite places")
    return places


def camera_frame(
    track: Track,
    x: float,
    y: float,
    yaw: float,
    objects: NDArray[np.float32] = _NOTHING,
    kind: int = BOX,
) -> NDArray[np.uint8]:
    """What the camera of a car on a track sees, (120, 160).

    Args:
        track: it is on.
        x: of the car's origin, m; outside of the room the nearest place inside counts.
        y: m.
        yaw: rad.
        objects: (O, 3) x and y, m, and yaw, rad, of the boxes or bots on the road.
        kind: of the objects.
    """
    if not np.isfinite([x, y, yaw]).all():
        raise HTTPException(422, "x, y and yaw must be finite")
    scenery = _scenery(_SceneryKey(track.centre.tobytes() + track.inner.tobytes(), track))
    return camera_frames(scenery, np.array([x]), np.array([y]), np.array([yaw]), objects[None], kind)[0]


@dataclass(frozen=True)
class _SceneryKey:
    """A track that equals others of the same points."""

    points: bytes
    track: Track = field(compare=False)


@lru_cache(maxsize=3)
def _scenery(key: _SceneryKey) -> Scenery:
    return Scenery([key.track])


def _data_url(frame: NDArray[np.uint8]) -> str:
    content = BytesIO()
    Image.fromarray(frame).save(content, format="JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()


class _Policies:
    """The policies that were asked last, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[float, int, PolicyView]] = OrderedDict()

    def of(self, folder: ModelFolder, checkpoint: str) -> "PolicyView":
        """The policy of a model's checkpoint.

        Raises:
            FileNotFoundError: there is none.
            ValueError: it is damaged.
        """
        # Only here, because PyTorch takes seconds to load.
        from openracer.runs.policy_view import PolicyView

        key = (str(folder.path), checkpoint)
        with self._lock:
            looked, written, policy = self._kept.get(key, (0.0, 0, None))
            if policy is None or time.monotonic() > looked + _FRESH_S:
                found = folder.checkpoints.find(checkpoint)
                now = folder.checkpoints.path(found).stat().st_mtime_ns
                if policy is None or now != written:
                    policy = PolicyView(folder, found.iteration)
                self._kept[key] = (time.monotonic(), now, policy)
            self._kept.move_to_end(key)
            while len(self._kept) > _POLICIES:
                self._kept.popitem(last=False)
            return policy


_policies = _Policies()
