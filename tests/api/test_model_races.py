"""Routes of races of models: asked for, followed to their end, read again, and what is refused."""

import pytest

from openracer.models.race_records import race_place
from openracer.service.job import _race
from openracer.service.jobs import JobState


def test_a_race_is_asked_for_and_what_came_of_it_is_read(client, queue, untrained_model):
    for name in ("one", "other"):
        untrained_model(name)
    body = {"models": ["one", "other@last"], "laps": 1, "trials": 2, "max_resets": 0}
    asked = client.post("/api/model-races", json=body)
    assert asked.status_code == 202
    (job,) = client.get("/api/model-races?active=true").json()
    assert job == client.get(f"/api/model-races/{job['id']}").json() == asked.json()
    # What the job's process does.
    state, reason, result = _race(queue.job(job["id"]), lambda: False)
    assert (state, reason) == (JobState.FINISHED, "")
    (race,) = client.get("/api/model-races/results").json()
    assert race["stamp"] == result["race"]
    assert race["names"] == ["one", "other@last"] and len(race["results"]) == 4
    where = f"/api/model-races/results/{race['stamp']}"
    assert client.get(where).json() == race
    assert client.get(f"{where}/traces/1").text.startswith("episode,steps,X,Y,")
    assert client.get(f"{where}/traces/2").status_code == 404
    assert not race_place(job["id"]).exists()
    assert _race(queue.job(job["id"]), lambda: True) == (JobState.STOPPED, "", {})
    assert len(client.get("/api/model-races/results").json()) == 1


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"models": ["one", "nobody"]}, 404, "there is no model 'nobody'"),
        ({"models": ["one"]}, 422, "a race is of 2 to 8 models, but 1 are given"),
        ({"models": ["one"] * 9}, 422, "a race is of 2 to 8 models, but 9 are given"),
        ({"models": ["one", "../one"]}, 404, "there is no model"),
        ({"models": ["one", "one@7"]}, 404, "has no checkpoint of iteration 7"),
        ({"track": "nowhere"}, 400, "nowhere"),
        ({"laps": 0}, 422, "number of laps is 0"),
    ],
)
def test_what_cannot_be_raced_is_refused(client, untrained_model, changes, status, told):
    untrained_model("one")
    answer = client.post("/api/model-races", json={"models": ["one", "one"]} | changes)
    assert (answer.status_code in (status, 400, 422), told in answer.text) == (True, True), answer.text


def test_a_race_that_waits_is_stopped(client, untrained_model):
    untrained_model("one")
    job = client.post("/api/model-races", json={"models": ["one", "one"]}).json()
    assert (job["state"], job["place"]) == ("queued", 1)
    path = f"/api/model-races/{job['id']}"
    assert client.get(f"/api/trainings/{job['id']}").status_code == 404
    assert client.post(f"{path}/stop").json()["state"] == "stopped"
