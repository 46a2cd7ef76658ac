"""Who may open what, where people sign in: every page and every call of the API, with every role."""

import re

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from openracer import service
from openracer.api import gate as gates
from openracer.api.app import create_api
from openracer.api.gate import COOKIE, Gate, needed_role
from openracer.api.patience import Patience
from openracer.api.security import Access
from openracer.console.door import door
from openracer.service.accounts import Role
from openracer.service.identity import NobodyError, current_person, set_current_person, share
from openracer.service.people import People
from tests.api.conftest import LOCAL, application

NOBODY = "nobody"
ROLES = (NOBODY, Role.RACER, Role.ORGANISER, Role.ADMINISTRATOR)
PASSWORD = "correct horse"
EVERYBODY_KNOWN = {Role.RACER, Role.ORGANISER, Role.ADMINISTRATOR}

# Everything that is not in this table needs nothing but to have signed in.
PAGES: dict[str, set[str]] = {
    "/sign-in": set(ROLES),
    "/sign-in/openid": set(ROLES),
    "/sign-in/openid/back": set(ROLES),
    "/invitation/x": set(ROLES),
    "/static/abc/console.css": set(ROLES),
    "/favicon.ico": set(ROLES),
    "/board/x": set(ROLES),
    "/board/x/live": set(ROLES),
    "/board/x/events": set(ROLES),
    "/board/x/entries/x/drive": set(ROLES),
    "/races/create": {Role.ORGANISER, Role.ADMINISTRATOR},
    "/people": {Role.ADMINISTRATOR},
    "/class": {Role.ORGANISER, Role.ADMINISTRATOR},
}
OF_EVERYBODY = (
    "/", "/account", "/account/openid", "/compare", "/drive", "/garage", "/get-started", "/models", "/models/x",
    "/models/create", "/resources", "/settings", "/sign-out", "/tracks", "/tracks/x", "/usage", "/watch/x/live",
    "/nothing", "/_nicegui_ws/socket.io/", "/sign-in/x", "/invitation", "/peoples", "/classes", "/board",
    "/boards/1", "/circuit", "/races", "/races/1", "/races/1/edit", "/races/1/live", "/races/1/entries/2",
    "/racers/1", "/racers/me",
)  # fmt: skip


@pytest.fixture
def people(queue):
    people = People.of(queue.database)
    service.set_current_people(people)
    share(True)
    yield people
    share(False)
    service.set_current_people(None)
    set_current_person(None)


@pytest.fixture
def somebody(people):
    """``somebody(role)`` is a client who has signed in as one of that role, with the Origin that browsers send."""

    def client(role):
        app = application(Access("", "127.0.0.1", 8000, ("racing.example",), Gate(people.sessions)))
        app.router.routes[:0] = door(people).routes
        found = TestClient(app, LOCAL, follow_redirects=False)
        found.headers["Origin"] = LOCAL
        if role != NOBODY:
            person = people.accounts.add(f"{role}-{len(people.accounts.people())}", role, PASSWORD)
            found.cookies.set(COOKIE, people.sessions.begin(person))
            found.headers["Authorization"] = f"Bearer {people.sessions.make_token(person, 'tests')}"
        return found

    return client


def routes_of_the_api():
    for path, calls in create_api().openapi()["paths"].items():
        for method in calls:
            yield method.upper(), "/api" + re.sub(r"\{\w+\}", "1", path)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_open_to_whom_it_is_for(somebody, role):
    client = somebody(role)
    for path, allowed in {**PAGES, **dict.fromkeys(OF_EVERYBODY, EVERYBODY_KNOWN)}.items():
        answer = client.get(path)
        if role in allowed:
            assert answer.status_code not in (303, 401, 403), path
        elif role == NOBODY:
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next="), path
        else:
            assert answer.status_code == 403, path
        if path == "/sign-out" and role != NOBODY:
            continue
        posted = client.post(path)
        assert (posted.status_code in (401, 403)) == (role not in allowed), path


@pytest.mark.parametrize("role", ROLES)
def test_every_call_of_the_api_needs_a_token_and_the_cookie_is_none(somebody, role):
    client = somebody(role)
    calls = list(routes_of_the_api())
    assert len(calls) > 30
    without = dict(client.headers)
    client.headers.pop("Authorization", None)
    for method, path in calls:
        assert client.request(method, path).status_code == 401, (method, path)
        given = {"Authorization": without.get("authorization", "Bearer wrong")}
        answer = client.request(method, path, headers=given)
        assert (answer.status_code == 401) == (role == NOBODY), (method, path)


def test_all_pages_of_the_console_are_in_the_table():
    from pathlib import Path

    import openracer.console

    told = set()
    for file in Path(openracer.console.__file__).parent.rglob("*.py"):
        told |= set(re.findall(r"""(?:ui\.page|router\.\w+)\(\s*"(/[^"]*)\"""", file.read_text("utf-8")))
    known = {re.sub(r"\{\w+(:\w+)?\}", "x", path) for path in told}
    unknown = {path for path in known if needed_role(path) is not Role.RACER} - {*PAGES, "/sign-out"}
    assert {"/people", "/class", "/sign-in", "/models/x"} <= known
    assert unknown <= set(PAGES), "a page that is public or for some only belongs into the table"


def test_everybody_sees_only_the_own_models_and_jobs(somebody, create, people):
    mina, jun = somebody(Role.RACER), somebody(Role.ADMINISTRATOR)
    made = mina.post("/api/models", json={"name": "mine", "preset": "fast"})
    assert made.status_code == 201, made.text
    job = mina.post("/api/trainings", json={"model": "mine"}).json()["id"]
    assert [model["name"] for model in mina.get("/api/models").json()] == ["mine"]
    assert jun.get("/api/models").json() == [] and jun.get("/api/trainings").json() == []
    for method, path in (
        ("GET", "/api/models/mine"), ("DELETE", "/api/models/mine"), ("GET", f"/api/trainings/{job}"),
        ("POST", f"/api/trainings/{job}/stop"), ("GET", "/api/models/..%2F..%2F2%2Fmodels%2Fmine"),
    ):  # fmt: skip
        assert jun.request(method, path).status_code == 404, path
    assert mina.get(f"/api/trainings/{job}").json()["state"] == "queued"


def test_signing_in_begins_a_session_that_signing_out_ends(somebody, people):
    people.accounts.add("Mina", password=PASSWORD)
    client = somebody(NOBODY)
    asked = client.get("/models?a=1")
    assert asked.headers["Location"] == "/sign-in?next=%2Fmodels%3Fa%3D1"
    page = client.get(asked.headers["Location"]).text
    assert 'action="/sign-in?next=%2Fmodels%3Fa%3D1"' in page and 'type="password"' in page
    wrong = client.post("/sign-in", data={"name": "mina", "password": "wrong"})
    assert wrong.status_code == 401 and "Name or password are wrong." in wrong.text
    answer = client.post("/sign-in?next=/models", data={"name": "MINA", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/models")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert client.get("/").text == "the page"
    client.post("/sign-out")
    assert client.get("/").status_code == 303
    secure = somebody(NOBODY)
    secure.base_url, secure.headers["Origin"] = "https://racing.example", "https://racing.example"
    answer = secure.post("/sign-in?next=//evil.example", data={"name": "mina", "password": PASSWORD})
    assert answer.headers["Location"] == "/" and "Secure" in answer.headers["Set-Cookie"]


def test_a_form_from_another_site_does_nothing_even_with_the_cookie(somebody):
    client = somebody(Role.ADMINISTRATOR)
    for origin in ("http://evil.example", "null"):
        assert client.post("/", headers={"Origin": origin}).status_code == 403
    del client.headers["Origin"]
    assert client.post("/").status_code == 403 and client.post("/sign-out").status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket"):
        pass


def test_whoever_is_disabled_is_out_at_once_also_of_open_connections(somebody, people, monkeypatch):
    monkeypatch.setattr(gates, "_TRUST_S", 0.0)
    client = somebody(Role.RACER)
    headers = {"Origin": LOCAL, "Host": "127.0.0.1:8000"}
    with client.websocket_connect("/socket", headers=headers) as socket:
        assert socket.receive_text() == "hello"
    (person,) = people.accounts.people()
    people.accounts.add("other", Role.ADMINISTRATOR)
    people.accounts.disable(person.id)
    assert client.get("/").status_code == 303 and client.get("/api/models").status_code == 401
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket", headers=headers):
        pass


def test_passwords_cannot_be_guessed_one_after_the_other(somebody, people):
    people.accounts.add("mina", password=PASSWORD)
    client = somebody(NOBODY)
    for _attempt in range(10):
        assert client.post("/sign-in", data={"name": "mina", "password": "wrong"}).status_code == 401
    answer = client.post("/sign-in", data={"name": "Mina", "password": PASSWORD})
    assert answer.status_code == 429 and "Too many attempts" in answer.text


def test_patience_comes_back_with_time():
    now = [0.0]
    patience = Patience(2, 10.0, lambda: now[0])
    patience.failed("a")
    now[0] = 4.0
    patience.failed("a")
    assert patience.wait_s("a") == 6.0 and patience.wait_s("b") == 0.0
    now[0] = 10.0
    assert patience.wait_s("a") == 0.0
    patience.failed("a")
    assert patience.wait_s("a") == 4.0
    patience.succeeded("a")
    assert patience.wait_s("a") == 0.0


def test_an_invitation_lets_in_as_many_as_it_says(somebody, people):
    secret = people.invitations.make(Role.ORGANISER, uses=1)
    client = somebody(NOBODY)
    assert "Choose a password" in client.get(f"/invitation/{secret}").text
    short = client.post(f"/invitation/{secret}", data={"name": "kim", "password": "short"})
    assert short.status_code == 422 and "from 8 to 200" in short.text
    entered = client.post(f"/invitation/{secret}", data={"name": "kim", "password": PASSWORD})
    assert entered.status_code == 303 and client.get("/").text == "the page"
    assert people.accounts.find("kim").role is Role.ORGANISER
    again = somebody(NOBODY).post(f"/invitation/{secret}", data={"name": "lee", "password": PASSWORD})
    assert again.status_code == 404 and "does not work any more" in again.text


def test_where_people_sign_in_nothing_is_done_for_nobody(people):
    with pytest.raises(NobodyError):
        current_person()


RULES = {
    "name": "spring", "track": "reinvent_base", "opens": "2027-03-01T00:00:00Z", "closes": "2027-04-01T00:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_races_and_seasons_are_made_by_organisers_only(somebody, role, people):
    may = role in (Role.ORGANISER, Role.ADMINISTRATOR)
    client = somebody(role)
    answers = [
        client.post("/api/races", json={"rules": RULES}),
        client.post("/api/seasons", json={"name": "2027"}),
    ]
    assert {answer.status_code for answer in answers} == {201 if may else 401 if role == NOBODY else 403}


def test_a_race_is_changed_by_its_organiser_and_administrators_only(somebody, people):
    owner = somebody(Role.ORGANISER)
    race = owner.post("/api/races", json={"rules": RULES, "format": "live", "is_private": True}).json()["id"]
    code = owner.post(f"/api/races/{race}/codes", json={}).json()
    guest = somebody(Role.RACER)
    assert guest.post("/api/races/join", json={"code": code["code"]}).status_code == 200
    calls = [
        ("PUT", f"/api/races/{race}", {"rules": RULES}),
        ("GET", f"/api/races/{race}/codes", None),
        ("POST", f"/api/races/{race}/codes", {}),
        ("DELETE", f"/api/races/{race}/codes/{code['id']}", None),
        ("GET", f"/api/races/{race}/members", None),
        ("DELETE", f"/api/races/{race}/members/1", None),
        ("POST", f"/api/races/{race}/live", {"auto_launch": True}),
        ("DELETE", f"/api/races/{race}", None),
    ]
    stranger, other = somebody(Role.RACER), somebody(Role.ORGANISER)
    for method, path, body in calls:
        assert guest.request(method, path, json=body).status_code == 403, (method, path)
        for client in (stranger, other):  # to them a private race is not there
            assert client.request(method, path, json=body).status_code == 404, (method, path)
    assert guest.get(f"/api/races/{race}").status_code == 200
    assert [found["id"] for found in other.get("/api/races").json()] == []
    boss = somebody(Role.ADMINISTRATOR)
    for method, path, body in calls:
        assert boss.request(method, path, json=body).status_code in (200, 201, 204), (method, path)
