"""The application: REST API, static files and pages in one."""

import secrets

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui

from openracer import __version__
from openracer.api.app import create_api
from openracer.api.security import Access, AccessMiddleware
from openracer.console import visitor
from openracer.console.assets import mount_assets
from openracer.console.door import door
from openracer.console.layout import FAVICON
from openracer.console.league import public
from openracer.console.pages import register_pages, register_pages_of_people
from openracer.console.quick_elements import remember_signatures
from openracer.language import ask_for_language
from openracer.service import current_people
from openracer.service.identity import ask_for_person
from openracer.tracks import catalogue


def create_app(access: Access | None = None) -> FastAPI:
    """Assemble the console.

    NiceGUI has one application for each process, so this is called once in a process.

    Args:
        access: who may talk to it; None lets this machine's browsers in and nobody use the API.

    Returns:
        The application for uvicorn.
    """
    # The first kernel takes Numba a quarter of a second, for which nobody should wait in the middle of a page.
    track = catalogue.built_in("reinvent_base")
    track.project(track.centre)
    app = FastAPI(title="OpenRacer", version=__version__, docs_url=None, redoc_url=None)
    mount_assets(app)
    app.mount("/api", create_api())
    remember_signatures()
    if access is not None and access.gate is not None:
        app.include_router(door(current_people()))
        register_pages_of_people()
        ask_for_person(visitor.person_of_page)
    app.include_router(public.router)
    register_pages()
    ask_for_language(visitor.language_of_page)
    # Colours come from our style sheet, which knows light and dark.
    nicegui_app.config.quasar_config["brand"] = {}
    nicegui_app.config.quasar_config["loadingBar"] = {"skipHijack": True}
    ui.run_with(
        app,
        title="OpenRacer",
        favicon=FAVICON,
        dark=None,
        language="en-US",
        tailwind=False,
        reconnect_timeout=10.0,
        show_welcome_message=False,
    )
    app.add_middleware(AccessMiddleware, access=access or Access(secrets.token_urlsafe(32)))
    app.add_middleware(visitor.LanguageMiddleware)
    return app
