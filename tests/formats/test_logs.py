"""Logs of every era and tool: the same drives come out, whatever they were packed in."""

import bz2
import gzip
import io
import json
import lzma
import os
import random
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from openracer.formats import log_members
from openracer.formats.errors import FormatError
from openracer.formats.logs import Log, read_logs
from openracer.formats.simtrace import COLUMNS, read_simtrace, write_simtrace

V5 = (
    "continuous-2022_september_pro.tar.gz",
    "head-to-bot-2022_reinvent_champ.log",
    "object-avoidance-2022_june_pro.log",
    "obstacles-2022_reinvent_champ.tar.gz",
    "sac-2022_reinvent_champ.tar.gz",
    "time-trial-reinvent_base-3mps.log",
)


def row(episode: int, step: int, x: float = 1.0, time: float | None = None) -> str:
    time = 10.0 * episode + step / 15.0 if time is None else time
    judged = f"3,1.0000,False,True,{step:.4f},4,17.71,{time!r},in_progress,0.00"
    return f"{episode},{step},{x:.4f},0.5,90.0,10.00,1.50,{judged}"


def tar_of(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def episodes(log: Log) -> list[dict[str, np.ndarray]]:
    cuts = {name: np.split(column, log.episode_starts[1:]) for name, column in log.trace.items()}
    return [{name: parts[k] for name, parts in cuts.items()} for k in range(len(log.episode_starts))]


@pytest.mark.parametrize("name", V5)
def test_laps_and_best_laps_are_those_an_independent_tool_found(real_data: Path, name: str) -> None:
    expected = json.loads((real_data / "logs" / "v5" / f"{name}.expected.json").read_text())
    (log,) = read_logs(real_data / "logs" / "v5" / name)
    stats = expected["episode_stats"]
    finished = [episode for episode in episodes(log) if episode["done"][-1]]
    laps = [episode for episode in finished if episode["progress"].max() >= 100.0]
    assert log.broken == 0
    assert len(laps) == stats["success_count"]
    # The other tool leaves out the episode during which the log ends, or one whose rows end abruptly.
    assert len(episodes(log)) - stats["episode_count"] in (0, 1)
    if laps:
        assert min(len(lap["steps"]) for lap in laps) == stats["best_steps"]
        times = [lap["tstamp"][-1] - lap["tstamp"][0] + 0.2 for lap in laps]
        assert min(times) == pytest.approx(stats["best_time"], abs=0.21)
    assert max(e["reward"].sum() for e in finished) == pytest.approx(stats["best_reward"], rel=1e-3)
    assert log.facts.simulator_version == float(expected["environment"]["simulation_version"])
    assert log.facts.world_name == expected["environment"]["track_name"]
    assert log.facts.race_type is not None
    assert log.facts.training_algorithm == expected["training"]["learning_algorithm"].lower()
    assert log.facts.vehicle == "v5"
    if space := expected.get("action_space"):
        assert (log.trace["action"].dtype.kind == "U") == (space["type"] == "CONTINUOUS")


def test_a_console_export_gives_its_training_and_evaluations_once(real_data: Path) -> None:
    logs = {log.name: log for log in read_logs(real_data / "logs" / "console-v4")}
    assert [log.kind for log in logs.values()].count("training") == 1
    assert [log.kind for log in logs.values()].count("evaluation") == 2
    training = logs["sim-trace/training/training-simtrace"]
    assert len(training.trace["X"]) == 44_247
    assert training.trace["iteration"][[0, -1]].tolist() == [0, 27]
    assert len(training.episode_starts) == 560
    assert {log.facts.vehicle for log in logs.values()} == {"v4"}
    assert {log.era for log in logs.values()} == {"2021"}


def test_columns_are_those_of_the_exact_reader(real_data: Path) -> None:
    path = real_data / "logs/console-v4/sim-trace/training/training-simtrace/5-iteration.csv"
    (log,) = read_logs(path)
    for name, column in read_simtrace(path).items():
        assert log.trace[name].dtype.kind == column.dtype.kind
        assert (log.trace[name] == column).all(), name


def test_columns_are_those_of_deepracer_utils(real_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("deepracer")
    from deepracer.logs import DeepRacerLog

    traces = real_data / "logs/console-v4/sim-trace/training/training-simtrace"
    shutil.copytree(traces, tmp_path / "training-simtrace")
    reader = DeepRacerLog(model_folder=str(tmp_path))
    reader.load_training_trace()
    frame = reader.dataframe()
    trace = {log.kind: log for log in read_logs(real_data / "logs" / "console-v4")}["training"].trace
    theirs = {
        "x": "X",
        "y": "Y",
        "yaw": "yaw",
        "speed": "throttle",
        "steering_angle": "steer",
        "tstamp": "tstamp",
    }
    for name, ours in theirs.items():
        assert np.allclose(np.sort(frame[name].to_numpy()), np.sort(trace[ours])), name


def test_deepracer_on_aws_is_read_from_its_archive(real_data: Path) -> None:
    evaluation, training = read_logs(real_data / "logs" / "droa-v6.tar.gz")
    assert (training.kind, evaluation.kind) == ("training", "evaluation")
    assert (training.era, training.facts.vehicle, training.facts.world_name) == ("2026", "v6", "Spain_track")
    assert len(evaluation.trace["X"]) == 1302
    assert (evaluation.trace["episode_status"] == "pause").any()
    (continuous,) = read_logs(real_data / "logs" / "continuous-v6.tar.gz")
    assert len(continuous.trace["X"]) == 10_693
    assert continuous.trace["action"][0] == "[-25.0 1.3310375874989868]"


def test_the_archive_and_its_unpacked_folder_are_the_same(real_data: Path, tmp_path: Path) -> None:
    archive = real_data / "logs" / "droa-v6.tar.gz"
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    for packed, unpacked in zip(read_logs(archive), read_logs(tmp_path), strict=True):
        assert packed.name == unpacked.name
        assert packed.facts == unpacked.facts
        for name, column in packed.trace.items():
            assert (column == unpacked.trace[name]).all(), name


def test_2019_is_turned_into_degrees(real_data: Path) -> None:
    (log,) = read_logs(real_data / "logs" / "2019" / "evaluation-2019.log")
    assert log.era == "2019"
    assert log.facts.vehicle is None
    assert len(log.trace["X"]) == 480
    assert 29.0 < np.abs(log.trace["steer"]).max() <= 30.0
    assert np.abs(log.trace["yaw"]).max() > 90.0
    assert (log.trace["progress"] >= 100.0).sum() == 3
    assert set(COLUMNS) <= set(log.trace)


def test_a_text_log_adds_the_rows_that_its_csv_files_lack(tmp_path: Path) -> None:
    header = ",".join(COLUMNS)
    rows = [row(0, step) for step in range(1, 9)]
    archive = tar_of(
        tmp_path / "export.tar.gz",
        {
            "m/sim-trace/training/training-simtrace/0-iteration.csv": "\n".join(
                [header, *rows[:5], ""]
            ).encode(),
            "m/logs/training/x-robomaker.log": "\n".join(f"SIM_TRACE_LOG:{r}" for r in rows).encode(),
        },
    )
    (log,) = read_logs(archive)
    assert log.trace["steps"].tolist() == list(range(1, 9))
    assert log.trace["iteration"].tolist() == [0] * 5 + [-1] * 3


def test_workers_of_deepracer_for_cloud_are_told_apart(tmp_path: Path) -> None:
    for worker in (0, 1):
        folder = tmp_path / "rl-model" / str(worker) / "training-simtrace"
        folder.mkdir(parents=True)
        lines = [",".join(COLUMNS), *(row(e, s, worker) for e in range(2) for s in (1, 2))]
        (folder / "0-iteration.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "rl-model" / "model_metadata.json").write_text(
        json.dumps(
            {
                "action_space": [{"steering_angle": 0, "speed": 1}],
                "sensor": ["FRONT_FACING_CAMERA"],
                "version": "4",
            }
        )
    )
    (log,) = read_logs(tmp_path)
    assert log.trace["worker"].tolist() == [0] * 4 + [1] * 4
    assert log.trace["X"].tolist() == [0.0] * 4 + [1.0] * 4
    assert len(log.episode_starts) == 4
    assert log.facts.vehicle == "v4"
    assert log.kind == "training"


def test_paths_in_archives_are_only_names(tmp_path: Path) -> None:
    text = f"SIM_TRACE_LOG:{row(0, 1)}\n".encode()
    archive = tmp_path / "evil.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("../../escape.log", "/absolute.log"):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
        link = tarfile.TarInfo("link.log")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert [len(log.trace["X"]) for log in read_logs(archive)] == [1, 1]
    assert (
        sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar.gz", "openracer-home"]
        or not (tmp_path.parent / "escape.log").exists()
    )


def text_log(rows: int = 30) -> bytes:
    return "".join(f"SIM_TRACE_LOG:{row(0, step)}\n" for step in range(1, rows + 1)).encode()


PACKINGS = {
    "x.log.gz": gzip.compress,
    "x.log.bz2": bz2.compress,
    "x.log.xz": lzma.compress,
    "utf16.log": lambda content: content.decode().encode("utf-16"),
    "bom.log": lambda content: b"\xef\xbb\xbf" + content,
    "windows.log": lambda content: content.replace(b"\n", b"\r\n"),
    "folder/deep/x.log.gz": gzip.compress,
}


@pytest.mark.parametrize("name", PACKINGS)
def test_a_log_is_read_however_it_is_packed_or_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PACKINGS[name](text_log()))
    (log,) = read_logs(tmp_path / name.split("/")[0])
    assert len(log.trace["X"]) == 30
    assert log.broken == 0


@pytest.mark.parametrize("inside", ["x.log", "a/b/x.log.gz"])
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.bz2", "tar.xz"])
def test_archives_of_every_kind_are_read_alone_and_in_a_folder(
    tmp_path: Path, kind: str, inside: str
) -> None:
    content = gzip.compress(text_log()) if inside.endswith(".gz") else text_log()
    path = tmp_path / f"logs.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(inside, content)
    else:
        with tarfile.open(path, f"w:{kind[4:]}") as archive:
            info = tarfile.TarInfo(inside)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    for source in (path, tmp_path):
        (log,) = read_logs(source)
        assert len(log.trace["X"]) == 30


def test_a_packed_log_that_breaks_off_gives_what_is_whole(tmp_path: Path) -> None:
    packed = gzip.compress(text_log(3000))
    path = tmp_path / "half.log.gz"
    path.write_bytes(packed[: len(packed) // 2])
    (log,) = read_logs(path)
    assert 100 < len(log.trace["X"]) < 3000


def test_a_packed_file_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_members, "MAX_TOTAL_BYTES", 1 << 20)
    path = tmp_path / "bomb.log.gz"
    path.write_bytes(gzip.compress(bytes(8 << 20)))
    with pytest.raises(FormatError, match="more than"):
        read_logs(path)


def test_links_in_folders_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.log"
    secret.write_text(f"SIM_TRACE_LOG:{row(0, 1)}\n")
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log").symlink_to(secret)
    with pytest.raises(FormatError, match="holds no trace"):
        read_logs(folder)


def test_too_large_archives_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tar_of(tmp_path / "a.tar.gz", {"a.log": b"x" * 2000, "b.log": b"x" * 2000})
    monkeypatch.setattr(log_members, "MAX_TOTAL_BYTES", 3000)
    with pytest.raises(FormatError, match="holds more than"):
        read_logs(archive)
    monkeypatch.undo()
    monkeypatch.setattr(log_members, "MAX_MEMBERS", 1)
    with pytest.raises(FormatError, match="holds more than 1 files"):
        read_logs(archive)


def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no file or folder"):
        read_logs(tmp_path / "none")
    (tmp_path / "empty.log").write_text("nothing here\n")
    with pytest.raises(FormatError, match="holds no trace"):
        read_logs(tmp_path / "empty.log")
    (tmp_path / "broken.tar.gz").write_bytes(gzip.compress(b"no tar at all" * 100)[:-20])
    with pytest.raises(FormatError, match="is no readable archive"):
        read_logs(tmp_path / "broken.tar.gz")


def test_an_archive_that_breaks_off_gives_what_comes_before(tmp_path: Path) -> None:
    archive = tar_of(tmp_path / "a.tar.gz", {"a.log": text_log(3), "b.log": text_log(3000)})
    unpacked = gzip.decompress(archive.read_bytes())
    cut = tmp_path / "cut" / "cut.tar"
    cut.parent.mkdir()
    cut.write_bytes(unpacked[: len(unpacked) // 2])
    for place in (cut, cut.parent):
        problems: list[str] = []
        logs = read_logs(place, problems)
        assert [log.name for log in logs] == ["a.log", "b.log"]
        assert 1000 < len(logs[1].trace["X"]) < 3000
        assert len(problems) == 1
        assert "cut short" in problems[0]


def test_what_is_damaged_does_not_hold_up_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "good.log").write_bytes(text_log(4))
    (tmp_path / "bad.zip").write_bytes(b"PK and then nothing of a kind")
    (tmp_path / "bad.tar.gz").write_bytes(gzip.compress(b"no tar at all" * 100)[:-20])
    (tmp_path / "0-iteration.csv").write_text("episode,steps,X,Y\n0,1,2,3\n")
    (tmp_path / "useless.log").write_text("SIM_TRACE_LOG:1,2,3\n" * 7)
    problems: list[str] = []
    (log,) = read_logs(tmp_path, problems)
    assert len(log.trace["X"]) == 4
    told = "\n".join(problems)
    for words in ("bad.zip is no", "bad.tar.gz is no", "lacks the column yaw", "has 7 trace rows, but none"):
        assert words in told
    with pytest.raises(FormatError, match="lacks the column yaw"):
        read_logs(tmp_path / "0-iteration.csv")
    with pytest.raises(FormatError, match="has 7 trace rows, but none"):
        read_logs(tmp_path / "useless.log")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root may become another user")
def test_files_that_may_not_be_read_are_told_and_the_others_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "good.log").write_bytes(text_log(4))
        for closed in ("closed.log", "closed.tar.gz"):
            (folder / closed).write_bytes(text_log(4))
            (folder / closed).chmod(0)
        (folder / "closed").mkdir(mode=0)
        problems: list[str] = []
        os.seteuid(65534)
        try:
            (log,) = read_logs(folder, problems)
            with pytest.raises(PermissionError):
                read_logs(folder / "closed")
        finally:
            os.seteuid(0)
        assert len(log.trace["X"]) == 4
        assert [f"{folder / file} cannot be opened (permission denied) and is left out." for file in (
            "closed", "closed.log", "closed.tar.gz")] == sorted(problems)  # fmt: skip


def wrapped(line: bytes, number: int, kind: str) -> bytes:
    if kind == "docker":  # its json-file driver
        return json.dumps({"log": line.decode() + "\n", "stream": "stdout", "time": f"{number}"}).encode()
    return b'%d,"%s"' % (number, line.replace(b'"', b'""'))  # an export of CloudWatch


@pytest.mark.parametrize(("name", "kind"), [("x-json.log", "docker"), ("log-events.csv", "cloudwatch")])
def test_log_lines_may_be_wrapped(tmp_path: Path, name: str, kind: str) -> None:
    lines = [wrapped(line, number, kind) for number, line in enumerate(text_log().splitlines())]
    (tmp_path / name).write_bytes(b"timestamp,message\n" + b"\n".join(lines))
    (log,) = read_logs(tmp_path)
    assert (len(log.trace["X"]), log.broken) == (30, 0)


def test_a_name_says_nothing_about_packing(tmp_path: Path) -> None:
    (tmp_path / "x.log.gz").write_bytes(text_log())
    (tmp_path / "y.log").write_bytes(gzip.compress(text_log()))
    assert [len(read_logs(tmp_path / name)[0].trace["X"]) for name in ("x.log.gz", "y.log")] == [30, 30]


TABLES: dict[str, Callable[[str], str]] = {
    "mac": lambda text: text.replace("\n", "\r"),
    "windows": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    "quoted": lambda text: "\n".join(
        ",".join(f'"{value}"' for value in line.split(",")) for line in text.splitlines()
    ),
    "more": lambda text: "\n".join(
        f"{number or ''},{line},{'note' if not number else 'well done'}"
        for number, line in enumerate(text.splitlines())
    ),
    "frame": lambda text: text.replace("X,Y,yaw,steer,throttle", "x,y,yaw,steering_angle,speed").replace(
        "all_wheels_on_track", "on_track"
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_that_went_through_other_programs_are_read(tmp_path: Path, kind: str) -> None:
    text = "\n".join([",".join(COLUMNS), *(row(0, step) for step in range(1, 20)), ""])
    (tmp_path / "0-iteration.csv").write_text(text)
    (plain,) = read_logs(tmp_path)
    (tmp_path / "0-iteration.csv").write_bytes(TABLES[kind](text).encode())
    (log,) = read_logs(tmp_path)
    assert log.broken == 0
    for name, column in plain.trace.items():
        assert (log.trace[name] == column).all(), name
    assert log.trace.keys() == plain.trace.keys()


def test_lines_in_any_order_are_the_same_drive(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    (right,) = read_logs(path)
    lines = path.read_bytes().splitlines()
    random.Random(0).shuffle(lines)
    twice = [line for line in lines for _copy in range(2)]
    (tmp_path / "shuffled.log").write_bytes(b"\n".join(twice))
    (log,) = read_logs(tmp_path)
    for name, column in right.trace.items():
        assert (log.trace[name] == column).all(), name


def test_our_own_traces_are_read(tmp_path: Path) -> None:
    lines = "\n".join([",".join(COLUMNS), *(row(0, step) for step in range(1, 20)), ""])
    path = tmp_path / "evaluation-1" / "0-iteration.csv"
    path.parent.mkdir()
    path.write_text(lines)
    write_simtrace(path, read_simtrace(path))
    (log,) = read_logs(tmp_path)
    assert (log.kind, len(log.trace["X"])) == ("evaluation", 19)
