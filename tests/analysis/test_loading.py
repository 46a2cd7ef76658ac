"""What ``openracer.analysis.load`` finds, against deepracer-utils and an independent tool's reading."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from openracer import analysis
from openracer.analysis.episodes import episode_table, lap_table
from openracer.analysis.frames import NAMES
from openracer.analysis.loading import NoTrackError
from openracer.formats.errors import FormatError
from openracer.tracks.catalogue import UnknownTrackError

UTILS_COLUMNS = {*NAMES.values(), "unique_episode"}


def every_log(real_data: Path) -> list[Path]:
    logs = real_data / "logs"
    return [
        logs / "2019",
        logs / "console-v4",
        *logs.glob("*.tar.gz"),
        *(path for path in (logs / "v5").iterdir() if path.suffix != ".json"),
    ]


def test_every_log_loads_with_the_columns_that_notebooks_know(real_data: Path) -> None:
    for path in every_log(real_data):
        recording = analysis.load(path)
        assert len(recording.steps) > 100, path
        assert set(recording.steps.columns) >= UTILS_COLUMNS, path
        assert recording.broken == 0, path
        assert recording.world_name is not None, path
        assert (np.diff(recording.steps["unique_episode"]) >= 0).all(), path


@pytest.mark.parametrize(
    "name",
    [
        "head-to-bot-2022_reinvent_champ.log",
        "object-avoidance-2022_june_pro.log",
        "obstacles-2022_reinvent_champ.tar.gz",
        "continuous-2022_september_pro.tar.gz",
        "sac-2022_reinvent_champ.tar.gz",
        "time-trial-reinvent_base-3mps.log",
    ],
)
def test_episodes_and_laps_are_those_of_an_independent_tool(real_data: Path, name: str) -> None:
    path = real_data / "logs" / "v5" / name
    expected = json.loads(path.with_name(name + ".expected.json").read_text())["episode_stats"]
    recording = analysis.load(path)
    episodes = episode_table(recording.training)
    ended = episodes[episodes["status"] != "in_progress"]
    laps = lap_table(ended)
    assert len(laps) == expected["success_count"]
    assert len(episodes) - expected["episode_count"] in (0, 1)
    assert ended["reward"].max() == pytest.approx(expected["best_reward"], rel=1e-3)
    assert recording.training["iteration"].max() + 1 in range(
        expected["iteration_count"] - 1, expected["iteration_count"] + 2
    )
    if len(laps):
        # The other tool counts the time before the first step.
        assert laps["lap_time"].min() + 0.2 == pytest.approx(expected["best_time"], abs=0.21)
        assert laps["steps"].min() == expected["best_steps"]
        assert laps["dist"].mean() == pytest.approx(expected["average_distance"], rel=0.02)


FOLDERS = {
    "console": ("sim-trace/training/training-simtrace", "sim-trace/evaluation/{0}-x/evaluation-simtrace"),
    "droa": (
        "sim-trace/training/2026-03-06T18:33:59.511Z-t/training-simtrace",
        "sim-trace/evaluation/2026-03-07T17:52:00.{0}Z-e/evaluation-simtrace",
    ),
    "single": ("training-simtrace", "evaluation-{0}/evaluation-simtrace"),
    "upload": (None, "evaluation-{0}/evaluation-simtrace"),
}
"""Where training and evaluations lie in each kind of folder that deepracer-utils knows (``logs/handler.py``); several
workers have a test of their own."""


@pytest.mark.parametrize("kind", FOLDERS)
def test_every_kind_of_folder_has_the_rows_of_deepracer_utils(
    real_data: Path, tmp_path: Path, kind: str
) -> None:
    pytest.importorskip("deepracer")
    from deepracer.logs import DeepRacerLog

    console = real_data / "logs" / "console-v4" / "sim-trace"
    folder, (training, evaluation) = tmp_path / "my-model", FOLDERS[kind]
    (folder / "model").mkdir(parents=True)
    if kind == "console":  # where it wants a text log too
        (folder / "logs" / "training").mkdir(parents=True)
        (folder / "logs" / "training" / "training-20220611230350-x-robomaker.log").write_text("")
    for number in range(3 if training else 0):
        (folder / training).mkdir(parents=True, exist_ok=True)
        shutil.copy(console / "training" / "training-simtrace" / f"{number}-iteration.csv", folder / training)
    for source in (console / "evaluation").iterdir():
        place = folder / evaluation.format(source.name[:14])
        place.mkdir(parents=True)
        shutil.copy(source / "evaluation-simtrace" / "0-iteration.csv", place)
    archive = shutil.make_archive(str(tmp_path / "packed"), "gztar", tmp_path, "my-model")
    for ours in (analysis.load(folder), analysis.load(archive)):
        for name, steps in (("training", ours.training), ("evaluation", ours.evaluation)):
            if name == "training" and not training:
                assert not len(steps)
                continue
            reader = DeepRacerLog(model_folder=str(folder))
            getattr(reader, f"load_{name}_trace")(ignore_metadata=True)
            theirs = reader.dataframe()
            assert len(theirs) == len(steps)
            assert set(theirs.columns) <= set(steps.columns)
            for column in theirs.columns.drop("wall_clock", errors="ignore"):
                same = theirs[column].to_numpy() == steps[column].astype(theirs[column].dtype).to_numpy()
                assert same.all(), column


def test_a_training_has_the_rows_of_deepracer_utils(real_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("deepracer")
    from deepracer.logs import DeepRacerLog

    traces = real_data / "logs/console-v4/sim-trace/training/training-simtrace"
    for worker in ("0", "1"):
        shutil.copytree(traces, tmp_path / worker / "training-simtrace")
    reader = DeepRacerLog(model_folder=str(tmp_path))
    reader.load_training_trace(ignore_metadata=True)
    theirs = reader.dataframe()
    ours = analysis.load(tmp_path).training
    assert set(theirs.columns) <= set(ours.columns)
    for name in theirs.columns.drop("wall_clock"):
        assert (theirs[name].to_numpy() == ours[name].astype(theirs[name].dtype).to_numpy()).all(), name


def test_a_frame_that_was_written_as_csv_is_read_again(real_data: Path, tmp_path: Path) -> None:
    steps = analysis.load(real_data / "logs" / "console-v4").training
    steps = steps[steps["iteration"].isin([3, 4])].reset_index(drop=True)
    steps.to_csv(tmp_path / "training.csv")
    again = analysis.load(tmp_path).training
    for name in set(NAMES.values()) - {"wall_clock"}:
        assert (again[name].to_numpy() == steps[name].to_numpy()).all(), name


def test_aggregates_are_those_of_deepracer_utils(real_data: Path) -> None:
    pytest.importorskip("deepracer")
    from deepracer.logs.log_utils import AnalysisUtils

    steps = analysis.load(real_data / "logs" / "console-v4").training
    ours = episode_table(steps)
    frame = steps.copy()
    frame["episode_status"] = frame["episode_status"].astype(str)
    theirs = AnalysisUtils.simulation_agg(frame, secondgroup="unique_episode", add_perf=True)
    assert len(ours) == len(theirs) == 560
    names = "steps start_at progress time dist speed reward time_if_complete reward_if_complete complete"
    for name in [*names.split(), "step_time_mean", "step_time_max", "step_time_std"]:
        assert np.allclose(ours[name], theirs[name], equal_nan=True), name
    assert (ours["quintile"].astype(str) == theirs["quintile"].astype(str)).all()


def test_aggregates_of_evaluations_are_those_of_deepracer_utils(real_data: Path) -> None:
    pytest.importorskip("deepracer")
    from deepracer.logs.log_utils import AnalysisUtils

    steps = analysis.load(real_data / "logs" / "console-v4").evaluation
    ours = episode_table(steps)
    frame = steps.copy()
    for name in ("episode_status", "stream"):
        frame[name] = frame[name].astype(str)
    theirs = AnalysisUtils.simulation_agg(frame, firstgroup="stream", is_eval=True)
    assert len(ours) == len(theirs) == 6
    for name in [
        "steps",
        "start_at",
        "progress",
        "time",
        "dist",
        "speed",
        "time_if_complete",
        "crashed",
        "off_track",
        "complete",
    ]:
        assert np.allclose(ours[name], theirs[name], equal_nan=True), name
    assert ours["stream"].tolist() == theirs["stream"].tolist()


def test_what_lies_beside_the_traces_comes_along(real_data: Path) -> None:
    recording = analysis.load(real_data / "logs" / "console-v4")
    assert len(recording.metrics) == 708
    assert len(recording.trials) == 6
    assert recording.epochs["iteration"].max() == 27
    assert recording.epochs["entropy"].iloc[0] == pytest.approx(2.628384590148926)
    laps = episode_table(recording.evaluation)
    # A metric's time begins one control period before the first row.
    elapsed = sorted(recording.trials["elapsed_time_in_milliseconds"] / 1e3)
    assert np.allclose(sorted(laps["time"]), elapsed, atol=0.08)


def test_the_direction_of_driving_is_seen_from_the_steps(real_data: Path) -> None:
    forward = analysis.load(real_data / "logs" / "console-v4")
    assert not forward.track().is_reversed
    backward = replace(forward, training=forward.training.iloc[::-1].assign(unique_episode=0))
    assert backward.track().is_reversed


def test_a_world_that_lies_elsewhere_is_not_drawn_over_its_namesake(real_data: Path) -> None:
    recording = analysis.load(real_data / "logs" / "continuous-v6.tar.gz")
    assert recording.world_name == "reInvent2019_wide_cw"
    with pytest.raises(NoTrackError, match="elsewhere"):
        recording.track()
    track = recording.track(str(real_data / "tracks" / "reInvent2019_wide_cw.npy"))
    assert not track.is_reversed


def test_an_unknown_track_is_asked_for_and_the_rest_is_there(real_data: Path) -> None:
    recording = analysis.load(real_data / "logs" / "droa-v6.tar.gz")
    assert len(recording.evaluation) == 1302
    with pytest.raises(NoTrackError, match="--track"):
        recording.track()
    with pytest.raises(UnknownTrackError):
        recording.track("no such track")
    assert recording.track(str(real_data / "tracks" / "Spain_track.npy")).length == pytest.approx(
        60.0, abs=0.1
    )


def test_metrics_alone_are_enough(real_data: Path) -> None:
    recording = analysis.load(next((real_data / "logs/console-v4/metrics/training").iterdir()))
    assert len(recording.metrics) == 708
    assert not len(recording.steps)


def test_half_a_log_gives_what_is_whole(real_data: Path, tmp_path: Path) -> None:
    content = (real_data / "logs/v5/time-trial-reinvent_base-3mps.log").read_bytes()
    half = tmp_path / "half.log"
    half.write_bytes(content[: len(content) // 2])
    recording = analysis.load(half)
    assert 1000 < len(recording.steps) < 2749
    assert len(recording.problems) == recording.broken == 1 or recording.broken == 0


@pytest.mark.parametrize("content", [b"", b"hello\n", bytes(range(256)) * 100])
def test_what_holds_nothing_is_told_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(content)
    with pytest.raises(FormatError, match="no trace"):
        analysis.load(path)


def test_a_missing_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file, folder or model"):
        analysis.load(tmp_path / "nothing")


def test_importing_the_package_does_not_import_pandas() -> None:
    code = "import sys, openracer.analysis; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
