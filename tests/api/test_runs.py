"""Routes of trainings and evaluations: asked for, followed to their end, stopped."""

import json

import pytest

from openracer.models.run_state import load_state
from tests.processes import wait_for


def ended(client, path):
    def look():
        job = client.get(path).json()
        return job if job["state"] in ("finished", "failed", "stopped") else None

    return wait_for(look, f"the end of {path}")


def messages(text):
    for block in text.strip().split("\n\n"):
        if not block.startswith(":"):
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            yield fields["event"], json.loads(fields["data"])


def test_a_training_is_followed_to_its_end_then_evaluated(client, queue, create, processes_end):
    folder = create(stop={"iterations": 2})
    queue.start()
    asked = client.post("/api/trainings", json={"model": "tiny", "stop": {"iterations": 3}})
    assert asked.status_code == 202 and asked.json()["state"] in ("queued", "running")
    path = f"/api/trainings/{asked.json()['id']}"
    again = client.post("/api/trainings", json={"model": "tiny"})
    assert again.status_code == 409 and "already" in again.json()["detail"]
    told = list(messages(client.get(f"{path}/events").text))
    kinds = [event["event"] for kind, event in told if kind == "training"]
    assert kinds == ["preparing", "started", "iteration", "iteration", "iteration", "finished"]
    kind, job = told[-1]
    assert kind == "job" and (job["state"], job["result"]) == ("finished", {"reason": "iterations"})
    assert client.get(path).json() == job
    assert load_state(folder).iteration == 3
    assert client.get("/api/trainings?model=tiny").json() == [job]
    assert client.get("/api/trainings?active=true").json() == []
    assert client.get("/api/evaluations").json() == []
    assert client.get(f"/api/evaluations/{job['id']}").status_code == 404

    body = {"model": "tiny", "trials": 2, "track": "Bowtie", "reverse": True}
    asked = client.post("/api/evaluations", json=body)
    assert asked.status_code == 202
    job = ended(client, f"/api/evaluations/{asked.json()['id']}")
    assert (job["state"], job["reason"]) == ("finished", "")
    (evaluation,) = client.get("/api/models/tiny/evaluations").json()
    assert evaluation["stamp"] == job["result"]["evaluation"]
    assert (evaluation["settings"]["track"], len(evaluation["trials"])) == ("Bowtie_track", 2)
    where = f"/api/models/tiny/evaluations/{evaluation['stamp']}"
    assert client.get(where).json() == evaluation
    assert client.get(f"{where}/trace").text.startswith("episode,steps,X,Y,")
    assert client.get(f"{where}/logs").content[:2] == b"PK"


def test_what_waits_has_a_place_and_is_stopped(client, create):
    create("one"), create("two")
    first, second = (client.post("/api/trainings", json={"model": name}).json() for name in ("one", "two"))
    assert (first["place"], second["place"]) == (1, 2)
    stopped = client.post(f"/api/trainings/{first['id']}/stop")
    assert (stopped.status_code, stopped.json()["state"]) == (202, "stopped")
    assert client.get(f"/api/trainings/{second['id']}").json()["place"] == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("trainings", {"model": "nobody"}, 404, "there is no model 'nobody'"),
        ("trainings", {"model": "../tiny"}, 404, "there is no model"),
        ("trainings", {}, 422, "model is missing"),
        ("trainings", {"model": "tiny", "stop": {"minutes": -1}}, 422, "minutes is -1"),
        ("trainings", {"model": "tiny", "speed": 3}, 422, "unknown key 'speed'"),
        ("evaluations", {"model": "tiny"}, 404, "has no checkpoint"),
        ("evaluations", {"model": "tiny", "trials": 0}, 422, "trials is 0; it must be from 1 to 100"),
        ("evaluations", {"model": "tiny", "trials": "three"}, 422, "trials: "),
        ("evaluations", {"model": "tiny", "track": "nowhere"}, 422, "there is no track"),
        ("evaluations", {"model": "tiny", "seed": -1}, 422, "seed is -1"),
        ("evaluations", {"model": "tiny", "off_track_penalty_s": 1e400}, 422, "off_track_penalty_s"),
        ("evaluations", {"model": "tiny", "seed": 10**40}, 422, "seed"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(client, post, create, path, body, status, sentence):
    create()
    answer = post(f"/api/{path}", body)
    assert (answer.status_code, sentence in answer.json()["detail"]) == (status, True), answer.text
    assert client.get(f"/api/{path}").json() == []


def test_jobs_that_are_not_there_are_404(client):
    for path in ("trainings/abc", "evaluations/abc", "trainings/abc/events", "trainings/%00"):
        assert client.get(f"/api/{path}").status_code == 404
    assert client.post("/api/trainings/abc/stop").status_code == 404
