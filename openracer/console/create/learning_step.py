"""Second step: the race type, a preset, and the numbers of the learner."""

from collections.abc import Callable

from nicegui import ui

from openracer.console.components import card, heading
from openracer.console.create import race_section
from openracer.console.create.form import Form, choice_field, number_field, switch_field
from openracer.language import gettext as _

PLACES = (
    "race_type",
    "objects",
    "opponent",
    "refresh_opponent",
    "preset",
    "algorithm",
    "hyperparameters",
    "collector",
    "steps_per_car",
    "cars",
    "privileged_critic",
    "slow_start",
    "seed",
    "change_start_position",
    "round_robin_advance_dist",
    "evaluation",
)


def build(form: Form, rebuild: Callable[[], None]) -> None:
    """Show the step; ``rebuild`` shows it anew."""
    race_section.build(form, rebuild)
    with ui.element("section").classes("or-section"):
        heading(2, _("Preset"))
        ui.label(
            _(
                "A preset sets everything below. Change what you like afterwards; choosing a preset again resets it."
            )
        ).classes("or-muted")
        with ui.element("div").classes("cf-choices").props(f'role="radiogroup" aria-label="{_("Preset")}"'):
            for name in ("fast", "race", "aws"):
                _preset(form, name, rebuild)
    with ui.element("section").classes("or-section"):
        heading(2, _("Algorithm and hyperparameters"))
        with card():
            ui.label(
                _(
                    "PPO: the policy is improved a little after every batch of driving, and never far from the one "
                    "that drove. It works with discrete and with continuous actions."
                )
            ).classes("or-muted")
            ui.element("hr").classes("or-divider")
            with ui.element("div").classes("cf-grid"):
                _main_hyperparameters(form)
        with ui.expansion(_("More settings"), icon="o_tune").classes("cf-more") as more:
            with ui.element("div").classes("cf-grid"):
                _other_hyperparameters(form)
            heading(3, _("Collecting experience"))
            with ui.element("div").classes("cf-grid"):
                _collecting(form)
            heading(3, _("Evaluations during the training"))
            with ui.element("div").classes("cf-grid"):
                _evaluation(form)
        if any(place[-1] in _HIDDEN for place in form.problems):
            more.open()


_HIDDEN = (
    "lr_end",
    "beta_entropy_end",
    "entropy_steps",
    "gae_lambda",
    "exploration_type",
    "e_greedy_value",
    "epsilon_steps",
    "sac_alpha",
    "updates_per_step",
    "replay_frames",
    "random_shift",
    "steps_per_car",
    "cars",
    "slow_start",
    "seed",
    "round_robin_advance_dist",
    "trials",
    "max_share",
)


def _preset(form: Form, name: str, rebuild: Callable[[], None]) -> None:
    titles = {"fast": _("Fast learner"), "race": _("Race"), "aws": _("As on AWS")}
    words = {
        "fast": _(
            "Clean laps as soon as possible: 64 cars learn at once with a small network, often within a minute or two."
        ),
        "race": _(
            "The fastest clean lap: more actions up to 4 m/s and a reward for real speed. Give it ten minutes or more."
        ),
        "aws": _(
            "Learning as it was in the DeepRacer console: its network, its defaults and its limits. Much slower, for "
            "comparing and for taking a model to AWS."
        ),
    }
    icons = {"fast": "o_bolt", "race": "o_emoji_events", "aws": "o_cloud"}
    chosen = form.draft.preset == name
    button = ui.element("button").classes("cf-choice" + (" is-chosen" if chosen else ""))
    button.props(f'type="button" role="radio" aria-checked="{str(chosen).lower()}" data-preset="{name}"')

    def choose() -> None:
        form.draft.choose_preset(name)
        form.check()
        rebuild()

    button.on("click", choose)
    with button:
        ui.icon(icons[name]).classes("cf-choice__icon")
        with ui.element("div"):
            ui.label(titles[name]).classes("cf-choice__title")
            ui.label(words[name]).classes("cf-help")


def _main_hyperparameters(form: Form) -> None:
    group = "hyperparameters"
    algorithm = choice_field(
        form,
        ("algorithm",),
        _("Algorithm"),
        _(
            "SAC is for ranges of actions: it learns again and again from everything it drove, which takes fewer steps "
            "and more computing."
        ),
        {"clipped_ppo": "PPO", "sac": "SAC"},
    )
    if form.draft.source:
        algorithm.props("disable")
    number_field(
        form,
        (group, "batch_size"),
        _("Batch size"),
        _("Steps of one gradient step. Larger is steadier and slower to react."),
    )
    number_field(
        form,
        (group, "num_epochs"),
        _("Number of epochs"),
        _("How often each batch of driving is gone through."),
    )
    number_field(
        form,
        (group, "lr"),
        _("Learning rate"),
        _("How far each gradient step goes. Too large never settles."),
    )
    number_field(
        form, (group, "beta_entropy"), _("Entropy"), _("What being undecided is worth. More explores more.")
    )
    number_field(
        form,
        (group, "discount_factor"),
        _("Discount factor"),
        _("What a reward one step later is worth: 0.98 looks about 50 steps ahead, 0.999 about 1000."),
    )
    choice_field(
        form,
        (group, "loss_type"),
        _("Loss type"),
        _("How the critic's errors count: Huber lets large ones count less."),
        {"huber": _("Huber"), "mean squared error": _("Mean squared error")},
    )
    number_field(
        form,
        (group, "num_episodes_between_training"),
        _("Episodes between policy updates"),
        _(
            "Complete episodes that one update learns from, where episodes are collected; always those of a trace file."
        ),
    )


def _other_hyperparameters(form: Form) -> None:
    group = "hyperparameters"
    number_field(
        form,
        (group, "lr_end"),
        _("Learning rate at the end"),
        _("The learning rate falls to it. Empty: it stays."),
    )
    number_field(
        form,
        (group, "beta_entropy_end"),
        _("Entropy at the end"),
        _("The entropy's weight moves to it. Empty: it stays."),
    )
    number_field(
        form, (group, "entropy_steps"), _("Steps until then"), _("Steps within which it moves there.")
    )
    number_field(
        form,
        (group, "gae_lambda"),
        _("GAE lambda"),
        _("1 trusts what was earned, 0 what the critic expects."),
    )
    choice_field(
        form,
        (group, "exploration_type"),
        _("Exploration"),
        _("Draw from the policy's probabilities, or take its best action but for a share of random ones."),
        {"categorical": _("Categorical"), "e-greedy": _("Epsilon greedy")},
    )
    number_field(
        form,
        (group, "e_greedy_value"),
        _("Epsilon"),
        _("Share of random actions at the end, for epsilon greedy."),
    )
    number_field(
        form,
        (group, "epsilon_steps"),
        _("Epsilon steps"),
        _("Steps within which the share falls from 1 to epsilon."),
    )
    number_field(
        form,
        (group, "sac_alpha"),
        _("Alpha (SAC)"),
        _("What being undecided is worth to SAC, in units of reward."),
    )
    number_field(
        form,
        (group, "updates_per_step"),
        _("Gradient steps (SAC)"),
        _("How many for each step of a car. More learn faster from the same driving, and take longer."),
    )
    number_field(
        form,
        (group, "replay_frames"),
        _("Memory (SAC)"),
        _("Frames that SAC learns from; 100,000 of a camera are 1.9 GB."),
    )
    number_field(
        form,
        (group, "random_shift"),
        _("Random shift (SAC)"),
        _("SAC learns from frames that are moved at random by up to so many pixels."),
    )


def _collecting(form: Form) -> None:
    choice_field(
        form,
        ("collector",),
        _("Between two updates"),
        _("A fixed number of steps of every car, or complete episodes as on AWS."),
        {"steps": _("Steps"), "episodes": _("Complete episodes")},
    )
    number_field(form, ("cars",), _("Cars"), _("How many drive at once, each alone on its own track."))
    number_field(
        form, ("steps_per_car",), _("Steps of each car"), _("Between two updates, where steps are collected.")
    )
    number_field(
        form,
        ("slow_start",),
        _("Slow start"),
        _("How much a new policy prefers slow actions; 0 treats all alike."),
    )
    number_field(form, ("seed",), _("Seed"), _("Of all random numbers."))
    number_field(
        form,
        ("round_robin_advance_dist",),
        _("Distance between starts"),
        _("How much further along the lap each episode begins, as a share of it."),
    )
    switch_field(
        form,
        ("change_start_position",),
        _("Start all around the track"),
        _("Off: every episode begins at the start line."),
    )
    if not form.draft.source:
        switch_field(
            form,
            ("privileged_critic",),
            _("The critic sees the exact state"),
            _("Only while training, and never the policy. It learns in less time so."),
        )


def _evaluation(form: Form) -> None:
    number_field(
        form,
        ("evaluation", "trials"),
        _("Trials"),
        _("Laps of each evaluation, their starts spread over the track."),
    )
    number_field(
        form,
        ("evaluation", "max_share"),
        _("Share of the time"),
        _("What part of the training's time they may take."),
    )
