"""The documentation in the console: every page renders in both languages, and every link in it leads somewhere."""

import re
import tomllib
from pathlib import Path

import pytest

from openracer.console import guide
from openracer.rewards.params import Params

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", guide.PAGES)
def test_every_page_renders_and_its_links_lead_to_pages_sections_and_pictures(name, language):
    page = guide.guide_page(name, language)
    assert page.title and len(page.html) > 500
    for target in re.findall(r'<a href="([^"]*)"', page.html):
        if target.startswith("https://"):
            continue
        other, _, anchor = target.partition("#")
        linked = page if not other else guide.guide_page(other.removeprefix("/resources/"), language)
        assert not anchor or f'id="{anchor}"' in linked.html or not linked.is_translated
    for source in re.findall(r'<img src="([^"]*)"', page.html):
        assert (guide.docs_folder() / "images" / source.removeprefix(guide.IMAGES_PATH + "/")).is_file()


@pytest.mark.parametrize("name", ["reward_parameters", "tips", "rules", "glossary"])
def test_the_pages_for_everybody_are_in_korean(name):
    page = guide.guide_page(name, "ko")
    assert page.is_translated
    assert re.search("[가-힣]", page.title + page.html)
    assert len(page.sections) == len(guide.guide_page(name, "en").sections)


def test_the_korean_reward_parameters_are_complete():
    html = guide.guide_page("reward_parameters", "ko").html
    assert [key for key in Params.__annotations__ if f"<td><code>{key}</code></td>" not in html] == []


def test_a_page_that_is_not_there_is_refused():
    with pytest.raises(KeyError):
        guide.guide_page("../README", "en")


def test_an_installed_package_has_every_page():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for name in (*(f"{page}.md" for page in guide.PAGES), "ko", "images"):
        assert shipped[f"docs/{name}"] == f"openracer/console/docs/{name}"
        assert (REPOSITORY / "docs" / name).exists()
