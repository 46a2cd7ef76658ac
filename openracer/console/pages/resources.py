"""The documentation: an overview, and each page with its table of contents."""

from nicegui import app, ui
from starlette.staticfiles import StaticFiles

from openracer import language
from openracer.console import guide
from openracer.console.assets import asset
from openracer.console.components import empty_state, heading, page_heading, plain_link, primary_link
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""
    app.mount(guide.IMAGES_PATH, StaticFiles(directory=guide.docs_folder() / "images"))

    @ui.page("/resources")
    def _overview() -> None:
        with frame(_("Resources"), active="resources"):
            _style()
            page_heading(
                _("Resources"), _("Everything there is to know, from the first reward to the file formats.")
            )
            for title, entries in _groups():
                with ui.element("section").classes("or-section"):
                    heading(2, title)
                    with ui.element("div").classes("or-guidecards"):
                        for name, icon, summary in entries:
                            _card(name, icon, summary)

    @ui.page("/resources/{name}")
    def _page(name: str) -> None:
        if name not in guide.PAGES:
            ui.context.client.status_code = 404
            with (
                frame(_("Resources"), active="resources"),
                empty_state(
                    "o_menu_book", _("There is no such page"), _("The overview shows those that there are.")
                ),
            ):
                primary_link(_("Resources"), "/resources")
            return
        page = guide.guide_page(name, language.current_language())
        with frame(page.title, active="resources"):
            _style()
            _article(page)


def _style() -> None:
    ui.add_head_html(f'<link rel="stylesheet" href="{asset("resources.css")}">')


def _groups() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The overview: groups of pages, each with its icon and what it is about."""
    return [
        (
            _("For every racer"),
            [
                (
                    "reward_parameters",
                    "o_tune",
                    _("Every value that a reward function is told, and its surprises."),
                ),
                ("tips", "o_lightbulb", _("What helps to get from a first lap to a fast one.")),
                ("rules", "o_flag", _("How a lap is timed, what ends an episode, which lap counts.")),
                (
                    "real_car",
                    "o_directions_car",
                    _("From a trained model to a car on the floor, step by step."),
                ),
                (
                    "aws_models",
                    "o_cloud_download",
                    _("What you trained on AWS, driven and trained further here."),
                ),
                ("glossary", "o_translate", _("The words of reinforcement learning and racing, explained.")),
            ],
        ),
        (
            _("Developer guide"),
            [
                (
                    "training",
                    "o_school",
                    _("All settings of a training, and how one is done from the command line."),
                ),
                ("tracks", "o_route", _("Built-in tracks, and how to bring your own.")),
                ("raceline", "o_timeline", _("The quickest line around a track, and how it is found.")),
                (
                    "camera",
                    "o_photo_camera",
                    _("What the car sees, and how true it is to the real simulator."),
                ),
                ("model_folder", "o_folder", _("What is in a model's folder, file by file.")),
                ("environments", "o_code", _("The Gymnasium environment for research.")),
                ("benchmarks", "o_speed", _("How fast simulator and learning are, measured.")),
                ("architecture", "o_account_tree", _("How the parts of OpenRacer fit together.")),
            ],
        ),
    ]


def _card(name: str, icon: str, summary: str) -> None:
    page = guide.guide_page(name, language.current_language())
    with ui.link(target=f"/resources/{name}").classes("or-card or-card--link or-guidecard"):
        ui.icon(icon)
        ui.label(page.title).classes("or-h3")
        ui.label(summary).classes("or-muted or-small")


def _article(page: guide.GuidePage) -> None:
    with ui.element("div").classes("or-guide"):
        with ui.element("article").classes("or-card or-guide__article"):
            plain_link(_("All pages"), "/resources", "o_arrow_back").props("dense").classes("or-guide__back")
            heading(1, page.title)
            if not page.is_translated:
                with ui.element("div").classes("or-note"):
                    ui.label(_("This page is in English only so far."))
            ui.html(page.html, sanitize=False).classes("or-prose")
        if len(page.sections) > 1:
            with ui.element("nav").classes("or-guide__contents").props(f'aria-label="{_("On this page")}"'):
                ui.label(_("On this page")).classes("or-h4")
                for section in page.sections:
                    ui.link(section.title, f"#{section.anchor}")
