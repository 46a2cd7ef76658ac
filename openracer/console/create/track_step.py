"""First step: what the model is called, and where it learns to drive."""

from nicegui import ui

from openracer.console.components import card, heading
from openracer.console.create.form import Form, labelled, switch_field, text_field
from openracer.console.track_cards import TrackCards
from openracer.language import gettext as _
from openracer.models.ranges import MAX_DESCRIPTION, MAX_NAME
from openracer.models.track_words import track_words
from openracer.tracks import catalogue
from openracer.tracks.facts import direction_words, facts

PLACES = ("name", "description", "track", "reverse", "other_tracks", "alternate_direction")


def build(form: Form) -> None:
    """Show the step."""
    with card(_("Details")), ui.element("div").classes("cf-grid"):
        text_field(
            form,
            ("name",),
            _("Model name"),
            _("Letters, digits and hyphens, at most {limit}.").format(limit=MAX_NAME),
        )
        text_field(
            form,
            ("description",),
            _("Description (optional)"),
            _("A note for yourself, at most {limit} characters.").format(limit=MAX_DESCRIPTION),
        )
        if form.draft.source:
            _checkpoint(form)
    with ui.element("section").classes("or-section"):
        with ui.element("div").classes("or-line"):
            heading(2, _("Track"))
            name = ui.label().classes("or-chip or-chip--plain")
        TrackCards(chosen=_chosen(form), on_choose=lambda name: _choose(form, name))
    direction = ui.element("section").classes("or-section")

    def show_direction() -> None:
        chosen = _chosen(form)
        name.set_text(catalogue.find(chosen).title if chosen else "")
        name.set_visibility(chosen is not None)
        direction.clear()
        with direction:
            _direction(form)

    show_direction()
    form.on_change(show_direction)


def _chosen(form: Form) -> str | None:
    try:
        return catalogue.find(str(form.draft.value("track"))).name
    except ValueError:
        return None


def _choose(form: Form, name: str) -> None:
    form.change(name, "track")


def _direction(form: Form) -> None:
    problem = form.problem_at("track")
    if problem is not None:
        ui.label(problem).classes("cf-problem")
        return
    track = catalogue.find(str(form.draft.value("track")))
    heading(2, _("Direction"))
    ways = facts(track)["directions"]
    options = {False: direction_words(ways[0]), True: direction_words(ways[1])}
    ui.radio(
        options,
        value=bool(form.draft.value("reverse")),
        on_change=lambda event: form.change(event.value, "reverse"),
    ).props("inline")
    with ui.element("div").classes("cf-grid"):
        _further_tracks(form)
        switch_field(
            form,
            ("alternate_direction",),
            _("Both directions"),
            _("Half of the cars drive every track the other way round."),
        )


def _further_tracks(form: Form) -> None:
    """A field for tracks that are learned at the same time."""
    label = _("Further tracks (optional)")
    others = [track for track in catalogue.all_tracks() if track.name != _chosen(form)]
    options = {
        way.directed_name: track_words(way.name, way.is_reversed)
        for track in others
        for way in (track, track.reverse())
    }
    given = [name for name in form.draft.value("other_tracks") or () if name in options]
    with labelled(
        label, _("The cars are spread evenly over all tracks, and each track is evaluated."), "other_tracks"
    ):
        field = ui.select(
            options,
            value=given,
            multiple=True,
            with_input=True,
            on_change=lambda event: form.draft.set(event.value, "other_tracks"),
        ).props(f'outlined dense options-dense use-chips aria-label="{label}"')
    form.add(("other_tracks",), field)


def _checkpoint(form: Form) -> None:
    with labelled(
        _("Start from"),
        _("The weights of {model} that the clone begins with.").format(model=form.draft.source),
    ):
        options = {"best": _("the best checkpoint"), "last": _("the last checkpoint")}
        ui.select(
            options, value=form.draft.checkpoint, on_change=lambda event: _keep(form, event.value)
        ).props("outlined dense options-dense")


def _keep(form: Form, checkpoint: str) -> None:
    form.draft.checkpoint = checkpoint
    form.draft.save()
