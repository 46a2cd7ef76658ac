"""Routes of models: made, listed, cloned, deleted, their files, and whatever a client may get wrong."""

import io
import zipfile

import pytest

from openracer.models.library import list_models, open_model
from openracer.models.lock import ModelLock
from openracer.models.ranges import MAX_REWARD
from openracer.rewards import examples

REWARD = "def reward_function(params):\n    return float(params['speed'])\n"


def test_a_model_is_made_listed_shown_and_deleted(client, tiny_training):
    made = client.post("/api/models", json=tiny_training | {"track": "Bowtie", "description": "mine"})
    assert made.status_code == 201, made.text
    model = made.json()
    assert (model["name"], model["track"], model["iterations"]) == ("tiny", "Bowtie_track", 0)
    assert model["training"]["cars"] == 4 and model["checkpoints"] == []
    assert [line["name"] for line in client.get("/api/models").json()] == ["tiny"]
    assert client.get("/api/models/tiny").json() == model
    assert client.get("/api/models/tiny/reward").text == examples.source(examples.DEFAULT)
    assert (
        client.get("/api/models/tiny/metadata").json()["neural_network"]
        == model["training"]["neural_network"]
    )
    assert client.get("/api/models/tiny/traces").json() == []
    assert client.delete("/api/models/tiny").status_code == 204
    assert list_models() == []
    assert client.get("/api/models/tiny").status_code == 404


def test_a_reward_function_of_ones_own_is_tried_before_the_model_is_made(client):
    values = {"name": "car", "reward": "mine.py"}
    assert client.post("/api/models", json=values | {"reward_source": REWARD}).status_code == 201
    assert client.get("/api/models/car/reward").text == REWARD
    broken = REWARD.replace("'speed'", "'spede'")
    refused = client.post("/api/models", json=values | {"name": "other", "reward_source": broken})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("mine.py, line 2: KeyError: 'spede'")
    assert len(list_models()) == 1


def test_logs_and_traces_of_a_trained_model(client, create, train_here):
    folder = create(stop={"iterations": 2})
    train_here(folder)
    (folder.own_folder / "output.log").write_text("hello")
    with zipfile.ZipFile(io.BytesIO(client.get("/api/models/tiny/logs").content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert archive.read("tiny/openracer/output.log") == b"hello"
        assert archive.read("tiny/openracer/events.jsonl") == folder.events_file.read_bytes()
    assert "tiny/reward_function.py" in names and "tiny/metrics/TrainingMetrics.json" in names
    assert not [name for name in names if name.endswith(".safetensors")]
    numbers = client.get("/api/models/tiny/traces").json()
    for number in numbers:
        trace = client.get(f"/api/models/tiny/traces/{number}")
        assert trace.text == (folder.traces_folder / f"{number}-iteration.csv").read_text()
    assert f"tiny/training-simtrace/{numbers[-1]}-iteration.csv" in names
    assert client.get("/api/models/tiny/traces/999").status_code == 404

    clone = client.post(
        "/api/models/tiny/clone", json={"name": "twin", "changes": {"track": "Bowtie", "seed": 4}}
    )
    assert clone.status_code == 201, clone.text
    assert clone.json()["training"]["track"] == "Bowtie_track"
    assert open_model("twin").description().seed == 4
    again = client.post("/api/models/tiny/clone", json={"name": "twin"})
    assert again.status_code == 409 and "already" in again.json()["detail"]
    other = client.post("/api/models/tiny/clone", json={"name": "third", "changes": {"action_space": []}})
    assert other.status_code == 422
    with ModelLock(folder):
        assert client.delete("/api/models/tiny").status_code == 409


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "name is missing"),
        ({"name": "a b"}, "contains a space"),
        ({"name": "자동차"}, "contains '자'"),
        ({"name": "x" * 140_001}, "has 140001 characters"),
        ({"name": 7}, "name is 7; it must be text"),
        ({"name": "a", "cars": 0}, "cars is 0"),
        ({"name": "a", "hyperparameters": {"batch_size": "many"}}, "batch_size is 'many'"),
        ({"name": "a", "hyperparameters": 3}, "hyperparameters is 3"),
        ({"name": "a", "track": "nowhere"}, "there is no track 'nowhere'"),
        ({"name": "a", "reward": "/etc/passwd"}, "there is no example reward function /etc/passwd"),
        ({"name": "a", "reward_source": "x" * (MAX_REWARD + 1)}, "140001 characters"),
        ({"name": "a", "flavour": "red"}, "unknown key 'flavour'"),
        ({"name": "a", "colour": "red"}, "colour is 'red'; it must be 'Black'"),
        ({"name": "a", "description": "\ud800"}, "description has half of a character at place 1"),
        ([1], "must be a JSON object"),
        ("car", "must be a JSON object"),
    ],
)
def test_a_wrong_value_is_one_sentence(post, body, sentence):
    answer = post("/api/models", body)
    assert answer.status_code == 422, answer.text
    detail = answer.json()["detail"]
    assert sentence in detail and len(detail.splitlines()) == 1 and len(detail) < 400
    assert list_models() == []


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(client, content):
    answer = client.post("/api/models", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422) and len(answer.json()["detail"].splitlines()) == 1


@pytest.mark.parametrize("name", ["nobody", ".trash", "%2e%2e%2fetc", "a%00b", "%EC%B0%A8", "x" * 5000])
@pytest.mark.parametrize(
    "path", ["", "/reward", "/metadata", "/logs", "/traces", "/traces/0", "/evaluations"]
)
def test_a_model_that_is_not_there_is_404(client, name, path):
    answer = client.get(f"/api/models/{name}{path}")
    assert answer.status_code == 404 and answer.json()["detail"]
    assert client.delete(f"/api/models/{name}").status_code == 404


def test_a_broken_model_is_listed_with_its_problem(client, create):
    folder = create()
    folder.description_file.write_text("name: [")
    (line,) = client.get("/api/models").json()
    assert line["name"] == "tiny" and line["problem"] and line["track"] is None
    assert client.get("/api/models/tiny").status_code == 422
