"""What an administrator writes about a school: it is read, or one sentence says what is wrong."""

import pytest

from openracer.service.accounts import Role
from openracer.service.openid.admission import check_admission, role_at
from openracer.service.openid.identity import OpenIdError, OpenIdIdentity
from openracer.service.openid.settings import SECRET_ENVIRONMENT, is_safe, read_settings

GOOD = "name: Hill School\nissuer: https://id.hill.example\nclient_id: openracer\n"


@pytest.fixture
def read(tmp_path):
    """``read(text)`` are the settings of a file with a text."""

    def read(text):
        (tmp_path / "school.yaml").write_text(text)
        return read_settings(tmp_path / "school.yaml")

    return read


def mina(mail="", groups=()):
    return OpenIdIdentity("https://id.hill.example", "1", "mina", mail, frozenset(groups))


def test_the_secret_is_in_a_file_beside_the_settings_or_in_the_environment(read, tmp_path, monkeypatch):
    assert read(GOOD + "everybody: true\n")[1] is None
    monkeypatch.setenv(SECRET_ENVIRONMENT, "from outside")
    assert read(GOOD + "everybody: true\n")[1] == "from outside"
    (tmp_path / "secret").write_text(" of the file \n")
    with_file = GOOD + "everybody: true\nclient_secret_file: secret\n"
    assert read(with_file)[1] == "of the file"
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(ValueError, match="secret is empty; it must hold the client's secret"):
        read(with_file)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read(GOOD + "everybody: true\nclient_secret_file: other\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD, "say who may come in"),
        (GOOD + "everybody: true\ndomains: [hill.example]\n", "say who may come in"),
        (GOOD.replace("https", "http") + "everybody: true\n", "must be an address that begins with https://"),
        (GOOD + "everybody: true\nroles: {teachers: king}\n", "teachers is 'king'; it must be "),
        (GOOD + "everybody: true\ndomain: x\n", "unknown key 'domain'; did you mean 'domains'"),
        ("name: Hill\n", "school.yaml: issuer is missing"),
    ],
)
def test_what_is_wrong_is_one_sentence(read, text, told):
    with pytest.raises(ValueError, match=told):
        read(text)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.hill.example/realms/a", True), ("http://127.0.0.1:8080", True), ("http://localhost", True),
        ("http://[::1]:80/", True), ("http://hill.example", False), ("http://127.0.0.1.evil.example", False),
        ("javascript:alert(1)", False), ("", False), ("https://", False), ("https://[", False),
    ],
)  # fmt: skip
def test_only_addresses_on_the_way_to_which_nobody_listens_are_safe(address, safe):
    assert is_safe(address) is safe


def test_a_domain_and_a_group_let_in_whom_they_say(read):
    settings, _secret = read(GOOD + "domains: ['@Hill.example']\ngroups: [robotics, staff]\n")
    check_admission(settings, mina("mina@HILL.example", ["staff"]))
    for mail, groups, told in (
        ("", ["staff"], "verified mail address of hill.example"),
        ("mina@evil.example", ["staff"], "verified mail address"),
        ("mina@hill.example@evil.example", ["staff"], "verified mail address"),
        ("mina@hill.example.evil.example", ["staff"], "verified mail address"),
        ("mina@hill.example", ["music"], "in no group that may come in"),
    ):
        with pytest.raises(OpenIdError, match=told):
            check_admission(settings, mina(mail, groups))


def test_the_highest_role_of_the_groups_counts(read):
    settings, _secret = read(GOOD + "everybody: true\nroles: {staff: organiser, it: administrator}\n")
    assert role_at(settings, mina()) is Role.RACER
    assert role_at(settings, mina(groups=["staff", "music"])) is Role.ORGANISER
    assert role_at(settings, mina(groups=["staff", "it"])) is Role.ADMINISTRATOR
