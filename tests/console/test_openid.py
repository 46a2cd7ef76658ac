"""Signing in with a school's account: with a real provider that signs, and lies where it is told to."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.testclient import TestClient

from openracer.api.gate import PERSON, Gate
from openracer.api.security import Access, AccessMiddleware
from openracer.console.door import door
from openracer.console.door.openid import COOKIE
from openracer.service.accounts import Role
from openracer.service.database import Database
from openracer.service.identity import set_current_person
from openracer.service.openid.provider import Provider
from openracer.service.openid.settings import OpenIdSettings
from openracer.service.people import People
from tests.openid_provider import CLIENT, SECRET, School

HERE = "http://127.0.0.1:8000"
PASSWORD = "correct horse"
OTHER_KEY = RSAKey.generate_key(2048)


@pytest.fixture
def school():
    school = School()
    yield school
    school.close()


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path)
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def console(school, database):
    """``console(**settings)`` are the people of a console at which they sign in with accounts of the school."""

    def open_(**settings):
        wanted = {
            "name": "Hill School",
            "issuer": school.issuer,
            "client_id": CLIENT,
            "everybody": True,
        } | settings
        provider = Provider(OpenIdSettings.model_validate(wanted), SECRET)
        return People.of(database, provider)

    yield open_
    set_current_person(None)


def browser(people):
    """A browser on the console, which tells whom it answers."""
    app = FastAPI()
    app.include_router(door(people))

    @app.get("/{path:path}")
    def page(request: Request):
        return PlainTextResponse(f"hello {request.scope[PERSON].name}")

    app.add_middleware(AccessMiddleware, access=Access("", "127.0.0.1", 8000, (), Gate(people.sessions)))
    found = TestClient(app, HERE, follow_redirects=False)
    found.headers["Origin"] = HERE
    return found


def to_the_school(client, address="/sign-in/openid?next=/models"):
    """The address with which the school sends a browser back that begins at one of ours."""
    sent = client.get(address)
    assert sent.status_code == 303, sent.text
    return httpx.get(sent.headers["Location"]).headers["Location"]


def come_in(client, address="/sign-in/openid?next=/models"):
    return client.get(to_the_school(client, address))


def refused(answer, words, client):
    """Whether somebody is told this, and has not come in."""
    assert answer.status_code == 403 and words in answer.text, (answer.status_code, answer.text)
    assert client.get("/models").status_code == 303


def test_a_button_leads_to_the_school_and_back_to_where_one_wanted_to_go(console, school):
    people = console()
    client = browser(people)
    assert "Sign in with Hill School" in client.get("/sign-in?next=/models").text
    back = to_the_school(client)
    assert back.startswith(f"{HERE}/sign-in/openid/back?")
    answer = client.get(back)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/models")
    assert COOKIE not in client.cookies
    assert client.get("/models").text == "hello mina@hill.example"
    (mina,) = people.accounts.people()
    assert (mina.alias, mina.role) == ("mina", Role.RACER)
    assert not people.accounts.has_password(mina.id)
    left = client.post("/sign-out")
    assert client.get("/models").status_code == 303
    page = client.get(left.headers["Location"]).text
    assert (
        f"{school.issuer}/leave?client_id=openracer+tests" in page
        and "at Hill School you may still be" in page
    )


def test_without_a_school_there_is_no_button_and_no_way(database):
    client = browser(People.of(database))
    assert "/sign-in/openid" not in client.get("/sign-in").text
    assert all("openid" not in route.path for route in door(People.of(database)).routes)


def test_who_somebody_is_says_the_number_at_the_school_and_neither_name_nor_mail(console, school):
    people = console()
    teacher = people.accounts.add("mina@hill.example", Role.ADMINISTRATOR, PASSWORD)
    come_in(browser(people))
    newcomer = next(person for person in people.accounts.people() if person != teacher)
    assert (newcomer.name, newcomer.role) == ("mina@hill.example-2", Role.RACER)
    school.person |= {"preferred_username": "park", "email": "park@hill.example"}
    client = browser(people)
    come_in(client)
    assert client.get("/").text == "hello mina@hill.example-2"
    school.person |= {"sub": "4712"}
    client = browser(people)
    come_in(client)
    assert client.get("/").text == "hello park@hill.example"
    assert len(people.accounts.people()) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"}, {"nonce": None}, {"iss": "https://evil.example"}, {"iss": None}, {"aud": "another"},
        {"aud": ["another"]}, {"aud": None}, {"aud": [CLIENT, "another"]}, {"azp": "another"}, {"exp": 1_000_000_000},
        {"exp": None}, {"iat": 4_000_000_000}, {"iat": None}, {"sub": None}, {"sub": ""}, {"sub": "x" * 256},
        {"nbf": 4_000_000_000},
    ],
)  # fmt: skip
def test_a_token_that_was_not_made_for_this_attempt_at_this_console_lets_nobody_in(console, school, changes):
    school.token_changes = changes
    people = console()
    client = browser(people)
    refused(come_in(client), "was not as it should be", client)
    assert people.accounts.people() == []


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ({"alg": "RS256"}, OTHER_KEY),
        ({"alg": "RS256", "kid": "unheard of"}, OTHER_KEY),
        ({"alg": "HS256"}, OctKey.import_key("a key that is known to both sides")),
        ({"alg": "ES256"}, ECKey.generate_key("P-256")),
    ],
)
def test_a_token_that_the_school_has_not_signed_lets_nobody_in(console, school, header, key):
    school.header, school.key = {"kid": str(school.key.kid)} | header, key
    client = browser(console())
    refused(come_in(client), "was not as it should be", client)


def test_new_keys_of_the_school_are_looked_up_when_they_are_needed(console, school):
    people = console()
    come_in(browser(people))
    come_in(browser(people))
    assert school.asked["/keys"] == 1 and school.asked["/.well-known/openid-configuration"] == 1
    school.rotate()
    client = browser(people)
    come_in(client)
    assert client.get("/").text == "hello mina@hill.example" and school.asked["/keys"] == 2
    school.key = OTHER_KEY
    client = browser(people)
    refused(come_in(client), "was not as it should be", client)


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query | {"state": "another"},
        lambda query: {name: value for name, value in query.items() if name != "state"},
        lambda query: query | {"iss": "https://evil.example"},
    ],
)
def test_an_answer_to_another_browsers_question_lets_nobody_in(console, change):
    client = browser(console())
    back = to_the_school(client)
    query = change(dict(parse_qsl(urlsplit(back).query)))
    refused(client.get("/sign-in/openid/back", params=query), "begun in another window", client)


def test_an_answer_counts_once_and_in_the_browser_that_has_asked(console):
    people = console()
    mine, other = browser(people), browser(people)
    back = to_the_school(mine)
    refused(other.get(back), "begun in another window", other)
    to_the_school(other)
    refused(other.get(back), "begun in another window", other)
    assert mine.get(back).status_code == 303
    again = browser(people)
    refused(again.get(back), "begun in another window", again)
    refused(browser(people).get("/sign-in/openid/back"), "begun in another window", again)


def test_a_code_that_was_meant_for_another_attempt_is_of_no_use(console):
    """What PKCE is for: whoever has stolen a code lacks the verifier."""
    people = console()
    victim, thief = browser(people), browser(people)
    code = dict(parse_qsl(urlsplit(to_the_school(victim)).query))["code"]
    own = dict(parse_qsl(urlsplit(to_the_school(thief)).query))
    stolen = thief.get("/sign-in/openid/back", params=own | {"code": code})
    refused(stolen, "was not as it should be", thief)


def test_what_the_school_refuses_or_does_not_answer_is_one_sentence(console, school):
    people = console()
    client = browser(people)
    school.refuses = "access_denied"
    refused(come_in(client), "Hill School has not signed you in", client)
    school.metadata_changes = {"issuer": "https://evil.example"}
    answer = browser(console()).get("/sign-in/openid")
    assert answer.status_code == 502 and "was not as it should be" in answer.text
    school.metadata_changes = {"token_endpoint": "http://hill.example/token"}
    assert browser(console()).get("/sign-in/openid").status_code == 502
    unknown = console(issuer="http://127.0.0.1:9")
    answer = browser(unknown).get("/sign-in/openid")
    assert answer.status_code == 502 and "Hill School does not answer; try again" in answer.text


def test_only_whom_the_administrator_means_comes_in(console, school):
    client = browser(console(everybody=False, domains=["hill.example"], groups=["pupils"]))
    assert come_in(client).headers["Location"] == "/models"
    for changes, told in (
        ({"email_verified": False}, "verified mail address of hill.example"),
        ({"email": "mina@evil.example"}, "verified mail address of hill.example"),
        ({"groups": ["parents"]}, "in no group that may come in"),
    ):
        good, school.person = school.person, school.person | changes
        client = browser(console(everybody=False, domains=["hill.example"], groups=["pupils"]))
        refused(come_in(client), told, client)
        school.person = good
    school.in_token = ()  # then the user info endpoint is asked
    client = browser(console(everybody=False, domains=["hill.example"], groups=["pupils"]))
    assert come_in(client).status_code == 303 and client.get("/").text == "hello mina@hill.example"
    school.token_changes = {"sub": "another"}  # of somebody else than the token
    client = browser(console(everybody=False, domains=["hill.example"], groups=["pupils"]))
    refused(come_in(client), "verified mail address of hill.example", client)


def test_the_school_decides_the_roles_of_those_whom_it_has_brought(console, school):
    people = console(roles={"staff": "administrator", "pupils": "racer"})
    school.person |= {"groups": ["staff"]}
    client = browser(people)
    come_in(client)
    (mina,) = people.accounts.people()
    assert mina.role is Role.ADMINISTRATOR
    school.person |= {"groups": ["pupils"]}
    come_in(client)
    assert people.accounts.person(mina.id).role is Role.ADMINISTRATOR, "she is the last"
    people.accounts.add("teacher", Role.ADMINISTRATOR, PASSWORD)
    come_in(client)
    assert people.accounts.person(mina.id).role is Role.RACER and client.get("/").status_code == 200


def test_whoever_is_disabled_stays_out(console, school):
    people = console()
    client = browser(people)
    come_in(client)
    (mina,) = people.accounts.people()
    people.accounts.add("teacher", Role.ADMINISTRATOR, PASSWORD)
    people.accounts.disable(mina.id)
    refused(come_in(client), "this account is disabled; ask the administrator", client)
    people.accounts.enable(mina.id)
    assert come_in(client).headers["Location"] == "/models"


def test_somebody_who_is_signed_in_can_connect_the_account_at_the_school(console, school):
    people = console(roles={"pupils": "racer"})
    people.accounts.add("teacher", Role.ADMINISTRATOR, PASSWORD)
    jun = people.accounts.add("jun", Role.ORGANISER, PASSWORD)
    client = browser(people)
    assert client.post("/account/openid").status_code == 401
    client.post("/sign-in", data={"name": "jun", "password": PASSWORD})
    assert client.post("/account/openid", headers={"Origin": "https://evil.example"}).status_code == 403
    address = client.post("/account/openid").json()["address"]
    answer = client.get(httpx.get(address).headers["Location"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert people.openid_links.is_connected(jun, school.issuer)
    other = browser(people)
    come_in(other)
    assert other.get("/").text == "hello jun" and people.accounts.person(jun.id).role is Role.ORGANISER
    people.openid_links.disconnect(jun)
    assert not people.openid_links.is_connected(jun, school.issuer)
    come_in(browser(people))  # somebody new now, to whom the account belongs
    address = client.post("/account/openid").json()["address"]
    answer = client.get(httpx.get(address).headers["Location"])
    assert answer.status_code == 403 and "belongs to somebody else here already" in answer.text
    mina = people.accounts.find("mina@hill.example")
    with pytest.raises(ValueError, match="without a password you could not sign in any more"):
        people.openid_links.disconnect(mina)


def test_signing_in_leads_nowhere_else_and_does_not_connect_whoever_is_signed_in(console, school):
    people = console()
    people.accounts.add("jun", Role.RACER, PASSWORD)
    client = browser(people)
    client.post("/sign-in", data={"name": "jun", "password": PASSWORD})
    assert come_in(client, "/sign-in/openid?next=//evil.example").headers["Location"] == "/"
    assert client.get("/").text == "hello mina@hill.example"
    assert not people.openid_links.is_connected(people.accounts.find("jun"), school.issuer)


def test_who_fails_too_often_has_to_wait(console):
    client = browser(console())
    for _attempt in range(100):
        assert client.get("/sign-in/openid/back").status_code == 403
    assert client.get("/sign-in/openid/back").status_code == 429
    answer = client.get("/sign-in/openid")
    assert answer.status_code == 429 and "Too many attempts" in answer.text
