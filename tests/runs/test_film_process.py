"""Films of earlier evaluations: made beside the program, once, and told how far they are."""

import av
import pytest

from openracer.models.description import TrainingDescription
from openracer.models.evaluations import read_evaluations
from openracer.models.library import create_model
from openracer.runs.evaluation import evaluate
from openracer.runs.film_process import film_evaluation, film_path
from openracer.runs.request import EvaluationRequest
from tests.processes import wait_for


@pytest.fixture
def evaluated(tiny_training, train_here):
    folder = create_model(TrainingDescription.from_values(tiny_training))
    train_here(folder)
    evaluate(folder, EvaluationRequest(trials=1))
    return folder, read_evaluations(folder)[0]


def shares_until_its_end(process):
    shares = []

    def is_over():
        shares.append(process.share)
        return process.is_over

    wait_for(is_over, "the end of the film")
    return [*shares, process.share]


def test_a_film_shows_every_row_and_tells_how_far_it_is(evaluated):
    folder, evaluation = evaluated
    process = film_evaluation(folder, evaluation)
    shares = shares_until_its_end(process)
    assert process.failure == ""
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with av.open(str(film_path(evaluation))) as video:
        assert sum(1 for _ in video.decode(video=0)) == evaluation.drives()[0].steps + 15


def test_why_there_is_no_film_is_one_sentence(evaluated):
    folder, evaluation = evaluated
    (evaluation.path / "evaluation-simtrace" / "0-iteration.csv").write_text("no,trace\n")
    process = film_evaluation(folder, evaluation)
    wait_for(lambda: process.is_over, "the end of the film")
    assert "is no simtrace file" in process.failure
    assert len(process.failure.splitlines()) == 1
    assert not film_path(evaluation).exists()
