"""The queue of jobs: what is asked for is done, in order, stopped when asked, and refused with a sentence."""

import pytest

from openracer.models.events import read_events
from openracer.models.library import ModelNotFoundError, list_models
from openracer.models.run_state import load_state
from openracer.service.jobs import (
    ConsoleRunsError,
    JobConflictError,
    JobKind,
    JobNotFoundError,
    JobQueue,
    JobState,
)


def iterations(folder):
    return [
        event["iteration"] for event in read_events(folder.events_file)[0] if event["event"] == "iteration"
    ]


def ended(queue, job):
    def look():
        found = queue.job(job.id)
        return None if found.state.is_active else found

    return look


def test_a_training_runs_to_its_end_in_a_process_of_its_own(queue, create, until):
    folder = create(iterations=2)
    job = queue.submit_training("tiny")
    assert (job.kind, job.model, job.state, job.started) == (JobKind.TRAINING, "tiny", JobState.QUEUED, None)
    job = until(ended(queue, job), "the end")
    assert (job.state, job.reason, job.result) == (JobState.FINISHED, "", {"reason": "iterations"})
    assert job.created <= job.started <= job.ended
    assert load_state(folder).iteration == 2
    assert queue.jobs("tiny") == [job] and queue.jobs(active=True) == [] and queue.place(job.id) == 0


def test_a_training_is_stopped_and_what_waits_behind_it_begins(queue, create, until):
    first, second = create("first", 10_000), create("second", 1)
    running = queue.submit_training("first")
    waiting, leaving = queue.submit_training("second"), queue.submit_training(create("third", 1).name)
    until(lambda: iterations(first), "an iteration")
    assert [queue.place(job.id) for job in (running, waiting, leaving)] == [0, 1, 2]
    assert [job.model for job in queue.jobs(active=True)] == ["third", "second", "first"]
    queue.stop(leaving.id)
    assert queue.job(leaving.id).state is JobState.STOPPED
    queue.stop(running.id)
    stopped = until(ended(queue, running), "the stop")
    assert (stopped.state, stopped.result) == (JobState.STOPPED, {"reason": "stopped"})
    assert load_state(first).iteration == iterations(first)[-1]
    assert until(ended(queue, waiting), "the next one's end").state is JobState.FINISHED
    assert iterations(second) == [1]
    queue.stop(waiting.id)  # has ended: nothing happens
    assert queue.job(waiting.id).state is JobState.FINISHED


def test_a_reward_function_that_fails_is_the_reason(queue, create, until):
    source = "def reward_function(params):\n    return 1.0 / (params['steps'] - 9)\n"
    create(reward="mine.py", reward_source=source)
    job = until(ended(queue, queue.submit_training("tiny")), "the end")
    assert job.state is JobState.FAILED
    assert "ZeroDivisionError" in job.reason and "line 2" in job.reason


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


def test_a_model_is_deleted_with_its_jobs_but_not_while_one_runs(queue, create, until):
    folder = create(iterations=10_000)
    job = queue.submit_training("tiny")
    until(lambda: iterations(folder), "an iteration")
    with pytest.raises(JobConflictError, match="stop that first"):
        queue.delete_model("tiny")
    queue.stop(job.id)
    until(ended(queue, job), "the stop")
    queue.delete_model("tiny")
    assert list_models() == [] and queue.jobs() == []
