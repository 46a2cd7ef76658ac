"""Our own static files: style sheet and ES modules, addressed by content so that browsers may keep them for ever."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"


@cache
def _prefix() -> str:
    """Where the files are served: the path has a fingerprint of them all, so that modules may import each other."""
    fingerprint = hashlib.sha256()
    for file in sorted(file for file in FOLDER.rglob("*") if file.is_file()):
        fingerprint.update(file.relative_to(FOLDER).as_posix().encode() + b"\0" + file.read_bytes())
    return f"/static/{fingerprint.hexdigest()[:12]}"


def asset(name: str) -> str:
    """The address of a file of ours.

    Args:
        name: of the file in ``openracer/console/static``, for example ``console.css``.
    """
    return f"{_prefix()}/{name}"


class _KeptFiles(StaticFiles):
    """Static files that a browser keeps for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def mount_assets(app: FastAPI) -> None:
    """Serve the files."""
    app.mount(_prefix(), _KeptFiles(directory=FOLDER))
