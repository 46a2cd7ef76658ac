"""What a visitor has chosen: the language of a request and the theme."""

import pytest

from openracer.console.visitor import preferred_language, theme_of


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,ko;q=0.5,en;q=0.4", "ko"),
        ("de-DE,de;q=0.9", "en"),
        ("ko;q=0,en", "en"),
        ("ko;q=nonsense", "en"),
        ("", "en"),
    ],
)
def test_the_browsers_first_language_that_we_have_is_taken(accepted, chosen):
    assert preferred_language({}, accepted) == chosen


def test_a_choice_in_the_console_wins_over_the_browsers():
    assert preferred_language({"openracer_language": "en"}, "ko") == "en"
    assert preferred_language({"openracer_language": "tlh"}, "ko") == "ko"


def test_the_theme_follows_the_system_until_one_is_chosen():
    assert theme_of({}) == "system"
    assert theme_of({"openracer_theme": "dark"}) == "dark"
    assert theme_of({"openracer_theme": "plaid"}) == "system"
