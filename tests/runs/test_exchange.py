"""A training that went to DeepRacer-for-Cloud and came back drives as before, and goes on."""

import pytest

from openracer.models.description import TrainingDescription
from openracer.models.exporting import export_model
from openracer.models.importing import import_model
from openracer.models.library import create_model
from openracer.models.run_state import load_state
from openracer.runs.evaluation import evaluate
from openracer.runs.request import EvaluationRequest


@pytest.mark.parametrize("algorithm", ["clipped_ppo", "sac"])
def test_a_training_that_was_away_drives_as_before_and_goes_on(
    tiny_training, train_here, tmp_path, algorithm
):
    """Its first evaluation after the import equals the last one before, step for step."""
    values = {
        **tiny_training,
        "preset": "aws",
        "algorithm": algorithm,
        "hyperparameters": {"num_episodes_between_training": 5, "num_epochs": 3, "batch_size": 256},
        "cars": 5,
        "track": "Straight_track",
        "stop": {"minutes": None, "iterations": 1},
    }
    here = create_model(TrainingDescription.from_values(values))
    train_here(here)
    request = EvaluationRequest(trials=2, checkpoint="last", seed=4)
    before = evaluate(here, request).trials
    export_model(here, "drfc", tmp_path / "away", "last")
    back, _report = import_model(tmp_path / "away", "back")
    assert evaluate(back, request).trials == before
    back.write_description(back.description().with_changes({"stop": {"minutes": None, "iterations": 1}}))
    train_here(back)
    state = load_state(back)
    assert state is not None
    assert state.iteration == 1
    assert state.steps > 0
