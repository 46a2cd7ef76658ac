"""The frame of every page: menu, language, theme, phone, addresses that lead nowhere."""

import re

import pytest
from playwright.sync_api import expect

PAGES = (
    "/",
    "/get-started",
    "/models",
    "/models/compare",
    "/models/create",
    "/garage",
    "/tracks",
    "/drive",
    "/resources",
    "/settings",
)


def test_every_page_has_its_title_and_menu_in_the_browsers_language(page, words, language):
    for path in PAGES:
        page.goto(path)
        expect(page.locator("h1").first).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", {"en": "en-US", "ko": "ko-KR"}[language])
        menu = page.get_by_role("navigation")
        expect(menu.get_by_role("link", name=words("Your models"))).to_be_visible()
        if language == "ko":
            expect(page.locator("h1").first).to_have_text(re.compile("[가-힣]"))


def test_the_switch_changes_the_language_for_good(page):
    page.goto("/models")
    for name, title in (("한국어", "내 모델"), ("English", "Your models")):
        page.get_by_role("button", name=name).click()
        expect(page.locator("h1").first).to_have_text(title)
        page.goto("/models")
        expect(page.locator("h1").first).to_have_text(title)


def test_the_theme_goes_from_the_systems_to_dark_to_light(page, words):
    page.goto("/")
    for now, following in (("Theme: as the system", "dark"), ("Theme: dark", "light")):
        page.get_by_role("button", name=words(now)).click()
        expect(page.locator("body")).to_have_class(re.compile(f"body--{following}"))


def test_the_menu_of_a_phone_opens_and_leads_on(phone_page, words):
    phone_page.goto("/")
    link = phone_page.get_by_role("link", name=words("Settings"))
    expect(link).not_to_be_in_viewport()
    phone_page.get_by_role("button", name=words("Menu")).click()
    link.click()
    expect(phone_page.locator("h1").first).to_have_text(words("Settings"))


def test_no_page_is_wider_than_a_phone(phone_page):
    for path in PAGES:
        phone_page.goto(path)
        expect(phone_page.locator("h1").first).to_be_visible()
        assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_an_address_that_leads_nowhere_says_so(browser, console, words):
    context = browser.new_context(base_url=console.url, locale="en-US")
    page = context.new_page()
    answer = page.goto("/nowhere/at/all")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()
    context.close()
