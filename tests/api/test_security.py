"""Who may talk to a console: a web page elsewhere may not, whatever it tries."""

import pytest
from starlette.websockets import WebSocketDisconnect

from openracer.api.security import LARGEST_BODY, Access
from tests.api.conftest import LOCAL, TOKEN

EVIL = "http://evil.example"
HOST = "127.0.0.1:8000"


def test_the_consoles_own_pages_and_clients_without_origin_are_answered(visitor):
    client = visitor()
    assert client.get("/").text == "the page"
    for name in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"):
        assert client.get("/", headers={"Host": name}).status_code == 200
    assert client.post("/").text == "done"
    assert client.post("/", headers={"Origin": LOCAL}).text == "done"
    with client.websocket_connect("/socket", headers={"Host": HOST, "Origin": LOCAL}) as socket:
        assert socket.receive_text() == "hello"


@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1.evil.example:8000", "localhost.evil.example", "", "192.168.0.7:8000"]
)
def test_a_name_that_somebody_pointed_here_is_refused(visitor, name):
    """DNS rebinding: the browser believes that this machine is the attacker's site."""
    client = visitor()
    headers = {"Host": name, "Authorization": f"Bearer {TOKEN}"}
    assert client.get("/", headers=headers).status_code == 421
    assert client.get("/api/models", headers=headers).status_code == 421
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket", headers={"Host": name}):
        pass


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "http://localhost:9999", "http://127.0.0.1:8000.evil.example", "x"]
)
def test_a_request_from_another_sites_page_is_refused(visitor, origin):
    client = visitor()
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        assert client.request(method, "/", headers={"Origin": origin}).status_code == 403
    with_token = {"Origin": origin, "Authorization": f"Bearer {TOKEN}"}
    answer = client.post("/api/models", json={"name": "car"}, headers=with_token)
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "requests from pages of other sites are refused",
    )
    headers = {"Host": HOST, "Origin": origin}
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/socket", headers=headers):
        pass
    assert refused.value.code == 1008


def test_an_old_form_without_origin_is_known_by_what_the_browser_says_of_it(visitor):
    client = visitor()
    assert client.post("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert (
        client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    )  # a link from elsewhere


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"],
)
def test_the_api_needs_the_token(visitor, authorization):
    client = visitor()
    headers = {} if authorization is None else {"Authorization": authorization.encode()}
    for path in ("/api", "/api/", "/api/models", "/api/openapi.json", "/api/nothing"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 401 and "token" in answer.json()["detail"]
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert client.get("/api/models", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200


def test_pages_cannot_be_framed(visitor):
    headers = visitor().get("/").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_a_console_for_other_machines_asks_its_visitors_for_the_token(visitor):
    client = visitor("0.0.0.0")
    at = {"Host": "192.168.0.7:8000"}
    refused = client.get("/", headers=at)
    assert refused.status_code == 401 and "token" in refused.text
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket", headers=at):
        pass
    assert client.get("/?token=wrong", headers=at).status_code == 401
    login = client.get(f"/?a=%2F&token={TOKEN}", headers=at)
    assert (login.status_code, login.headers["Location"]) == (303, "/?a=%2F")
    cookie = login.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and TOKEN not in cookie
    known = {**at, "Cookie": cookie.partition(";")[0]}
    assert client.get("/", headers=known).text == "the page"
    with client.websocket_connect("/socket", headers=known) as socket:
        assert socket.receive_text() == "hello"
    assert client.get("/api/models", headers=known).status_code == 401
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert (
        client.get(f"{LOCAL}//evil.example/?token={TOKEN}", headers=at).headers["Location"]
        == "/evil.example/"
    )


def test_a_body_beyond_the_limit_is_refused(visitor):
    client = visitor()
    assert client.post("/", headers={"Content-Length": str(LARGEST_BODY + 1)}).status_code == 413


def test_the_address_to_open_has_the_token_only_where_it_is_needed():
    assert Access(TOKEN).login_url() == "http://127.0.0.1:8000/"
    assert Access(TOKEN, "0.0.0.0").login_url() == f"http://127.0.0.1:8000/?token={TOKEN}"
    assert Access(TOKEN, "::", 80).login_url("fe80::1") == f"http://[fe80::1]:80/?token={TOKEN}"
