"""The league of this machine without a console: the same API as a console has, called within this process."""

import asyncio
from typing import TYPE_CHECKING, Any

from openracer.cli.remote import Console

if TYPE_CHECKING:
    import httpx


class LeagueHere(Console):
    """The API over the data of the user of this machine; what is submitted drives as soon as a console runs."""

    def __init__(self) -> None:
        from openracer import locations
        from openracer.api.app import create_api
        from openracer.service.database import Database
        from openracer.service.league import League, set_current_league

        database = Database(locations.console_folder())
        database.upgrade()
        set_current_league(League.of(database))
        self._api = create_api()

    def send(self, method: str, path: str, values: Any = None) -> "httpx.Response":
        """The answer to a request."""
        import httpx

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._api)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.request(method, path, json=values)

        return asyncio.run(ask())
