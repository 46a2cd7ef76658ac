"""What a model was trained with: settings, actions and reward function."""

from nicegui import ui

from openracer.console.components import card, fact_list, heading, python_code
from openracer.console.create import randomisation_section
from openracer.console.wording import (
    algorithm_words,
    network_words,
    opponent_words,
    race_titles,
    sensor_words,
)
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.settings import ContinuousActions
from openracer.models.track_words import tracks_words


def show_settings(description: TrainingDescription) -> None:
    """The settings of a training, to read."""
    with ui.element("div").classes("or-grid or-grid--2"):
        with card(_("As trained")):
            fact_list(_training(description))
        with card(_("Hyperparameters")):
            fact_list(_hyperparameters(description))
    with card(_("Action space")):
        _actions(description)
    with card(_("Reward function")):
        python_code(description.reward_source)


def _training(description: TrainingDescription) -> list[tuple[str, str]]:
    track = description.find_track()
    tracks = (
        [
            (_("Track"), f"{track.title} · {track.length:.1f} m"),
            (_("Direction"), direction(track.is_counter_clockwise)),
        ]
        if len(description.find_tracks()) == 1
        else [(_("Tracks"), tracks_words(description))]
    )
    stop = description.stop
    ends = []
    if stop.until == "clean-laps":
        ends.append(_("when every lap of two evaluations is clean"))
    if stop.minutes is not None:
        ends.append(_("after {minutes:g} minutes").format(minutes=stop.minutes))
    if stop.iterations is not None:
        ends.append(_("after {count} iterations").format(count=stop.iterations))
    return [
        *tracks,
        (_("Race type"), race_titles()[description.race_type]),
        *([(_("Opponent"), opponent_words(description.opponent))] if description.has_opponent else []),
        (_("Algorithm"), algorithm_words(description.algorithm)),
        (_("Sensor"), ", ".join(map(sensor_words, description.sensor))),
        (_("Network"), network_words(description.neural_network)),
        (_("Vehicle"), description.vehicle),
        (_("Randomisation"), _randomisation_words(description)),
        (_("Preset"), description.preset),
        (_("Cars at once"), str(description.cars)),
        (_("Stops"), ", ".join(ends) or _("when you stop it")),
    ]


def _randomisation_words(description: TrainingDescription) -> str:
    """The name of the randomisation, or its settings that are not 0."""
    settings = description.randomisation
    if settings.name != "own":
        return randomisation_section.names()[settings.name]
    labels = randomisation_section.fields()
    return ", ".join(f"{labels[name][0]} {value:g}" for name, value in settings.model_dump().items() if value)


def direction(is_counter_clockwise: bool) -> str:
    """The word for a driving direction."""
    return _("Counter-clockwise") if is_counter_clockwise else _("Clockwise")


def _hyperparameters(description: TrainingDescription) -> list[tuple[str, str]]:
    values = description.hyperparameters
    rate, entropy = f"{values.lr:g}", f"{values.beta_entropy:g}"
    if values.lr_end is not None:
        rate += f" → {values.lr_end:g}"
    if values.beta_entropy_end is not None:
        entropy += f" → {values.beta_entropy_end:g}"
    losses = {"huber": _("Huber"), "mean squared error": _("Mean squared error")}
    return [
        (_("Batch size"), str(values.batch_size)),
        (_("Epochs"), str(values.num_epochs)),
        (_("Learning rate"), rate),
        (_("Entropy"), entropy),
        (_("Discount factor"), f"{values.discount_factor:g}"),
        (_("Loss type"), losses[values.loss_type]),
        (_("Episodes between updates"), str(values.num_episodes_between_training)),
    ]


def _actions(description: TrainingDescription) -> None:
    space = description.action_space
    if isinstance(space, ContinuousActions):
        fact_list(
            [
                (_("Kind"), _("Continuous")),
                (_("Steering"), f"{space.steering_angle.low:g}° … {space.steering_angle.high:g}°"),
                (_("Speed"), f"{space.speed.low:g} … {space.speed.high:g} m/s"),
            ]
        )
        return
    heading(3, _("Discrete, {count} actions").format(count=len(space)))
    items = []
    for action in sorted(space, key=lambda action: (-action.steering_angle, action.speed)):
        angle = f"{action.steering_angle:+g}°".replace("-", "−")
        items.append(
            f'<li><span class="or-number">{angle}</span>'
            f'<span class="or-number or-faint">{action.speed:g} m/s</span></li>'
        )
    ui.html(f'<ul class="or-actions">{"".join(items)}</ul>', sanitize=False)
