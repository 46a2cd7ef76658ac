"""hyperparameters.json: text or numbers, AWS's defaults, and what is said of broken ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats.errors import FormatError
from openracer.formats.hyperparameters import (
    Hyperparameters,
    format_hyperparameters,
    parse_hyperparameters,
    read_hyperparameters,
    write_hyperparameters,
)

positive = st.floats(1e-9, 1e9)
hyperparameters = st.builds(
    Hyperparameters,
    batch_size=st.integers(1, 4096),
    num_epochs=st.integers(1, 100),
    lr=positive,
    beta_entropy=positive,
    discount_factor=positive,
    loss_type=st.sampled_from(["huber", "mean squared error"]),
    exploration_type=st.sampled_from(["categorical", "e-greedy"]),
    e_greedy_value=positive,
    epsilon_steps=st.integers(1, 10**7),
    term_cond_avg_score=positive,
)


@given(hyperparameters, st.booleans())
def test_what_is_written_is_read_back(value: Hyperparameters, as_text: bool) -> None:
    content = json.loads(json.dumps(format_hyperparameters(value)))
    if as_text:
        content = {key: str(item) for key, item in content.items()}
    assert parse_hyperparameters(content) == value


def test_missing_values_are_the_simulators_defaults() -> None:
    assert parse_hyperparameters({}) == Hyperparameters()
    assert Hyperparameters().loss_type == "mean squared error"


@pytest.mark.parametrize("loss_type", ["mean_squared_error", "Huber", "mse", ""])
def test_every_loss_but_huber_is_the_squared_error(loss_type: str) -> None:
    assert parse_hyperparameters({"loss_type": loss_type}).loss_type == "mean squared error"


def test_keys_that_aws_does_not_know_are_ignored() -> None:
    assert parse_hyperparameters({"colour": "red", "max_sample_count": 0}) == Hyperparameters()


def test_each_algorithm_has_its_own_keys() -> None:
    ppo, sac = format_hyperparameters(Hyperparameters()), format_hyperparameters(Hyperparameters(), "sac")
    assert set(ppo) - set(sac) == {"num_epochs", "beta_entropy"}
    assert set(sac) - set(ppo) == {"sac_alpha"}


def test_the_file_looks_as_the_simulator_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "hyperparameters.json"
    write_hyperparameters(path, Hyperparameters())
    text = path.read_text()
    assert text.startswith('{\n  "batch_size": 64,\n  "beta_entropy": 0.01,\n')
    assert read_hyperparameters(path) == Hyperparameters()


def test_the_real_values_in_a_log_are_read(real_data: Path) -> None:
    log = next(
        (real_data / "logs" / "console-v4" / "logs" / "evaluation").glob("*-robomaker.log")
    ).read_text()
    _, _, rest = log.partition("Using the following hyper-parameters")
    text = rest[rest.index("{") : rest.index("}") + 1]
    content = json.loads(text)
    assert format_hyperparameters(parse_hyperparameters(content)) == content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"batch_size": "many"}, "h.json: batch_size is 'many'; it must be a whole number"),
        ({"batch_size": 64.5}, "h.json: batch_size is 64.5; it must be a whole number"),
        ({"lr": None}, "h.json: lr is None; it must be a number"),
        ({"lr": True}, "h.json: lr is True; it must be a number"),
        ({"loss_type": 3}, "h.json: loss_type is 3; it must be text"),
        (
            {"exploration_type": "random"},
            "h.json: exploration_type is 'random'; it must be one of categorical, e-greedy",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(content: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_hyperparameters(content, "h.json")
    assert str(caught.value) == sentence
