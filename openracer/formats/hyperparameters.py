"""``hyperparameters.json``: the numbers of a DeepRacer training.

Defaults are those of the AWS simulator (aws-deepracer-community/deepracer-simapp,
``markov/training_worker.py``). Values may be written as text. Which values are sensible is not decided here.
"""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from openracer.atomic import write_json
from openracer.formats.documents import number, read_json_object, whole_number
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

HUBER = "huber"
MEAN_SQUARED_ERROR = "mean squared error"
EXPLORATION_TYPES = ("categorical", "e-greedy")
_PPO_ONLY = ("num_epochs", "beta_entropy")
_SAC_ONLY = ("sac_alpha",)


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """The content of a ``hyperparameters.json``.

    Attributes:
        batch_size: steps of a minibatch.
        num_epochs: passes over a rollout (PPO).
        lr: learning rate of Adam.
        beta_entropy: weight of the entropy in the loss (PPO).
        discount_factor: gamma.
        loss_type: loss of the value network; everything but ``huber`` means the squared error.
        num_episodes_between_training: episodes of a rollout.
        exploration_type: ``categorical`` or ``e-greedy``.
        e_greedy_value: final share of random actions under e-greedy.
        epsilon_steps: steps over which the share falls from 1 to that value.
        stack_size: frames of an observation; read by AWS and ignored.
        term_cond_max_episodes: training iterations (not episodes) after which AWS stops.
        term_cond_avg_score: mean score at which AWS stops.
        sac_alpha: weight of the entropy (SAC).
    """

    batch_size: int = 64
    num_epochs: int = 10
    lr: float = 0.0003
    beta_entropy: float = 0.01
    discount_factor: float = 0.999
    loss_type: str = MEAN_SQUARED_ERROR
    num_episodes_between_training: int = 20
    exploration_type: str = "categorical"
    e_greedy_value: float = 0.05
    epsilon_steps: int = 10000
    stack_size: int = 1
    term_cond_max_episodes: int = 100000
    term_cond_avg_score: float = 100000.0
    sac_alpha: float = 0.2


def read_hyperparameters(path: Path) -> Hyperparameters:
    """Read a ``hyperparameters.json`` of any year.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it does not follow the format.
    """
    return parse_hyperparameters(read_json_object(path), path.name)


def parse_hyperparameters(content: dict[str, Any], name: str = "hyperparameters.json") -> Hyperparameters:
    """Understand the object of a ``hyperparameters.json``; unknown keys are ignored, as AWS ignores them.

    Args:
        content: the JSON object.
        name: how to call the file in errors.

    Raises:
        FormatError: a value has the wrong kind.
    """
    values: dict[str, Any] = {}
    for field in fields(Hyperparameters):
        if field.name not in content:
            continue
        value, what = content[field.name], f"{name}: {field.name}"
        if field.type is int:
            values[field.name] = whole_number(value, what)
        elif field.type is float:
            values[field.name] = number(value, what)
        elif isinstance(value, str):
            values[field.name] = value.strip()
        else:
            raise FormatError(_("{what} is {value!r}; it must be text").format(what=what, value=value))
    if "loss_type" in values and values["loss_type"] != HUBER:
        values["loss_type"] = MEAN_SQUARED_ERROR
    exploration = values.get("exploration_type", EXPLORATION_TYPES[0])
    if exploration not in EXPLORATION_TYPES:
        known = ", ".join(EXPLORATION_TYPES)
        raise FormatError(
            _("{name}: exploration_type is {exploration!r}; it must be one of {known}").format(
                name=name, exploration=exploration, known=known
            )
        )
    return Hyperparameters(**values)


def format_hyperparameters(
    hyperparameters: Hyperparameters, algorithm: str = "clipped_ppo"
) -> dict[str, Any]:
    """The JSON object of the hyperparameters that are in effect for an algorithm.

    Args:
        hyperparameters: all values.
        algorithm: ``clipped_ppo`` or ``sac``; what only the other one has is left out, as AWS does.
    """
    others = _SAC_ONLY if algorithm == "clipped_ppo" else _PPO_ONLY
    return {key: value for key, value in asdict(hyperparameters).items() if key not in others}


def write_hyperparameters(
    path: Path, hyperparameters: Hyperparameters, algorithm: str = "clipped_ppo"
) -> None:
    """Write a ``hyperparameters.json`` atomically, as AWS does: sorted, two spaces.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    write_json(path, format_hyperparameters(hyperparameters, algorithm), indent=2, sort_keys=True)
