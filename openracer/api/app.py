"""The REST API as an application of its own, to be mounted under ``/api``."""

from fastapi import APIRouter, Depends, FastAPI
from fastapi.security import HTTPBearer

from openracer import __version__
from openracer.api import evaluations, garage, model_races, models, races, rewards, seasons, tracks, trainings
from openracer.api.errors import REFUSALS, add_error_handlers

# The middleware checks it; this tells readers of the OpenAPI description of it.
_bearer = HTTPBearer(
    auto_error=False, description="The console's token, from console/token in the data folder."
)


def create_api() -> FastAPI:
    """Assemble the API; its OpenAPI description is at ``openapi.json``."""
    api = FastAPI(
        title="OpenRacer",
        version=__version__,
        summary="Models, trainings, evaluations, tracks, vehicles and races of an OpenRacer console.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        dependencies=[Depends(_bearer)],
        responses=REFUSALS,
    )
    routers: tuple[APIRouter, ...] = (
        models.router, trainings.router, evaluations.router, model_races.router, tracks.router, garage.router,
        rewards.router, races.router, seasons.router,
    )  # fmt: skip
    for router in routers:
        api.include_router(router)
    add_error_handlers(api)
    return api
