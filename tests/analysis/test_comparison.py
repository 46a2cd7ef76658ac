"""Comparing models: every setting that differs is found, and no other."""

import pytest

from openracer.analysis.comparison import compared_model, compared_settings
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model


def differing(**changes):
    before = TrainingDescription.from_values({"name": "one"})
    after = before.with_changes({"name": "two", **changes})
    return {row.key for row in compared_settings([before, after]) if row.differs}


def test_models_that_differ_in_name_only_have_no_difference():
    assert differing() == set()
    assert differing(description="a note") == set()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"hyperparameters": {"lr": 0.0005}}, {"hyperparameters.lr"}),
        ({"track": "Bowtie_track", "reverse": True}, {"track", "reverse"}),
        ({"stop": {"iterations": 7}}, {"stop.iterations"}),
        (
            {"action_space": [{"steering_angle": 0, "speed": 1}, {"steering_angle": 9, "speed": 2}]},
            {"action_space"},
        ),
        ({"reward_source": "def reward_function(params):\n    return 1.0\n"}, {"reward"}),
    ],
)
def test_exactly_the_settings_that_differ_are_marked(changes, found):
    assert differing(**changes) == found


def test_a_model_without_a_training_has_an_empty_curve():
    model = compared_model(create_model(TrainingDescription.from_values({"name": "new"})))
    assert model.curve == [] and model.evaluated_lap_s is None
