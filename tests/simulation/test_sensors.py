"""Which sensors go together on a car."""

import pytest

from openracer.simulation.sensors import SENSORS, buffers_for, find_sensors


@pytest.mark.parametrize("camera", ["FRONT_FACING_CAMERA", "STEREO_CAMERAS"])
@pytest.mark.parametrize("lidar", [(), ("LIDAR",), ("SECTOR_LIDAR",), ("DISCRETIZED_SECTOR_LIDAR",)])
def test_one_camera_goes_with_one_lidar_or_none(camera: str, lidar: tuple[str, ...]) -> None:
    names = (camera, *lidar)
    assert tuple(sensor.name for sensor in find_sensors(names)) == names


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "a car needs a camera"),
        (["LIDAR"], "a car needs a camera"),
        (["FRONT_FACING_CAMERA", "STEREO_CAMERAS"], "exactly one of the cameras"),
        (["STEREO_CAMERAS", "STEREO_CAMERAS"], "exactly one of the cameras"),
        (["STEREO_CAMERAS", "LIDAR", "SECTOR_LIDAR"], "at most one of"),
        (["RADAR"], "'RADAR' is unknown"),
    ],
)
def test_sensors_that_exclude_each_other_are_refused(names: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        find_sensors(names)


def test_buffers_have_a_row_for_each_car() -> None:
    buffers = buffers_for(tuple(SENSORS.values()), 3)
    assert {name: (buffer.shape, buffer.dtype) for name, buffer in buffers.items()} == {
        name: ((3, *sensor.shape), sensor.dtype) for name, sensor in SENSORS.items()
    }
