"""From what an address says to the model or evaluation it means; what is not there is a 404."""

from fastapi import HTTPException

from openracer.models import library
from openracer.models.evaluations import Evaluation, read_evaluation
from openracer.models.folder import ModelFolder
from openracer.tracks import catalogue
from openracer.tracks.track import Track


def model_of(name: str) -> ModelFolder:
    """The model of a name.

    Raises:
        HTTPException: there is none (404), or it cannot be read (409).
    """
    try:
        return library.own_model(name)
    except FileNotFoundError as error:
        raise HTTPException(404, str(error)) from None
    except ValueError as error:
        raise HTTPException(409, str(error)) from None


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
