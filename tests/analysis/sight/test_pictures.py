"""Frames of a drive are those that the car saw; pictures become frames as the simulator makes them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from openracer.analysis.sight.pictures import DrivePictures, pictures_in, read_picture
from openracer.formats.errors import FormatError
from openracer.simulation.presets import find_preset
from openracer.simulation.sensors import FRONT_FACING_CAMERA
from openracer.simulation.simulator import Simulator
from openracer.tracks import catalogue


def test_frames_of_a_drive_are_what_the_car_saw() -> None:
    track = catalogue.find("reinvent_base")
    simulator = Simulator([track], 2, find_preset("v5"), workers=1)
    cars = np.arange(2)
    simulator.start(cars, np.array([0.0, 0.6]))
    seen, rows = [], []
    random = np.random.default_rng(3)
    for _step in range(25):
        frames = np.empty((2, 120, 160), np.uint8)
        simulator.observe(cars, {FRONT_FACING_CAMERA.name: frames})
        record = simulator.step(cars, random.uniform(-0.4, 0.4, 2), np.full(2, 1.5))
        seen.append(frames)
        rows += [
            {"x": float(record.x[car]), "y": float(record.y[car]), "yaw": float(record.heading_deg[car]),
             "episode": car, "steps": int(record.steps[car])}
            for car in cars
        ]  # fmt: skip
    simulator.close()
    pictures = DrivePictures(pd.DataFrame(rows), track)
    assert len(pictures) == 50
    again = pictures.frames(np.arange(50))
    truth = np.concatenate(seen)
    # A trace has degrees and the front point: the last bit of a pose may differ, which moves a border by a texel.
    assert (again == truth).mean() > 0.9999
    np.testing.assert_array_equal(pictures.frames([7, 3]), again[[7, 3]])
    assert "step" in pictures.name(0)


@pytest.mark.parametrize("size", [(160, 120), (640, 480), (33, 200)])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_picture_of_any_size_becomes_a_frame(tmp_path: Path, size: tuple[int, int], suffix: str) -> None:
    left_red = np.zeros((size[1], size[0], 3), np.uint8)
    left_red[:, : size[0] // 2, 0] = 200
    left_red[:, size[0] // 2 :, 1] = 100
    Image.fromarray(left_red).save(tmp_path / f"a{suffix}", quality=98)
    frame = read_picture(tmp_path / f"a{suffix}")
    assert frame.shape == (120, 160)
    assert frame.dtype == np.uint8
    assert frame[:, 20].mean() == pytest.approx(0.2989 * 200, abs=2.0)
    assert frame[:, 140].mean() == pytest.approx(0.587 * 100, abs=2.0)


def test_a_folder_of_pictures_is_in_the_order_of_names(tmp_path: Path) -> None:
    for shade, name in ((10, "b.PNG"), (200, "a.jpg"), (90, "c.jpeg")):
        kind = "PNG" if name.endswith("PNG") else "JPEG"
        Image.new("L", (320, 240), shade).save(tmp_path / name, kind)
    (tmp_path / "notes.txt").write_text("no picture")
    pictures = pictures_in(tmp_path)
    assert [pictures.name(number) for number in range(len(pictures))] == ["a.jpg", "b.PNG", "c.jpeg"]
    assert pictures.frames([0, 1, 2]).mean(axis=(1, 2)) == pytest.approx([200, 10, 90], abs=1.5)


def test_bad_pictures_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no PNG or JPG"):
        pictures_in(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    with pytest.raises(FormatError, match=r"broken\.png is no picture"):
        pictures_in(tmp_path).frames([0])


def test_real_frames_are_read(real_data: Path) -> None:
    pictures = pictures_in(next(path.parent for path in (real_data / "frames").rglob("*.png")))
    frames = pictures.frames(range(len(pictures)))
    assert frames.shape == (92, 120, 160)
    assert frames.std() > 20
