"""Reinforcement learning in five short steps with live pictures, ending in a first car."""

from collections.abc import Callable

from nicegui import ui

from openracer.console import lesson
from openracer.console.assets import asset
from openracer.console.components import heading, page_heading, plain_link, primary_button
from openracer.console.layout import frame
from openracer.console.pages.home import start_first_car
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/get-started")
    def _page() -> None:
        with frame(_("Get started"), active="get_started"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("lesson.css")}">')
            page_heading(
                _("Get started"), _("Reinforcement learning in five short steps. Then train your first car.")
            )
            for number, (title, words, picture) in enumerate(_steps(), start=1):
                _step(number, title, words, picture)
            _first_car()


def _steps() -> list[tuple[str, list[str], Callable[[], None]]]:
    return [
        (
            _("An agent acts in an environment"),
            [
                _(
                    "The agent is the small network that drives the car. The environment is the track around it, "
                    "here a simulated one."
                ),
                _(
                    "Fifteen times a second the agent looks at the state and chooses an action; the environment "
                    "answers with the next state and a reward. Nobody shows it how to drive."
                ),
            ],
            lambda: _drawing(lesson.cycle_picture()),
        ),
        (
            _("The state is what the camera sees, the action is what the car does"),
            [
                _(
                    "The car sees one grey picture of 160 × 120 pixels and nothing else: no map, no position, no speed."
                ),
                _(
                    "An action is a steering angle with a speed. For every picture the network says how likely each "
                    "action is, and the car takes one."
                ),
            ],
            _state_and_action,
        ),
        (
            _("The reward says what is good"),
            [
                _(
                    "A reward function, a few lines of Python that you write, gives points for every step. This one "
                    "gives most near the centre line and almost none near the border."
                ),
                _(
                    "The car looks for the driving that earns the most until the end, not only now. What you reward "
                    "is what you get, so reward what you mean."
                ),
            ],
            lambda: _drawing(lesson.reward_picture(), "or-lesson__field"),
        ),
        (
            _("Episodes become iterations, iterations become a driver"),
            [
                _(
                    "An episode is one attempt, from the start until the car leaves the track or completes its lap. "
                    "After some episodes the network is changed so that what earned much becomes likelier: one "
                    "iteration."
                ),
                _("These are recorded attempts of a real training, from its first minute to its last."),
            ],
            _attempts,
        ),
        (
            _("Explore first, exploit later"),
            [
                _(
                    "A car that only repeats what it knows never finds a better line; one that only tries never "
                    "finishes a lap. So it begins by trying nearly at random and becomes surer with every iteration."
                ),
                _(
                    "How long it keeps trying is one of the numbers you can set: the entropy. In an evaluation it only "
                    "exploits: it always takes its best action."
                ),
            ],
            lambda: _drawing(lesson.exploration_picture()),
        ),
    ]


def _step(number: int, title: str, words: list[str], picture: Callable[[], None]) -> None:
    with ui.element("section").classes("or-card or-lesson"):
        with ui.element("div").classes("or-lesson__words"):
            ui.label(str(number)).classes("or-lesson__number")
            heading(2, title)
            for paragraph in words:
                ui.label(paragraph).classes("or-muted")
        with ui.element("div").classes("or-lesson__picture"):
            picture()


def _drawing(svg: str, classes: str = "") -> None:
    ui.html(svg, sanitize=False).classes(f"or-lesson__drawing {classes}")


def _picture(name: str, words: str) -> None:
    # Not ui.image: a plain image keeps two animations in step and needs no script.
    with ui.element("figure").classes("or-lesson__figure"):
        ui.element("img").props(f'src="{asset(name)}" alt="{words}" loading="lazy"')
        with ui.element("figcaption"):
            ui.label(words)


def _state_and_action() -> None:
    with ui.element("div").classes("or-lesson__pair"):
        _picture("lesson_chase.webp", _("The environment, seen from behind"))
        _picture("lesson_camera.webp", _("The state: what the car sees"))
    _drawing(lesson.action_picture())


def _attempts() -> None:
    with ui.element("div").classes("or-lesson__attempts"):
        for stage in range(3):
            episode, reached = lesson.attempts_words(stage)
            with ui.element("figure").classes("or-lesson__figure"):
                _drawing(lesson.attempts_picture(stage), "or-lesson__field")
                with ui.element("figcaption"):
                    ui.label(episode).classes("or-strong")
                    ui.label(reached).classes("or-faint")


def _first_car() -> None:
    with ui.element("section").classes("or-card or-lesson__end"):
        heading(2, _("Now train your first car"))
        ui.label(
            _(
                "One click makes a model with good settings and starts its training. You watch it live; its first "
                "complete laps come in well under a minute, and it stops by itself once they are clean."
            )
        ).classes("or-lead")
        with ui.element("div").classes("or-line"):
            primary_button(_("Train your first car"), "o_play_arrow", start_first_car)
            plain_link(_("Choose everything myself"), "/models/create")
