"""Our own static files: style sheet and ES modules, addressed by content so that browsers may keep them for ever."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"


@cache
def asset(name: str) -> str:
    """The address of a file of ours, with a fingerprint of its content.

    Args:
        name: of the file in ``openracer/console/static``, for example ``console.css``.
    """
    return f"{PREFIX}/{name}?{hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]}"


class _KeptFiles(StaticFiles):
    """Static files that a browser keeps for a year when they are asked for with their fingerprint."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = bool(scope.get("query_string"))
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response


def mount_assets(app: FastAPI) -> None:
    """Serve the files under :data:`PREFIX`."""
    app.mount(PREFIX, _KeptFiles(directory=FOLDER))
