"""A console that many use, in a browser: signing in, what each may open, inviting, signing out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console.conftest import DESKTOP, LOCALES, PASSWORD


@pytest.fixture
def visitor(browser, shared_console, language, watch_for_errors):
    """``visitor()`` is a tab of a browser of its own."""
    contexts = []

    def visit():
        context = browser.new_context(base_url=shared_console.url, locale=LOCALES[language], viewport=DESKTOP)
        watch_for_errors(context)
        contexts.append(context)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()


def sign_in(page, name, words):
    page.get_by_label(words("Name"), exact=True).fill(name)
    page.get_by_label(words("Password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=words("Sign in")).click()


def test_a_teacher_invites_a_class_and_a_racer_sees_only_the_own_pages(visitor, words, language):
    teacher = visitor()
    teacher.goto("/people")
    sign_in(teacher, "teacher", words)
    teacher.get_by_role("button", name=words("Make a link")).click()
    link = teacher.locator(".or-link-secret").inner_text()
    assert "/invitation/" in link
    newcomer = visitor()
    newcomer.goto(link)
    newcomer.get_by_label(words("Your name, for signing in")).fill(f"new-{language}")
    newcomer.get_by_label(words("Choose a password")).fill(PASSWORD)
    newcomer.get_by_role("button", name=words("Begin")).click()
    newcomer.get_by_role("link", name=words("Your usage")).click()
    newcomer.get_by_text(words("What it would have cost on AWS")).wait_for()
    assert newcomer.get_by_role("link", name=words("People and limits")).count() == 0
    teacher.goto("/class")
    teacher.get_by_text(f"new-{language}").first.wait_for()
    newcomer.get_by_role("button", name=words("Sign out")).click()
    newcomer.get_by_role("heading", name=words("Sign in")).wait_for()


def test_a_teacher_adds_somebody_and_limits_and_shuts_out_that_person(visitor, words, language):
    teacher, name = visitor(), f"jun-{language}"
    teacher.goto("/people")
    sign_in(teacher, "teacher", words)
    teacher.get_by_label(words("Name, for signing in")).fill(name)
    teacher.get_by_role("button", name=words("Add"), exact=True).click()
    link = teacher.locator(".or-link-secret").inner_text()
    teacher.get_by_role("button", name=words("Close")).click()
    racer = visitor()
    racer.goto(link)
    racer.get_by_label(words("Choose a password")).fill(PASSWORD)
    racer.get_by_role("button", name=words("Begin")).click()
    racer.get_by_role("link", name=words("Your usage")).wait_for()
    row = teacher.locator("tr", has_text=name)
    row.get_by_role("button", name=words("Usage limits")).click()
    dialog = teacher.get_by_role("dialog")
    dialog.get_by_label(words("Compute hours")).fill("3")
    dialog.get_by_role("button", name=words("Save")).click()
    row.get_by_text(words("{value:g} h").format(value=3)).wait_for()
    row.get_by_role("button", name=words("Usage limits")).click()
    assert dialog.get_by_label(words("Compute hours")).input_value() == "3"
    dialog.get_by_role("button", name=words("Save")).click()
    row.get_by_role("button", name=words("Disable")).click()
    dialog.get_by_role("button", name=words("Disable")).click()
    row.get_by_role("button", name=words("Let in again")).wait_for()
    racer.goto("/models")
    racer.get_by_role("heading", name=words("Sign in")).wait_for()


def test_a_pupil_signs_in_with_the_schools_account_and_a_teacher_connects_it(
    visitor, words, language, school
):
    school.person |= {"sub": f"pupil {language}", "email": f"jun.{language}@hill.example"}
    pupil = visitor()
    pupil.goto("/models")
    pupil.get_by_role("link", name=words("Sign in with {school}").format(school="Hill School")).click()
    pupil.get_by_role("heading", name=words("Your models")).wait_for()
    pupil.goto("/account")
    pupil.get_by_text(
        words("You sign in with your account at {school}.").format(school="Hill School")
    ).wait_for()
    assert pupil.get_by_label(words("New password")).count() == 0
    pupil.get_by_role("button", name=words("Sign out")).click()
    pupil.get_by_role("link", name=words("Sign out of {school}, too").format(school="Hill School")).wait_for()
    school.person |= {"sub": f"teacher {language}"}
    racer = visitor()
    racer.goto("/account")
    sign_in(racer, "mina", words)
    racer.get_by_role("button", name=words("Connect it")).click()
    racer.get_by_role("button", name=words("Disconnect it")).click()
    racer.get_by_role("button", name=words("Connect it")).wait_for()


def test_without_an_administrator_nobody_can_come_in(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from openracer.cli.main import main; main()", "console", "--multi-user"],
        env={**os.environ, "OPENRACER_HOME": str(tmp_path), "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2 and "openracer people add" in done.stderr
