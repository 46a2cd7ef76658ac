"""``openracer console`` as a process, and commands that use it with ``--server``, as from another machine."""

import json
import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from benchmarks.kills import problems_of
from openracer.models.events import read_events
from openracer.models.folder import ModelFolder
from openracer.service.confinement import layers
from tests.processes import DEADLINE_S, wait_for

COMMAND = [sys.executable, "-c", "from openracer.cli.main import main; main()"]
TOKEN = "a-token-that-nobody-guesses"


class Console:
    """A console on a free port with a data folder of its own."""

    def __init__(self, home):
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=DEADLINE_S
        )
        self.start()

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | {
            "OPENRACER_HOME": str(self.home),
            "OPENRACER_TOKEN": TOKEN,
            "OPENRACER_LANGUAGE": "en",
        }
        self.process = subprocess.Popen(
            [*COMMAND, "console", "--no-browser", "--port", str(self.port)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(self.answers, "an answer")

    def answers(self):
        assert self.process.poll() is None, self.process.stdout.read()
        try:
            return self.client.get("/api/models").status_code == 200
        except httpx.TransportError:
            return False

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=DEADLINE_S)[0]


@pytest.fixture
def console(tmp_path, processes_end):
    console = Console(tmp_path / "there")
    yield console
    console.process.kill()
    console.process.communicate()
    console.client.close()


@pytest.fixture
def config(tiny_training, tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(json.dumps({key: tiny_training[key] for key in tiny_training.keys() - {"name", "stop"}}))
    return path


def test_commands_do_on_a_console_what_they_do_here(console, openracer, config, monkeypatch, tmp_path):
    refused = openracer("model", "list", "--server", console.url)
    assert refused.code == 2 and "the token of the console is missing" in refused.err
    server = ("--server", f"{console.url}/?token={TOKEN}")
    assert "There is no model yet" in openracer("model", "list", *server).out
    trained = openracer(
        "train", "--config", config, "--iterations", "2", "--reward", "prevent_zigzag", *server
    )
    assert (trained.code, trained.err) == (0, "")
    assert "Training model-1 on re:Invent 2018 (17.7 m), reward prevent_zigzag, preset fast" in trained.out
    assert trained.out.splitlines()[-2:] == [
        "All iterations are done.",
        f"Model: {console.url}/models/model-1",
    ]
    monkeypatch.setenv("OPENRACER_TOKEN", TOKEN)
    monkeypatch.setenv("OPENRACER_SERVER", console.url)
    resumed = openracer("train", "--resume", "model-1", "--iterations", "3", "--json")
    told = [json.loads(line)["event"] for line in resumed.out.splitlines()]
    assert told == ["preparing", "started", "iteration", "finished"]
    (row,) = json.loads(openracer("model", "list", "--json").out)
    assert (row["name"], row["iterations"], row["steps"]) == ("model-1", 3, 768)
    assert "model-1" in openracer("model", "list").out
    report = json.loads(openracer("evaluate", "model-1", "--trials", "2", "--json").out)
    assert (report["model"], len(report["trials"])) == ("model-1", 2)
    table = openracer("evaluate", "model-1", "--trials", "1").out
    assert "on re:Invent 2018" in table and "Off track" in table
    shown = openracer("model", "show", "model-1").out
    assert "prevent_zigzag" in shown and "3 iterations" in shown
    assert openracer("model", "clone", "model-1", "twin", "--track", "Bowtie").code == 0
    assert "Bowtie" in openracer("model", "show", "twin").out
    assert "Model twin is deleted." in openracer("model", "delete", "twin", "--yes").out
    assert "reinvent_base" in openracer("track", "list").out
    for words, sentence in (
        (("model", "show", "twin"), "there is no model 'twin'"),
        (("train", "--name", "a b"), "contains a space"),
        (("evaluate", "model-1", "--video", "a.mp4"), "does not go with --server"),
        (("evaluate", "model-1", "--server", "http://127.0.0.1:9"), "does not answer"),
        (("model", "list", "--server", "ftp://x"), "is no address of a console"),
    ):
        refused = openracer(*words)
        assert refused.code == 2 and sentence in refused.err and len(refused.err.splitlines()) == 1
    assert (console.home / "console" / "token").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "openracer-home" / "models").exists()


def test_a_training_goes_on_when_its_console_is_killed_and_is_found_again(console, tiny_training):
    values = tiny_training | {"name": "car", "stop": {"iterations": 100_000}}
    assert console.client.post("/api/models", json=values).status_code == 201
    job = console.client.post("/api/trainings", json={"model": "car"}).json()
    folder = ModelFolder(console.home / "models" / "car")

    def iterations():
        return sum(event["event"] == "iteration" for event in read_events(folder.events_file)[0])

    wait_for(lambda: iterations() >= 2, "two iterations")
    console.process.kill()
    console.process.communicate()
    seen = iterations()
    wait_for(lambda: iterations() >= seen + 2, "two more iterations without a console")
    console.start()
    found = console.client.get(f"/api/trainings/{job['id']}").json()
    assert found["state"] == "running"
    said = console.end()
    assert "Jobs that go on without the console: 1." in said
    console.start()
    console.client.post(f"/api/trainings/{job['id']}/stop")
    wait_for(
        lambda: console.client.get(f"/api/trainings/{job['id']}").json()["state"] == "stopped", "the stop"
    )
    events = [event["event"] for event in read_events(folder.events_file)[0]]
    assert events.count("started") == 1 and problems_of(folder) == []


def test_a_port_that_is_taken_is_one_sentence(openracer):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = openracer("console", "--no-browser", "--port", port)
    assert refused.code == 2 and f"cannot listen on 127.0.0.1, port {port}" in refused.err
    assert len(refused.err.splitlines()) == 1


def test_nobody_is_let_in_where_code_cannot_be_confined_unless_told_so_in_so_many_words(
    openracer, monkeypatch
):
    monkeypatch.setattr(layers, "available", lambda: (layers.Layer.LIMITS,))
    refused = openracer("console", "--no-browser", "--multi-user")
    assert refused.code == 2 and "(missing: files, calls), so nobody is let in" in refused.err
    assert [line.split()[0] for line in refused.out.splitlines()[1:]] == ["yes", "NO", "NO", "NO"]
    told = openracer("console", "--no-browser", "--multi-user", "--run-other-peoples-code-unconfined")
    assert "What is missing is missed" in told.out and "openracer people add" in told.err


def test_a_school_is_for_people_who_sign_in_and_what_is_wrong_with_it_is_one_sentence(openracer, tmp_path):
    refused = openracer("console", "--openid", tmp_path / "school.yaml")
    assert refused.code == 2 and "add --multi-user" in refused.err
    refused = openracer("console", "--multi-user", "--openid", tmp_path / "school.yaml")
    assert refused.code == 2 and "there is no file" in refused.err
