"""Consoles and processes that are killed: every job is found again, goes on, or ends with the reason."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from benchmarks.kills import problems_of
from openracer.models.events import read_events
from openracer.models.run_state import load_state
from openracer.service import dispatcher
from openracer.service.jobs import JobQueue, JobState
from openracer.service.processes import ProcessIdentity
from tests.processes import wait_for

CONSOLE = """
import sys, time
from openracer.service.jobs import JobQueue
queue = JobQueue()
queue.start()
print(queue.submit_training(sys.argv[1]).id, flush=True)
time.sleep(1000)
"""


def iterations(folder):
    return [
        event["iteration"] for event in read_events(folder.events_file)[0] if event["event"] == "iteration"
    ]


@pytest.fixture
def killed_console(create, processes_end):
    """A training of 10,000 iterations whose console was killed, and the id of its job."""
    folder = create("car", 10_000)
    console = subprocess.Popen([sys.executable, "-c", CONSOLE, "car"], stdout=subprocess.PIPE, text=True)
    job_id = console.stdout.readline().strip()
    try:
        wait_for(lambda: len(iterations(folder)) >= 2, "two iterations")
    finally:
        console.kill()
        console.wait()
    console.stdout.close()
    return folder, job_id


def stop(queue, job_id):
    queue.stop(job_id)
    return wait_for(lambda: None if queue.job(job_id).state.is_active else queue.job(job_id), "the stop")


def test_a_training_goes_on_without_its_console_and_the_next_one_finds_it(killed_console, queue):
    folder, job_id = killed_console
    job = queue.job(job_id)
    assert job.state is JobState.RUNNING and job.process.is_alive()
    done = len(iterations(folder))
    wait_for(lambda: len(iterations(folder)) >= done + 2, "two more iterations")
    job = stop(queue, job_id)
    assert (job.state, job.attempt) == (JobState.STOPPED, 1)
    events = [event["event"] for event in read_events(folder.events_file)[0]]
    assert events.count("started") == 1  # it never paused
    assert problems_of(folder) == []


def test_a_training_whose_watch_died_too_resumes_from_its_last_iteration(killed_console):
    folder, job_id = killed_console
    first = JobQueue()  # not started: only looks
    process = first.job(job_id).process
    first.close()
    os.kill(process.pid, signal.SIGKILL)
    queue = JobQueue()
    queue.start()
    wait_for(lambda: queue.job(job_id).attempt == 2, "the second attempt")
    saved = load_state(folder).iteration
    wait_for(lambda: iterations(folder)[-1] > saved + 1, "an iteration after resuming")
    job = stop(queue, job_id)
    queue.close()
    assert job.state is JobState.STOPPED
    assert problems_of(folder) == []
    told = iterations(folder)
    assert told == sorted(told)


def test_stopped_while_nobody_watched_it_ends_as_stopped(killed_console):
    _folder, job_id = killed_console
    queue = JobQueue()
    process = queue.job(job_id).process
    os.kill(process.pid, signal.SIGSTOP)  # it cannot answer any more
    queue.stop(job_id)
    os.kill(process.pid, signal.SIGKILL)
    queue.start()
    job = wait_for(lambda: None if queue.job(job_id).state.is_active else queue.job(job_id), "the end")
    queue.close()
    assert job.state is JobState.STOPPED


def test_a_training_that_kills_its_watch_every_time_is_given_up_with_the_reason(create, queue, monkeypatch):
    monkeypatch.setattr(dispatcher, "_MOST_ATTEMPTS", 2)
    source = "import os\n\n\ndef reward_function(params):\n    os.kill(os.getppid(), 9)\n    os.kill(os.getpid(), 9)\n"
    create(reward="mine.py", reward_source=source)
    job = queue.submit_training("tiny")
    job = wait_for(lambda: None if queue.job(job.id).state.is_active else queue.job(job.id), "the end")
    assert (job.state, job.attempt) == (JobState.FAILED, 2)
    assert job.reason == "the process of the job was ended from outside 2 times; begin it again by hand"


def test_another_process_of_the_same_number_is_not_taken_for_it():
    current = ProcessIdentity.current()
    assert current.is_alive()
    assert not ProcessIdentity(current.pid, current.started - 60.0).is_alive()
    child = subprocess.Popen([sys.executable, "-c", ""])
    identity = ProcessIdentity(child.pid, psutil.Process(child.pid).create_time())
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not identity.is_alive()  # it has ended, though nobody has taken note
    child.wait()
