"""Jobs of a console that many use: trainings run confined, and whoever tries something is told."""

import pytest

from openracer.models.run_state import load_state
from openracer.runs.request import EvaluationRequest
from openracer.service.accounts import Accounts
from openracer.service.confinement.layers import (
    NEEDED,
    Layer,
    NotConfinedError,
    available,
    require,
    statement,
)
from openracer.service.identity import set_current_person
from openracer.service.jobs import JobQueue, JobState
from tests.processes import wait_for

needs_confinement = pytest.mark.skipif(
    not set(NEEDED) <= set(available()), reason="NO TEST OF CONFINED JOBS RUNS: this system cannot confine"
)


def test_what_is_missing_is_stated_and_lets_nobody_in():
    require(NEEDED)
    for layer in NEEDED:
        rest = tuple(other for other in Layer if other is not layer)
        with pytest.raises(NotConfinedError, match=f"missing: {layer}"):
            require(rest)
        assert [line.split()[0] for line in statement(rest)].count("NO") == 1


@needs_confinement
def test_a_confined_training_trains_and_one_that_reaches_out_fails_with_the_reason(
    create, train_here, processes_end, tmp_path
):
    train_here(create("warm", 1))  # compiles the kernels, which inside are only read
    queue = JobQueue(layers=available())
    set_current_person(Accounts(queue.database).add("mina"))
    secret = tmp_path / "secret"
    secret.write_text("others'")
    source = f"def reward_function(params):\n    open({str(secret)!r}).read()\n    return 1.0\n"
    honest = create("honest", 1)
    create("thief", 1, reward="mine.py", reward_source=source)
    jobs = [queue.submit_training(name) for name in ("honest", "thief")]
    queue.start()

    def ended(job):
        def look():
            found = queue.job(job.id)
            return None if found.state.is_active else found

        return wait_for(look, f"the end of {job.kind} {job.model}")

    try:
        good, bad = map(ended, jobs)
        assert (good.state, good.reason) == (JobState.FINISHED, "")
        assert load_state(honest).iteration == 1
        assert bad.state is JobState.FAILED
        assert "PermissionError" in bad.reason and "line 2" in bad.reason
        evaluated = ended(queue.submit_evaluation("honest", EvaluationRequest(trials=1)))
        assert (evaluated.state, evaluated.reason) == (JobState.FINISHED, "")
    finally:
        queue.close()
        set_current_person(None)
