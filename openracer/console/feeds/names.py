"""From what an address says to the model or evaluation it means; what is not there is a 404."""

import time
from pathlib import Path

from fastapi import HTTPException

from openracer import locations
from openracer.models import library
from openracer.models.evaluations import Evaluation, read_evaluation
from openracer.models.folder import ModelFolder
from openracer.tracks import catalogue
from openracer.tracks.track import Track

_TRUST_S = 10.0
_MOST = 100
_found: dict[Path, tuple[float, ModelFolder]] = {}


def model_of(name: str) -> ModelFolder:
    """The model of a name.

    A canvas asks several times a second. That no file of the model is a link, which takes a walk through all its
    traces, is looked up again after some seconds only.

    Raises:
        HTTPException: there is none (404), or it cannot be read (409).
    """
    path = locations.models_folder() / name  # of the one who asks
    looked, folder = _found.get(path, (-_TRUST_S, None))
    if folder is not None and time.monotonic() < looked + _TRUST_S and folder.description_file.is_file():
        return folder
    try:
        folder = library.own_model(name)
    except FileNotFoundError as error:
        raise HTTPException(404, str(error)) from None
    except ValueError as error:
        raise HTTPException(409, str(error)) from None
    if len(_found) > _MOST:
        _found.clear()
    _found[path] = time.monotonic(), folder
    return folder


def evaluation_of(folder: ModelFolder, stamp: str) -> Evaluation:
    """The evaluation of a stamp.

    Raises:
        HTTPException: there is none (404), or it cannot be read (409).
    """
    try:
        return read_evaluation(folder, stamp)
    except FileNotFoundError as error:
        raise HTTPException(404, str(error)) from None
    except (ValueError, OSError) as error:
        raise HTTPException(409, str(error)) from None


def track_of(name: str, reverse: bool) -> Track:
    """The track of a world name, in a direction.

    Raises:
        HTTPException: there is none (404).
    """
    try:
        return catalogue.find(name, reverse)
    except (ValueError, OSError) as error:
        raise HTTPException(404, str(error)) from None
