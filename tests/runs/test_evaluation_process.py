"""An evaluation in a process of its own: what comes of it, and user code that hangs or eats memory."""

import pytest

from openracer import launching
from openracer.models.description import TrainingDescription
from openracer.models.evaluations import read_evaluation, read_evaluations
from openracer.models.library import create_model
from openracer.runs import watched
from openracer.runs.evaluation import evaluate
from openracer.runs.evaluation_process import EvaluationError, EvaluationProcess
from openracer.runs.live import LiveKind, LiveReader
from openracer.runs.request import EvaluationRequest
from openracer.runs.supervisor import TrainingProcess

pytestmark = pytest.mark.usefixtures("processes_end")

HANGING = "def reward_function(params):\n    while params['steps'] > 5:\n        pass\n    return 1.0\n"
HUNGRY = """KEPT = []

def reward_function(params):
    KEPT.append(bytearray(50_000_000))
    return 1.0
"""


@pytest.fixture
def model(tiny_training, train_here):
    folder = create_model(TrainingDescription.from_values(tiny_training | {"stop": {"iterations": 1}}))
    train_here(folder)
    return folder


def run(folder, request):
    with EvaluationProcess(folder, request) as process:
        for _moment in process.watch():
            pass
        return process.report(), process.output()


def test_it_gives_what_an_evaluation_in_this_process_gives(model):
    model.reward_file.write_text("def reward_function(params):\n    print('hello')\n    return 1.0\n")
    request = EvaluationRequest(trials=2, seed=5)
    report, output = run(model, request)
    here = evaluate(model, request)
    assert report.trials == tuple(here.trials)
    assert set(output.splitlines()) == {"hello"}
    assert read_evaluation(model, report.stamp).trials == read_evaluations(model)[1].trials
    assert LiveReader(model.path, LiveKind.EVALUATION).latest().step == max(
        trial.steps for trial in report.trials
    )


def test_a_mistake_is_told_before_a_process_starts(model, monkeypatch):
    monkeypatch.setattr(launching.sys, "executable", "/bin/false")
    with pytest.raises(FileNotFoundError, match="has no checkpoint of iteration 7"):
        EvaluationProcess(model, EvaluationRequest(checkpoint="7"))
    with pytest.raises(EvaluationError, match="ended unexpectedly"):
        run(model, EvaluationRequest())


@pytest.mark.parametrize(
    ("source", "limit", "message"),
    [
        (
            HANGING,
            {"REWARD_TIMEOUT_S": 1.0},
            r"did not return within 1 seconds \(car \d, episode 0, step 6\)",
        ),
        (HUNGRY, {"memory_limit": lambda: 2_000_000_000}, "took more than 2.0 GB of memory and was ended"),
        ("def reward_function(params):\n    return params['sped']\n", {}, "KeyError: 'sped'"),
        ("import os\n\ndef reward_function(params):\n    os.kill(os.getpid(), 9)\n", {}, "was killed"),
    ],
)
def test_what_the_reward_function_does_is_the_reason(model, monkeypatch, source, limit, message):
    for name, value in limit.items():
        monkeypatch.setattr(watched, name, value)
    model.reward_file.write_text(source)
    with pytest.raises(EvaluationError, match=message):
        run(model, EvaluationRequest())
    assert read_evaluations(model) == []


def test_a_training_that_eats_memory_is_ended_and_says_so(model, monkeypatch):
    monkeypatch.setattr(watched, "memory_limit", lambda: 2_000_000_000)
    model.reward_file.write_text(HUNGRY)
    model.write_description(model.description().with_changes({"stop": {"iterations": 9}}))
    last = [event for event in TrainingProcess(model.path).watch() if event is not None][-1]
    assert last["event"] == "failed"
    assert last["message"].startswith(
        "the run took more than 2.0 GB of memory and was ended; a reward function"
    )
