"""The API as a client meets it: behind the access rules, with a queue of its own that begins no job by itself."""

import json

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.responses import PlainTextResponse
from starlette.testclient import TestClient

from openracer import service
from openracer.api.app import create_api
from openracer.api.security import Access, AccessMiddleware
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.service.jobs import JobQueue
from openracer.service.league import League, set_current_league

TOKEN = "a-token-that-nobody-guesses"
LOCAL = "http://127.0.0.1:8000"


@pytest.fixture
def queue():
    """A queue that only takes note."""
    queue = JobQueue()
    service.set_current_queue(queue)
    set_current_league(League.of(queue.database))
    yield queue
    set_current_league(None)
    service.set_current_queue(None)
    queue.close()


def application(access):
    """The API beside a page and a web socket, as in the console."""
    app = FastAPI()
    app.mount("/api", create_api())

    @app.get("/")
    def page():
        return PlainTextResponse("the page")

    @app.post("/")
    def act():
        return PlainTextResponse("done")

    @app.websocket("/socket")
    async def talk(socket: WebSocket):
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    app.add_middleware(AccessMiddleware, access=access)
    return app


@pytest.fixture
def visitor(queue):
    """``visitor(host)`` is a client without a token of a console that listens on an address."""

    def visit(host="127.0.0.1"):
        return TestClient(application(Access(TOKEN, host, 8000)), LOCAL, follow_redirects=False)

    return visit


@pytest.fixture
def client(visitor):
    """A client with the token."""
    client = visitor()
    client.headers["Authorization"] = f"Bearer {TOKEN}"
    return client


@pytest.fixture
def post(client):
    """``post(path, body)`` sends what ``json`` can write, even what is no JSON or no Unicode."""

    def send(path, body):
        return client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})

    return send


@pytest.fixture
def create(tiny_training):
    """``create(name, **changes)`` makes a model whose iterations take a tenth of a second."""

    def create(name="tiny", **changes):
        return create_model(TrainingDescription.from_values(tiny_training | {"name": name} | changes))

    return create
