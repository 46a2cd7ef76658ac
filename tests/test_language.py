"""Languages: which one is chosen, and that every translation is complete and compiled."""

import contextvars
import string

import pytest

from openracer import language
from tools import catalogue

VARIABLES = ("OPENRACER_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def no_language_in_the_environment(monkeypatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    ("tag", "chosen"),
    [
        ("ko", "ko"),
        ("ko_KR.UTF-8", "ko"),
        ("ko-KR", "ko"),
        ("KO", "ko"),
        ("en_GB.UTF-8", "en"),
        ("C", "en"),
        ("fr_FR.UTF-8", "en"),
        ("", "en"),
    ],
)
def test_a_locale_names_a_language_that_we_have_or_english(tag, chosen):
    assert language.language_of(tag) == chosen


def test_the_environment_chooses_and_our_own_variable_wins(monkeypatch):
    assert language.current_language() == "en"
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert language.gettext("Track") == "트랙"
    monkeypatch.setenv("OPENRACER_LANGUAGE", "en")
    assert language.gettext("Track") == "Track"


def test_a_request_has_its_own_language():
    def korean():
        language.set_language("ko-KR")
        return language.gettext("Track")

    assert contextvars.copy_context().run(korean) == "트랙"
    assert language.gettext("Track") == "Track"


def test_a_message_without_translation_stays_english(monkeypatch):
    monkeypatch.setenv("OPENRACER_LANGUAGE", "ko")
    assert language.gettext("no such message") == "no such message"


def test_messages_inside_f_strings_and_over_two_lines_are_found():
    found = {message for message, _file in catalogue.written_in_code()}
    assert "Speed" in found
    assert "Starting; the very first run compiles the simulator, which can take half a minute." in found


@pytest.mark.parametrize("tag", catalogue.TRANSLATIONS)
class TestTranslation:
    def test_has_every_message_of_the_code_and_no_other(self, tag):
        wanted = {message.id for message in catalogue.template() if message.id}
        translated = {message.id for message in catalogue.read(tag) if message.id}
        assert translated - wanted == set(), "obsolete; run python -m tools.catalogue update"
        assert wanted - translated == set(), "missing; run python -m tools.catalogue update and translate"
        assert not catalogue.read(tag).obsolete

    def test_is_complete_and_certain(self, tag):
        messages = [message for message in catalogue.read(tag) if message.id]
        assert [message.id for message in messages if not message.string] == []
        assert [message.id for message in messages if message.fuzzy] == []

    def test_keeps_placeholders_and_the_space_around_a_message(self, tag):
        for message in catalogue.read(tag):
            if message.id:
                assert placeholders(message.string) == placeholders(message.id), message.id
                assert edges(message.string) == edges(message.id), message.id

    def test_is_compiled(self, tag):
        source = {message.id: message.string for message in catalogue.read(tag) if message.id}
        compiled = {message.id: message.string for message in catalogue.read_compiled(tag) if message.id}
        assert compiled == source, "run python -m tools.catalogue compile"


def placeholders(text):
    parts = string.Formatter().parse(text)
    return {(name, conversion, form) for _text, name, form, conversion in parts if name is not None}


def edges(text):
    """The space before and after, which belongs to the sentence that the message is put into."""
    return text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]


def test_outside_of_a_request_a_user_interface_may_tell_the_language(monkeypatch):
    monkeypatch.setattr(language, "_readers", [])
    page_of_somebody = [None]
    language.ask_for_language(lambda: page_of_somebody[0])
    assert language.gettext("Track") == "Track"
    page_of_somebody[0] = "ko"
    assert language.gettext("Track") == "트랙"
    context = contextvars.copy_context()
    context.run(language.set_language, "en")
    assert context.run(language.gettext, "Track") == "Track"
