"""The queue of jobs: what is asked for is done, in order, stopped when asked, and refused with a sentence."""

import pytest

from openracer.models.evaluations import read_evaluation, read_evaluations
from openracer.models.events import read_events
from openracer.models.library import ModelNotFoundError, list_models
from openracer.models.run_state import load_state
from openracer.runs.request import EvaluationRequest
from openracer.service.jobs import (
    ConsoleRunsError,
    JobConflictError,
    JobKind,
    JobNotFoundError,
    JobQueue,
    JobState,
)
from openracer.service.processes import ProcessIdentity
from openracer.tracks.catalogue import UnknownTrackError
from tests.processes import wait_for


def iterations(folder):
    return [
        event["iteration"] for event in read_events(folder.events_file)[0] if event["event"] == "iteration"
    ]


def ended(queue, job):
    def look():
        found = queue.job(job.id)
        return None if found.state.is_active else found

    return look


def test_a_training_runs_to_its_end_in_a_process_of_its_own(queue, create):
    folder = create(iterations=2)
    job = queue.submit_training("tiny")
    assert (job.kind, job.model, job.state, job.started) == (JobKind.TRAINING, "tiny", JobState.QUEUED, None)
    job = wait_for(ended(queue, job), "the end")
    assert (job.state, job.reason, job.result) == (JobState.FINISHED, "", {"reason": "iterations"})
    assert job.created <= job.started <= job.ended
    assert load_state(folder).iteration == 2
    assert queue.jobs("tiny") == [job] and queue.jobs(active=True) == [] and queue.place(job.id) == 0


def test_a_training_is_stopped_and_what_waits_behind_it_begins(queue, create):
    first, second = create("first", 10_000), create("second", 1)
    running = queue.submit_training("first")
    waiting, leaving = queue.submit_training("second"), queue.submit_training(create("third", 1).name)
    wait_for(lambda: iterations(first), "an iteration")
    assert [queue.place(job.id) for job in (running, waiting, leaving)] == [0, 1, 2]
    assert [job.model for job in queue.jobs(active=True)] == ["third", "second", "first"]
    queue.stop(leaving.id)
    assert queue.job(leaving.id).state is JobState.STOPPED
    queue.stop(running.id)
    stopped = wait_for(ended(queue, running), "the stop")
    assert (stopped.state, stopped.result) == (JobState.STOPPED, {"reason": "stopped"})
    assert load_state(first).iteration == iterations(first)[-1]
    assert wait_for(ended(queue, waiting), "the next one's end").state is JobState.FINISHED
    assert iterations(second) == [1]
    queue.stop(waiting.id)  # has ended: nothing happens
    assert queue.job(waiting.id).state is JobState.FINISHED


def test_a_reward_function_that_fails_is_the_reason(queue, create):
    source = "def reward_function(params):\n    return 1.0 / (params['steps'] - 9)\n"
    create(reward="mine.py", reward_source=source)
    job = wait_for(ended(queue, queue.submit_training("tiny")), "the end")
    assert job.state is JobState.FAILED
    assert "ZeroDivisionError" in job.reason and "line 2" in job.reason


def test_evaluations_have_a_place_of_their_own(queue, create, train_here):
    folder, other = create(iterations=1), create("long", 10_000)
    train_here(folder)
    training = queue.submit_training("long")
    wait_for(lambda: iterations(other), "an iteration")
    job = wait_for(
        ended(queue, queue.submit_evaluation("tiny", EvaluationRequest(trials=2))), "the evaluation"
    )
    assert (job.kind, job.state, job.reason) == (JobKind.EVALUATION, JobState.FINISHED, "")
    assert queue.job(training.id).state is JobState.RUNNING
    evaluation = read_evaluation(folder, job.result["evaluation"])
    assert len(evaluation.trials) == 2
    with pytest.raises(FileNotFoundError, match="has no checkpoint of iteration 7"):
        queue.submit_evaluation("tiny", EvaluationRequest(checkpoint="7"))
    with pytest.raises(UnknownTrackError, match="nowhere"):
        queue.submit_evaluation("tiny", EvaluationRequest(track="nowhere"))


def test_an_evaluation_that_hangs_is_stopped_at_once(queue, create, train_here):
    folder = create(iterations=1)
    train_here(folder)
    folder.reward_file.write_text("def reward_function(params):\n    while True: pass\n")
    job = queue.submit_evaluation("tiny", EvaluationRequest())
    wait_for(lambda: queue.job(job.id).process, "its process")
    queue.stop(job.id)
    assert wait_for(ended(queue, job), "the stop").state is JobState.STOPPED
    assert read_evaluations(folder) == []


def test_what_cannot_be_is_refused_with_a_sentence(queue, create):
    create(iterations=10_000)
    queue.submit_training("tiny")
    with pytest.raises(JobConflictError, match="model tiny is being trained already"):
        queue.submit_training("tiny")
    for name in ("nobody", "../tiny", "", ".", "a\0b", "자동차", "x" * 100_000):
        with pytest.raises(ModelNotFoundError, match="there is no model") as caught:
            queue.submit_training(name)
        assert len(str(caught.value)) < 200
    for use in (queue.stop, queue.job, queue.place):
        with pytest.raises(JobNotFoundError, match="there is no job abc"):
            use("abc")
    with pytest.raises(ConsoleRunsError, match="a console is running on"):
        JobQueue()


def test_a_model_is_deleted_with_its_jobs_but_not_while_one_runs(queue, create):
    folder = create(iterations=10_000)
    job = queue.submit_training("tiny")
    wait_for(lambda: iterations(folder), "an iteration")
    with pytest.raises(JobConflictError, match="stop that first"):
        queue.delete_model("tiny")
    queue.stop(job.id)
    wait_for(ended(queue, job), "the stop")
    queue.delete_model("tiny")
    assert list_models() == [] and queue.jobs() == []


@pytest.mark.parametrize("line", ["[]", '{"event": "finished"}', "null", "no JSON"])
def test_events_that_user_code_has_spoilt_end_their_own_job_only(create, line):
    queue = JobQueue()
    spoilt, other = create("spoilt"), create("other")
    jobs = [queue.submit_training(folder.name) for folder in (spoilt, other)]
    store = queue._store
    for job in jobs:
        store.begin(job)
        store.claim(job.id, 1, ProcessIdentity(2**22 + 1, 1.0))  # a process that is gone
    spoilt.events_file.write_text(line + "\n")
    queue._stop_what_is_used_up()
    for job in store.jobs(states=(JobState.RUNNING,)):
        queue._dispatcher._settle_somehow(job)
    assert [queue.job(job.id).state for job in jobs] == [JobState.FAILED, JobState.QUEUED]
    assert queue.job(jobs[0].id).reason == "the events of the training cannot be read"
    queue.close()
