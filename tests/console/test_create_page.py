"""The wizard that makes a model, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from openracer.models import library
from openracer.models.description import TrainingDescription


def step(page, number):
    expect(page.locator(f".cw-step:nth-child({number})")).to_have_class(re.compile("is-now"))


def go_on(page):
    page.locator(".cw-buttons .or-primary").last.click()


def test_a_model_is_made_step_by_step_and_mistakes_are_told_at_their_fields(
    page, words, console_home, language
):
    name = f"made-in-{language}"
    page.goto("/models/create")
    field = page.get_by_label(words("Model name"))
    for wrong in ("my_car", "내-자동차", "x" * 65):
        field.fill(wrong)
        expect(page.locator(".q-field__messages", has_text=re.compile(r"1\D+64")).last).to_be_visible()
        go_on(page)
        expect(page.locator(".cw-errors .or-error")).to_be_visible()
        step(page, 1)
    field.fill(name)
    page.get_by_placeholder(words("Search tracks")).fill("vegas")
    expect(page.locator(".tc-card")).to_have_count(1)
    page.locator('[data-track="Vegas_track"]').click()
    expect(page.locator('[data-track="Vegas_track"]')).to_have_class(re.compile("is-chosen"))
    go_on(page)

    step(page, 2)
    page.locator('[data-preset="aws"]').click()
    rate = page.get_by_label(words("Learning rate"), exact=True)
    expect(rate).to_have_value("0.0003")
    rate.fill("0.01")
    expect(page.locator(".q-field--error .q-field__messages").last).to_contain_text("0.01")
    go_on(page)
    step(page, 2)
    page.locator('[data-preset="fast"]').click()
    expect(rate).to_have_value("0.001")
    go_on(page)

    step(page, 3)
    page.locator('[data-space="continuous"]').click()
    expect(page.locator('[data-key="speed-high"]')).to_be_visible()
    highest = page.get_by_label(words("Highest speed"), exact=True).and_(page.locator("input"))
    highest.fill("3.5")
    expect(page.locator('[data-key="speed-high"]')).to_have_attribute("aria-valuenow", "3.5")
    page.locator('[data-key="steering_angle-high"]').press("ArrowUp")
    page.locator('[data-key="steering_angle-low"]').press("ArrowUp")
    right = page.get_by_label(words("Steering limit right"), exact=True).and_(page.locator("input"))
    expect(right).to_have_value("-29")
    go_on(page)

    step(page, 4)
    go_on(page)
    step(page, 5)
    page.reload()  # nothing is lost
    step(page, 5)
    go_on(page)
    step(page, 6)
    expect(page.get_by_text("AWS Summit Raceway", exact=False).first).to_be_visible()
    page.get_by_role("button", name=words("Create only")).click()
    page.wait_for_url(f"**/models/{name}?tab=training")
    made = library.open_model(name).description()
    assert made.track == "Vegas_track"
    assert (made.actions.steering_low_deg, made.actions.steering_high_deg) == (-29, 30)
    assert made.actions.speed_high == 3.5


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_a_mistake_in_the_reward_function_is_told_with_its_line(page, words):
    page.goto("/models/create")
    page.locator(".cw-step:nth-child(5) button").click()
    step(page, 5)
    code = page.locator(".cm-content")
    code.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text("def reward_function(params):\n    return 1 / 0\n")
    page.get_by_role("button", name=words("Validate")).click()
    expect(page.locator(".rs-editor .or-error")).to_contain_text("ZeroDivisionError")
    expect(page.locator(".rs-editor .or-error")).to_contain_text(words("Line {line}").format(line=2))
    expect(page.locator(".cm-line.rs-bad")).to_contain_text("1 / 0")
    go_on(page)
    expect(page.locator(".cw-errors .or-error")).to_contain_text("ZeroDivisionError")
    step(page, 5)
    code.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text("#" * 140_001)
    expect(page.locator(".cf-problem", has_text="140001")).to_be_visible()
    page.get_by_role("button", name=words("Examples")).click()
    page.locator(".rs-example").nth(1).click()
    expect(page.locator(".cm-content")).to_contain_text("Stay inside the borders")
    expect(page.locator(".rm-high")).to_have_text("1")
    go_on(page)
    step(page, 6)


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_two_browsers_that_want_one_name_and_a_model_that_is_gone(page, console_home):
    page.goto("/models/create")
    page.get_by_label("Model name").fill("wanted-twice")
    page.locator(".cw-step:nth-child(6) button").click()
    step(page, 6)
    library.create_model(TrainingDescription.from_values({"name": "wanted-twice"}))
    page.get_by_role("button", name="Create only").click()
    expect(page.locator(".cw-errors .or-error")).to_contain_text("already")
    page.goto("/models/create?clone=never-made")
    expect(page.get_by_text("there is no model", exact=False)).to_be_visible()


def test_no_step_is_wider_than_a_phone(phone_page):
    phone_page.goto("/models/create")
    for number in range(1, 7):
        step(phone_page, number)
        assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390, number
        if number < 6:
            go_on(phone_page)
