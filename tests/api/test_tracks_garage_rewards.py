"""Routes of tracks, vehicles and reward functions."""

import io

import numpy as np
import pytest

from openracer.models.description import TrainingDescription
from openracer.models.library import create_model, delete_model
from openracer.tracks.catalogue import find, is_imported


def npy(rows):
    file = io.BytesIO()
    np.save(file, rows)
    return file.getvalue()


@pytest.fixture
def oval():
    """A track file as DeepRacer has them: centre, inner, outer."""
    track = find("Oval_track")
    return npy(np.hstack([track.centre, track.inner, track.outer]))


def test_a_track_is_imported_shown_and_deleted(client, oval):
    tracks = client.get("/api/tracks").json()
    assert len(tracks) >= 16 and {track["source"] for track in tracks} == {"built-in"}
    made = client.post(
        "/api/tracks", files={"file": ("my oval.npy", oval)}, data={"name": "mine", "title": "내 트랙"}
    )
    assert made.status_code == 201, made.text
    assert (made.json()["title"], made.json()["source"]) == ("내 트랙", "imported")
    track = client.get("/api/tracks/mine?reverse=true").json()
    assert track["reverse"] and len(track["centre"]) == len(track["inner"]) == len(find("mine").centre)
    assert track["length_m"] == pytest.approx(find("Oval_track").length, abs=0.01)
    create_model(TrainingDescription.from_values({"name": "tenant", "track": "mine"}))
    refused = client.delete("/api/tracks/mine")
    assert refused.status_code == 409 and "tenant" in refused.json()["detail"] and is_imported("mine")
    delete_model("tenant")
    assert client.delete("/api/tracks/mine").status_code == 204
    assert not is_imported("mine")
    for name in ("mine", "nowhere", "a b", "x" * 3000):
        assert client.get(f"/api/tracks/{name}").status_code == 404
        assert client.delete(f"/api/tracks/{name}").status_code == 404
    built_in = client.delete("/api/tracks/Oval_track")
    assert built_in.status_code == 404 and "built-in" in built_in.json()["detail"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("mine", b"no track", ""),
        ("mine", b"", ""),
        ("mine", npy(np.zeros((3, 2))), ""),
        ("mine", npy(np.array([{"a": 1}], dtype=object)), ""),
        ("../mine", None, "cannot name a track"),
        ("", None, "cannot name a track"),
        ("mine", bytes(5_000_001), "at most 5 MB"),
    ],
)
def test_what_is_no_track_is_refused_with_a_sentence(client, oval, name, content, sentence):
    files = {"file": (".npy" if not name else "a.npy", oval if content is None else content)}
    answer = client.post("/api/tracks", files=files, data={"name": name} if name else {})
    assert answer.status_code == 422, answer.text
    assert sentence in answer.json()["detail"]
    assert not is_imported("mine")


def test_a_vehicle_is_built_changed_and_deleted(client):
    assert [vehicle["name"] for vehicle in client.get("/api/garage").json()] == ["The Original DeepRacer"]
    assert client.post("/api/garage", json={"name": "빨간 차", "colour": "Red"}).status_code == 201
    assert client.post("/api/garage", json={"name": "빨간 차"}).status_code == 422
    changed = client.put("/api/garage/빨간 차", json={"name": "green", "colour": "Green"})
    assert (changed.status_code, changed.json()["colour"]) == (200, "Green")
    assert client.get("/api/garage/빨간 차").status_code == 404
    assert client.delete("/api/garage/green").status_code == 204
    refused = client.post("/api/garage", json={"name": "car", "colour": "Pink"})
    assert refused.status_code == 422 and "colour is 'Pink'" in refused.json()["detail"]
    assert client.delete("/api/garage/The Original DeepRacer").status_code == 422


def test_examples_and_problems_with_their_lines(client):
    examples = client.get("/api/rewards/examples").json()
    source = client.get(f"/api/rewards/examples/{examples[0]['name']}").text
    assert client.post("/api/rewards/validate", json={"source": source}).json() == {"problems": []}
    broken = "def reward_function(params):\n    return params['sped']\n"
    (problem,) = client.post("/api/rewards/validate", json={"source": broken}).json()["problems"]
    assert (problem["line"], problem["kind"]) == (2, "TEST_FAILURE") and "'sped'" in problem["message"]
    assert client.get("/api/rewards/examples/nothing").status_code == 404
    too_long = client.post("/api/rewards/validate", json={"source": "#" * 140_001})
    assert too_long.status_code == 422 and "140001 characters" in too_long.json()["detail"]
    nowhere = client.post("/api/rewards/validate", json={"source": source, "track": "nowhere"})
    assert nowhere.status_code == 422
