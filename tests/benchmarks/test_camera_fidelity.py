"""The camera's benchmark: it must find poses that are known, and measure edges that are moved by a known distance."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from benchmarks import camera_fidelity
from benchmarks.camera_edges import edge_distances
from benchmarks.camera_poses import TrackCamera, descend, recover_poses
from openracer.simulation.palette import SMILE_SPEEDWAY
from openracer.tracks.catalogue import find


@pytest.fixture(scope="module")
def camera():
    return TrackCamera(find("reinvent_base"))


def drive(track, frames):
    """Poses of a car that weaves along the road."""
    time = np.arange(frames)
    poses = np.array([track.start_pose(distance) for distance in 4.0 + 0.25 * time])
    left = np.stack([-np.sin(poses[:, 2]), np.cos(poses[:, 2])], axis=1)
    poses[:, :2] += 0.15 * np.sin(time)[:, None] * left
    poses[:, 2] += 0.2 * np.cos(time)
    return poses


def assert_close(found, poses):
    np.testing.assert_array_less(np.hypot(*(found[:, :2] - poses[:, :2]).T), 0.02)
    turned = np.angle(np.exp(1j * (found[:, 2] - poses[:, 2])))
    np.testing.assert_array_less(np.abs(np.degrees(turned)), 1.0)


def test_poses_of_our_own_frames_are_found_from_nothing(camera):
    poses = drive(camera.track, 5)
    # The frames have texture, the search has none: as with real frames.
    frames = TrackCamera(camera.track, SMILE_SPEEDWAY).render(poses)
    found = recover_poses(camera, frames, np.arange(5))
    assert found.steady.all()
    assert_close(found.poses, poses)


def test_a_descent_ends_at_the_pose_of_the_frame(camera):
    poses = drive(camera.track, 3)
    for pose, frame in zip(poses, camera.render(poses), strict=True):
        found, error = descend(camera, frame, pose[None] + [[0.03, -0.02, 0.03]], np.random.default_rng(0))
        assert_close(found, pose[None])
        assert error[0] < 1.0


def test_edges_of_the_same_frame_lie_upon_each_other(camera):
    pose = drive(camera.track, 1)[0]
    distances = edge_distances(camera, pose, camera.render(pose[None])[0])
    assert len(distances) > 20
    np.testing.assert_allclose(distances, 0.0, atol=1e-9)


@pytest.mark.parametrize("columns", [1, -2])
def test_edges_of_a_shifted_frame_lie_so_many_columns_apart(camera, columns):
    pose = np.array(camera.track.start_pose(1.0))
    shifted = np.roll(camera.render(pose[None])[0], columns, axis=1)
    distances = edge_distances(camera, pose, shifted)
    # Across a slanting edge it is less far than along the row; none lies steeper than upright.
    assert np.sign(np.median(distances)) == np.sign(columns)
    assert 0.3 * abs(columns) < np.median(np.abs(distances)) < abs(columns)


def test_edges_that_are_not_there_count_as_out_of_reach(camera):
    pose = np.array(camera.track.start_pose(1.0))
    distances = edge_distances(camera, pose, np.zeros((120, 160), np.uint8))
    assert len(distances) > 20
    assert np.median(distances) > 1.0


def test_frames_are_read_in_the_order_of_their_numbers(tmp_path):
    for number in (100, 20, 3):
        Image.new("RGB", (160, 120), (number, 0, 0)).save(tmp_path / f"{number}.png")
    files, numbers, colours = camera_fidelity.read_frames(tmp_path)
    assert [path.name for path in files] == ["3.png", "20.png", "100.png"]
    assert numbers.tolist() == [3, 20, 100]
    assert colours[:, 0, 0, 0].tolist() == [3, 20, 100]


def test_folders_without_frames_and_frames_of_another_size_are_refused_in_a_sentence(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", ["camera_fidelity", "--frames", str(tmp_path)])
    assert camera_fidelity.main() == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path} holds no frames; ")
    Image.new("RGB", (640, 480)).save(tmp_path / "1.png")
    assert camera_fidelity.main() == 2
    assert "has 640 by 480 pixels" in capsys.readouterr().err


def test_real_frames_are_resembled(real_data, tmp_path, monkeypatch, capsys):
    frames = sorted((real_data / "frames").glob("*.png"))[20:26]
    for path in frames:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    options = ["--frames", str(tmp_path), "--json", "--pictures", str(tmp_path / "sheets")]
    monkeypatch.setattr(sys, "argv", ["camera_fidelity", *options])
    assert camera_fidelity.main() == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["located"] == figures["frames"] == len(frames)
    assert figures["grey_error"]["mean"] < 6.0
    assert figures["edge_error_px"]["median"] < 0.6
    with Image.open(tmp_path / "sheets" / "camera_reinvent_base.png") as sheet:
        assert sheet.width > 3 * 160
