"""The wizard that makes a model."""

from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from openracer import service
from openracer.console.assets import asset
from openracer.console.components import (
    confirm,
    empty_state,
    error_toast,
    in_thread,
    page_heading,
    plain_button,
    primary_button,
)
from openracer.console.create import (
    action_step,
    learning_step,
    review_step,
    reward_step,
    track_step,
    vehicle_step,
)
from openracer.console.create.draft import BROWSER_COOKIE, Draft, browser_of, draft_of, new_draft
from openracer.console.create.form import Form
from openracer.console.layout import frame
from openracer.language import gettext as _
from openracer.models.library import ModelExistsError, own_model
from openracer.rewards import examples
from openracer.rewards.validation import validate


def register() -> None:
    """Define the page's routes."""

    @ui.page("/models/create")
    def _page(clone: str = "") -> None:
        title = _("Clone model") if clone else _("Create model")
        with frame(title, active="create"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("create.css")}">')
            browser = browser_of(ui.context.client.request.cookies)
            try:
                if clone:
                    own_model(clone).description()
                draft = draft_of(browser, clone)
            except (ValueError, OSError) as error:
                page_heading(title)
                with empty_state("o_search_off", _("This model cannot be cloned"), str(error)):
                    primary_button(_("Your models")).props("href=/models")
                return
            ui.run_javascript(
                f"document.cookie = '{BROWSER_COOKIE}={browser};path=/;max-age=31536000;samesite=lax'"
            )
            Wizard(draft, title)


@dataclass(frozen=True)
class _Step:
    title: str
    places: tuple[str, ...]
    build: Callable[[], None]


class Wizard:
    """The steps, one shown at a time, and the way between them."""

    def __init__(self, draft: Draft, title: str) -> None:
        self._draft = draft
        self._form = Form(draft)
        explanation = (
            _("A clone begins with what {model} has learned.").format(model=draft.source)
            if draft.source
            else ""
        )
        self._root = ui.element("div")
        with self._root:
            self._build(title, explanation)

    def _build(self, title: str, explanation: str) -> None:
        draft = self._draft
        with page_heading(title, explanation):
            self._start_over = plain_button(_("Start over"), icon="o_restart_alt", on_click=self._begin_again)
        self._start_over.set_visibility(draft.is_resumed)
        self._note = ui.label(_("This is your draft, as you left it.")).classes("cw-note")
        self._note.set_visibility(draft.is_resumed)
        self._steps = self._make_steps()
        self._bar = ui.element("ol").classes("cw-steps").props(f'aria-label="{_("Steps")}"')
        self._content = ui.element("div").classes("cw-content")
        self._errors = (
            ui.element("div").classes("or-stack or-stack--tight cw-errors").props('aria-live="assertive"')
        )
        self._buttons = ui.element("div").classes("cw-buttons")
        self._show()

    def _make_steps(self) -> list[_Step]:
        form = self._form
        return [
            _Step(_("Model and track"), track_step.PLACES, lambda: track_step.build(form)),
            _Step(
                _("Race type and learning"),
                learning_step.PLACES,
                lambda: learning_step.build(form, self._show),
            ),
            _Step(_("Action space"), action_step.PLACES, lambda: action_step.build(form, self._show)),
            _Step(_("Vehicle"), vehicle_step.PLACES, lambda: vehicle_step.build(form, self._show)),
            _Step(_("Reward function"), reward_step.PLACES, lambda: reward_step.build(form)),
            _Step(_("Stop and review"), review_step.PLACES, lambda: review_step.build(form, self._go)),
        ]

    @property
    def _at(self) -> int:
        return min(max(self._draft.step, 0), len(self._steps) - 1)

    def _show(self) -> None:
        self._form.begin()
        self._form.check()
        self._errors.clear()
        self._bar.clear()
        with self._bar:
            for number, step in enumerate(self._steps):
                self._step_button(number, step)
        self._content.clear()
        with self._content:
            self._steps[self._at].build()
        self._buttons.clear()
        with self._buttons:
            self._footer()

    def _step_button(self, number: int, step: _Step) -> None:
        state = "is-now" if number == self._at else "is-done" if number < self._at else ""
        with ui.element("li").classes(f"cw-step {state}"):
            button = ui.element("button").props(
                'type="button"' + (' aria-current="step"' if state == "is-now" else "")
            )
            button.on("click", lambda: self._go(number))
            with button:
                with ui.element("span").classes("cw-step__number"):
                    if state == "is-done":
                        ui.icon("o_check")
                    else:
                        ui.label(str(number + 1)).classes("or-inline")
                ui.label(step.title).classes("cw-step__title")

    def _footer(self) -> None:
        if self._at > 0:
            plain_button(_("Back"), icon="o_arrow_back", on_click=lambda: self._go(self._at - 1))
        ui.label(_("Step {number} of {count}").format(number=self._at + 1, count=len(self._steps))).classes(
            "or-faint or-small"
        )
        ui.element("div").classes("or-grow")
        if self._at < len(self._steps) - 1:
            primary_button(_("Next"), on_click=lambda: self._go(self._at + 1)).props(
                "icon-right=o_arrow_forward"
            )
            return
        plain_button(_("Create only"), on_click=lambda: self._make(train=False))
        primary_button(_("Create and train"), icon="o_play_arrow", on_click=lambda: self._make(train=True))

    async def _go(self, step: int) -> None:
        """Go to a step; forward only past steps in which nothing is wrong."""
        with self._root:  # the button that was clicked may be gone before this is done
            if step > self._at and not await self._is_right(self._at, step):
                return
            self._draft.step = step
            try:
                self._draft.save()
            except OSError as error:
                error_toast(error)
            self._show()
            ui.run_javascript("window.scrollTo({top: 0})")

    async def _is_right(self, first: int, last: int) -> bool:
        """Whether steps can be passed; what keeps one from being passed is said."""
        self._errors.clear()
        self._form.check()
        for number in range(last):
            wrong = self._form.reveal(self._steps[number].places)
            if wrong:
                self._tell(number, list(wrong.values()))
                return False
        reward = next(k for k, step in enumerate(self._steps) if step.places == reward_step.PLACES)
        return not first <= reward < last or await self._is_reward_right(reward)

    async def _is_reward_right(self, number: int) -> bool:
        source = str(self._draft.value("reward_source"))
        if source in map(examples.source, examples.names()):
            return True
        description = self._draft.description()
        problems = await in_thread(validate, source, description.find_track())
        lines = [
            f"{_('Line {line}').format(line=found.line)}: {found.message}" if found.line else found.message
            for found in problems
        ]
        self._tell(number, lines)
        return not problems

    def _tell(self, number: int, sentences: list[str]) -> None:
        """Say what is wrong in a step, with the way there if it is another one."""
        self._errors.clear()
        with self._errors:
            for sentence in sentences:
                with ui.element("div").classes("or-error").props('role="alert"'):
                    ui.icon("o_error_outline")
                    ui.label(sentence)
            if sentences and number != self._at:
                plain_button(
                    _("Go to step {number}, {title}").format(
                        number=number + 1, title=self._steps[number].title
                    ),
                    on_click=lambda: self._go(number),
                )

    async def _make(self, train: bool) -> None:
        """Make the model, and have it trained."""
        with self._root:
            if not await self._is_right(0, len(self._steps)):
                return
            try:
                folder = await in_thread(self._draft.make)
                if train:
                    service.current_queue().submit_training(folder.name, self._draft.race)
            except ModelExistsError as error:
                self._form.check()
                self._tell(0, [str(error)])
            except (ValueError, OSError) as error:
                error_toast(error)
            else:
                ui.navigate.to(f"/models/{folder.name}?tab=training")

    async def _begin_again(self) -> None:
        sure = await confirm(
            _("Start over?"), _("Everything you typed in this draft is forgotten."), _("Start over")
        )
        if not sure:
            return
        draft = self._draft
        draft.path.unlink(missing_ok=True)
        try:
            fresh = new_draft(draft.path, draft.source)
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        self._draft.__dict__.update(fresh.__dict__)
        self._start_over.set_visibility(False)
        self._note.set_visibility(False)
        self._show()
