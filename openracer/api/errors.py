"""How the API tells what is wrong: one sentence as ``detail``, in the language of the request."""

import errno
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from openracer.language import gettext as _
from openracer.league.race import RefusedSubmissionError
from openracer.models.library import ModelExistsError
from openracer.models.lock import ModelInUseError
from openracer.models.track_use import TrackInUseError
from openracer.service.accounts import PersonNotFoundError
from openracer.service.jobs import JobConflictError
from openracer.service.league.people import NotYoursError
from openracer.service.league.races import RaceConflictError
from openracer.service.league.seasons import SeasonConflictError

_CONFLICTS = (
    ModelInUseError, ModelExistsError, JobConflictError, TrackInUseError, RaceConflictError, SeasonConflictError,
    RefusedSubmissionError,
)  # fmt: skip
_FULL = (errno.ENOSPC, errno.EDQUOT)
_LONGEST_INPUT = 60


class Failure(BaseModel):
    """What is wrong.

    Attributes:
        detail: one sentence.
    """

    detail: str


class NotFoundError(LookupError):
    """The address names something that is not there; the text is one sentence."""


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Failure, "description": "The request cannot be read."},
    401: {"model": Failure, "description": "The token is missing or wrong."},
    403: {"model": Failure, "description": "It is not for you."},
    404: {"model": Failure, "description": "There is no such thing."},
    409: {"model": Failure, "description": "It does not go together with what is there."},
    413: {"model": Failure, "description": "The request is too large."},
    422: {"model": Failure, "description": "A value is wrong."},
    507: {"model": Failure, "description": "The disk is full."},
}
"""Answers that every route may give."""


def add_error_handlers(api: FastAPI) -> None:
    """Have errors told as a status and a sentence."""
    for kinds, status in (
        (_CONFLICTS, 409),
        ((FileNotFoundError, NotFoundError, PersonNotFoundError), 404),
        ((NotYoursError,), 403),
        ((ValueError,), 422),
    ):
        for kind in kinds:
            api.add_exception_handler(kind, _handler(status))
    api.add_exception_handler(OSError, _tell_system_error)
    api.add_exception_handler(RequestValidationError, _tell_wrong_request)
    api.add_exception_handler(HTTPException, _tell_http_error)


def _handler(status: int) -> Any:
    async def tell(_request: Request, error: Exception) -> JSONResponse:
        return _answer(status, str(error))

    return tell


async def _tell_system_error(_request: Request, error: Exception) -> JSONResponse:
    status = 507 if isinstance(error, OSError) and error.errno in _FULL else 500
    return _answer(status, str(error))


async def _tell_http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _answer(error.status_code, str(error.detail), error.headers)


async def _tell_wrong_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    finding = error.errors()[0]
    if finding["type"] == "json_invalid":
        return _answer(422, _("the body is no JSON"))
    if finding["type"] == "value_error":  # our own sentence
        return _answer(422, str(finding["ctx"]["error"]))
    if finding["loc"] == ("body",) and finding["type"] != "missing":
        return _answer(422, _("the body must be a JSON object, sent as application/json"))
    names = [str(part) for part in finding["loc"] if part not in ("body", "query", "path")]
    what = ".".join(names) or _("the body")
    if finding["type"] == "missing":
        return _answer(422, _("{what} is missing").format(what=what))
    if finding["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return _answer(422, _("unknown key {key!r}").format(key=what))
    given = repr(finding.get("input"))
    given = given if len(given) <= _LONGEST_INPUT else given[:_LONGEST_INPUT] + "…"
    return _answer(422, f"{what}: {finding['msg']} ({given})")


def _answer(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    # A name with half of a surrogate pair cannot be written as UTF-8.
    text = detail.encode("utf-8", "replace").decode()
    return JSONResponse({"detail": text}, status, dict(headers) if headers else None)
