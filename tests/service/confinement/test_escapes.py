"""Reward functions that try to get out of the confinement: none does, and each is told why."""

import json
import os
import platform
import signal
import socket
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

import openracer
from openracer import launching
from openracer.rewards.rules import check_source
from openracer.service.confinement.door import Door
from openracer.service.confinement.layers import NEEDED, Layer, available
from openracer.service.confinement.syscalls import JUDGED, REFUSED
from tests.service.confinement import attempts

if missing := [layer for layer in NEEDED if layer not in available()]:
    pytest.skip(f"NO ESCAPE TEST RUNS: this system has no {', '.join(missing)}", allow_module_level=True)

SECRET = "what the neighbour keeps to himself"
PERSON = 7
DEADLINE_S = 60.0
HANGS_S = 4.0
GROUPS = {
    "reading": attempts.READING,
    "writing": attempts.WRITING,
    "processes": attempts.PROCESSES,
    "network": attempts.NETWORK,
}


class Prison:
    """A person's model, beside it a neighbour's, a listener, a process that may be hurt, and a console's folder."""

    def __init__(self, home: Path):
        self.home = home
        self.model = home / "people" / str(PERSON) / "models" / "mine"
        self.others = home / "people" / "8" / "models" / "theirs"
        self.secret = self.others / "secret.txt"
        self.console = home / "console"
        for folder in (self.model, self.others, self.console):
            folder.mkdir(parents=True)
        self.secret.write_text(SECRET)
        (self.others / "stolen.py").write_text("")
        (self.console / "token").write_text(SECRET)
        (self.console / "console.sqlite").write_text(SECRET)
        self.victim = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(1000)"])
        self.calls: list[str] = []
        self.sockets = [self._listen("tcp", ("127.0.0.1", 0)), self._listen("unix", str(home / "socket"))]
        abstract = f"openracer-{os.getpid()}"
        self.sockets.append(self._listen("unix", "\0" + abstract))
        column = {"x86_64": 0, "aarch64": 1}[platform.machine()]
        numbers = {
            name: (REFUSED | JUDGED)[name][column] for name in ("tkill", "add_key", "bpf", "userfaultfd")
        }
        self.names: dict[str, object] = {
            "secret": str(self.secret), "others": str(self.others), "people": str(home / "people"),
            "model": str(self.model), "token": str(self.console / "token"),
            "database": str(self.console / "console.sqlite"), "parent": os.getpid(), "victim": self.victim.pid,
            "port": self.sockets[0].getsockname()[1], "unix": str(home / "socket"), "abstract": abstract,
            "package": str(Path(openracer.__file__).parent), "openat": (257, 56)[column],
            "perf": REFUSED["perf_event_open"][column], **numbers,
        }  # fmt: skip
        self.before = self.state()

    def _listen(self, kind: str, address: object) -> socket.socket:
        family = socket.AF_INET if kind == "tcp" else socket.AF_UNIX
        listener = socket.socket(family)
        listener.bind(address)  # type: ignore[arg-type]
        listener.listen()

        def accept() -> None:
            while True:
                try:
                    listener.accept()
                except OSError:
                    return
                self.calls.append(kind)

        threading.Thread(target=accept, daemon=True).start()
        return listener

    def state(self) -> dict[str, object]:
        """All that must not change while strangers' code runs."""
        files = {}
        for path in sorted(self.home.rglob("*")):
            if not path.is_relative_to(self.model):
                found = path.lstat()
                content = path.read_bytes() if path.is_file() and not stat.S_ISSOCK(found.st_mode) else b""
                files[str(path)] = (found.st_mode, found.st_uid, found.st_mtime_ns, content)
        neighbour = psutil.Process(self.victim.pid)
        return {
            "files": files,
            "neighbour": (
                neighbour.status() != psutil.STATUS_ZOMBIE,
                neighbour.nice(),
                neighbour.cpu_affinity(),
            ),
            "temporary": sorted(map(str, Path("/dev/shm").glob("*planted*"))),
            "package": (Path(openracer.__file__).parent / "planted.py").exists(),
            "calls": list(self.calls),
        }

    def run(self, sources: dict[str, str], deadline_s: float = DEADLINE_S) -> tuple[list[dict], int | None]:
        """Run attempts in one confined process.

        Returns:
            What it told, and how it ended; None if it had to be ended.
        """
        request = self.model / f"attempts-{abs(hash(tuple(sources)))}.json"
        request.write_text(json.dumps(sources))
        program = launching.Program("tests.service.confinement.cell", [str(request)], writes=[self.model])
        door = Door(available(), PERSON)
        process = subprocess.Popen(
            door.command(program), env=door.environment({}), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            output, errors = process.communicate(timeout=deadline_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            return _lines(output), None
        if process.returncode == 0 and not output:
            pytest.fail(f"the confined process said nothing: {errors}")
        return _lines(output), process.returncode

    def close(self) -> None:
        """End what was started."""
        for listener in self.sockets:
            listener.close()
        self.victim.kill()
        self.victim.wait()


def _lines(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines() if line.startswith('{"name"')]


@pytest.fixture(scope="module")
def prison(tmp_path_factory):
    """One for all attempts: what one of them changed would be found by the last."""
    patch = pytest.MonkeyPatch()
    home = tmp_path_factory.mktemp("prison")
    home.chmod(0o755)
    patch.setenv("OPENRACER_HOME", str(home / "people" / str(PERSON)))
    patch.setenv("OPENRACER_TOKEN", SECRET)
    patch.setenv("OPENRACER_DATABASE", SECRET)
    patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    found = Prison(home)
    signals: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: signals.append(number))
    yield found
    signal.signal(signal.SIGUSR1, before)
    found.close()
    patch.undo()
    assert signals == []


def test_there_are_enough_attempts():
    assert sum(len(group) for group in GROUPS.values()) + len(attempts.ENDING) >= 60


@pytest.mark.parametrize("group", GROUPS)
def test_nobody_gets_out(prison, group):
    sources = {name: attempts.source(body, prison.names) for name, body in GROUPS[group].items()}
    told, code = prison.run(sources)
    answers = {line["name"]: line for line in told if "told" in line}
    assert code == 0 and answers.keys() == sources.keys(), (code, told[-1:])
    got_out = {name: line["reward"] for name, line in answers.items() if line["told"] is None}
    assert got_out == {}
    for name, line in answers.items():
        assert line["told"].strip() and SECRET not in line["told"], name
        assert "SyntaxError" not in line["told"] and "NameError" not in line["told"], (name, line["told"])
        assert "ModuleNotFoundError" not in line["told"] or name == "an import hook", (name, line["told"])
    assert prison.state() == prison.before


def test_what_would_take_the_machine_along_takes_only_its_own_process(prison):
    def attempt(item):
        name, body = item
        deadline = HANGS_S + 16.0 if not name.startswith(("a loop", "a sleep")) else HANGS_S
        return name, prison.run({name: attempts.source(body, prison.names)}, deadline)

    with ThreadPoolExecutor(3) as pool:
        ended = dict(pool.map(attempt, attempts.ENDING.items()))
    for name, (told, code) in ended.items():
        answers = [line for line in told if "told" in line]
        # It is told either inside, or by the one who watches and knows the process's end.
        assert all(line["told"] for line in answers), name
        assert answers or code is None or code != 0 or name == "a silent end", name
    hung = {name for name, (_told, code) in ended.items() if code is None}
    assert hung >= {"a loop without end", "a loop that no signal ends", "a sleep"}
    assert prison.state() == prison.before
    assert not (prison.model / "big").exists() or (prison.model / "big").stat().st_size < 1 << 40


def test_inside_it_is_another_user_without_powers(prison):
    if Layer.USER not in available():
        pytest.skip("NO TEST OF ANOTHER USER RUNS: not started as root")
    body = (
        "import os\nraise ValueError(str(os.getresuid() + os.getresgid()) + open('/proc/self/status').read())"
    )
    told, _code = prison.run({"who": attempts.source(body, prison.names)})
    assert "Permission" in told[-1]["told"]  # /proc is not for it
    body = "import os\nraise ValueError(str((os.getresuid(), os.getgroups())))"
    told, _code = prison.run({"who": attempts.source(body, prison.names)})
    user = 61184 + PERSON
    assert str(((user, user, user), [])) in told[-1]["told"]


def test_reading_the_code_already_refuses_most_attempts(prison):
    bodies = [body for group in GROUPS.values() for body in group.values()]
    refused = [body for body in bodies if check_source(attempts.source(body, prison.names))]
    assert len(refused) > 0.9 * len(bodies)


def test_code_that_keeps_to_its_own_is_not_disturbed(prison):
    body = (
        "import math, random, numpy, scipy.special, shapely.geometry\n"
        "open({model!r} + '/notes', 'w').write('mine')\n"
        "assert open({model!r} + '/notes').read() == 'mine'\n"
        "assert math.hypot(3, 4) == 5 and numpy.linalg.inv(numpy.eye(50)).sum() == 50\n"
        "assert shapely.geometry.Point(0, 0).buffer(1).area > 3 and random.random() < 1\n"
        "print('hello')"
    )
    told, code = prison.run({"honest": attempts.source(body, prison.names)})
    assert (code, told[-1]["told"], told[-1]["reward"]) == (0, None, 1.0)
