"""Metrics JSON: AWS's own files come back byte for byte, and broken ones are explained."""

import tarfile
from pathlib import Path

import pytest

from openracer.formats.errors import FormatError
from openracer.formats.metrics import (
    TrainingEpisode,
    TrainingMetrics,
    append_training_episodes,
    read_evaluation_metrics,
    read_training_metrics,
    write_evaluation_metrics,
    write_training_metrics,
)


def real_metrics(real_data: Path, folder: Path, phase: str) -> list[Path]:
    """Metrics files of the 2022 console, of its last months (continuous, SAC) and of DeepRacer on AWS."""
    for archive in (real_data / "logs").rglob("*.tar.gz"):
        with tarfile.open(archive) as tar:
            tar.extractall(
                folder, [m for m in tar if f"/metrics/{phase}/" in m.name and m.isfile()], filter="data"
            )
    paths = [*folder.rglob("*.json"), *(real_data / "logs" / "console-v4" / "metrics" / phase).glob("*.json")]
    return sorted(paths)


def test_real_training_metrics_come_back_byte_for_byte(real_data: Path, tmp_path: Path) -> None:
    paths = real_metrics(real_data, tmp_path, "training")
    assert len(paths) >= 5
    for path in paths:
        metrics = read_training_metrics(path)
        write_training_metrics(tmp_path / "again.json", metrics)
        assert (tmp_path / "again.json").read_bytes() == path.read_bytes(), path


def test_real_evaluation_metrics_come_back_byte_for_byte(real_data: Path, tmp_path: Path) -> None:
    paths = real_metrics(real_data, tmp_path, "evaluation")
    assert len(paths) >= 3
    for path in paths:
        write_evaluation_metrics(tmp_path / "again.json", read_evaluation_metrics(path))
        assert (tmp_path / "again.json").read_bytes() == path.read_bytes(), path


def test_deepracer_utils_reads_our_training_metrics(tmp_path: Path) -> None:
    utils = pytest.importorskip("deepracer.logs.metrics")
    rows = [
        TrainingEpisode(
            5 * n, 1000 * n, 1000 * n - 900, 900, n, (n - 1) % 4 + 1, "training", 10 * n, "Off track"
        )
        for n in range(1, 9)
    ]
    rows.insert(4, TrainingEpisode(7, 4500, 4100, 400, 4, 4, "evaluation", 100, "Lap complete"))
    write_training_metrics(tmp_path / "TrainingMetrics.json", TrainingMetrics(tuple(rows)))
    reader = utils.TrainingMetrics.__new__(utils.TrainingMetrics)
    reader.metrics, reader.max_iteration_strlen, reader.max_episode_strlen, reader.max_round_strlen = (
        None,
        3,
        4,
        2,
    )
    frame = reader._loadRound(reader._getFile(str(tmp_path / "TrainingMetrics.json")), 1)
    training = frame[frame["phase"] == "training"]
    assert training["iteration"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert training["reward"].tolist() == [5 * n for n in range(1, 9)]
    assert frame[frame["phase"] == "evaluation"]["complete"].tolist() == [1]
    assert frame["time"].tolist()[:2] == [0.9, 0.9]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "m.json has no list of metrics"),
        ('{"metrics": [], "version": []}', "m.json: version is []; it must be a number"),
        ('{"metrics": [3]}', "m.json: entry 0 of metrics must be an object"),
        ('{"metrics": [{}]}', "m.json: entry 0 of metrics has no reward_score"),
        (
            '{"metrics": [{"reward_score": "x"}]}',
            "m.json: reward_score of entry 0 is 'x'; it must be a whole number",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(FormatError) as caught:
        read_training_metrics(tmp_path / "m.json")
    assert str(caught.value) == sentence


def some_episodes(first: int, count: int) -> tuple[TrainingEpisode, ...]:
    return tuple(
        TrainingEpisode(n, n + 9, n, 9, n, 1, "training", 50, 'Off "track"')
        for n in range(first, first + count)
    )


@pytest.mark.parametrize("before", [0, 1, 3])
def test_appended_episodes_are_as_if_written_at_once(tmp_path: Path, before: int) -> None:
    path, whole = tmp_path / "m.json", tmp_path / "whole.json"
    write_training_metrics(path, TrainingMetrics(some_episodes(1, before)))
    append_training_episodes(path, some_episodes(1 + before, 2))
    append_training_episodes(path, ())
    append_training_episodes(path, some_episodes(3 + before, 1))
    write_training_metrics(whole, TrainingMetrics(some_episodes(1, before + 3)))
    assert path.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("before", [0, 2])
def test_torn_at_any_byte_of_an_append_the_episodes_before_are_found(tmp_path: Path, before: int) -> None:
    path = tmp_path / "m.json"
    write_training_metrics(path, TrainingMetrics(some_episodes(1, before)))
    old = path.read_bytes()
    append_training_episodes(path, some_episodes(1 + before, 2))
    new = path.read_bytes()
    expected = read_training_metrics(path).episodes
    for cut in range(len(new)):
        if old[:cut] != new[:cut] or cut > len(old):
            path.write_bytes(new[:cut] + old[cut:])
            found = read_training_metrics(path).episodes
            assert len(found) >= before
            assert found == expected[: len(found)]


def test_a_long_file_is_not_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    write_training_metrics(path, TrainingMetrics(some_episodes(1, 2)))
    inode = path.stat().st_ino
    append_training_episodes(path, some_episodes(3, 1))
    assert path.stat().st_ino == inode
