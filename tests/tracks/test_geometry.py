"""Compact geometry: known shapes, and the tool that finds it for a track file."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml

from openracer.tracks import geometry, npy

STADIUM = """
name: stadium
title: Stadium
description: Two straights
  and two half-circles.
width: 1.0
start: {x: 0.0, y: 0.0, heading_deg: 0.0}
segments:
- {straight: 4.0}
- {left: 180.0, radius: 1.5}
- {straight: 4.0}
- {left: 180.0, radius: 1.5}
waypoints:
  places: [[0, 0.0], [17, 8.712], [33, 17.425]]
  repeated: [9]
"""


def test_a_stadium_has_its_length_corners_and_repeated_row() -> None:
    track = geometry.parse(STADIUM)
    assert (track.name, track.title, track.description) == (
        "stadium",
        "Stadium",
        "Two straights and two half-circles.",
    )
    assert len(track.centre) == 34
    assert track.length == pytest.approx(8.0 + 3.0 * np.pi, abs=0.1)
    assert track.centre.min(axis=0) == pytest.approx([-1.5, 0.0], abs=0.05)
    assert track.centre.max(axis=0) == pytest.approx([5.5, 3.0], abs=0.05)
    assert np.array_equal(track.centre[9], track.centre[8])
    assert track.width == pytest.approx(1.0)
    assert np.array_equal(track.outer[0], [0.0, -0.5])
    assert np.array_equal(track.centre[-1], track.centre[0])


def test_rows_between_places_are_evenly_spaced_and_repeats_not_counted() -> None:
    distances = geometry.geometry_of(yaml.safe_load(STADIUM)).distances()
    steps = np.diff(distances)
    assert steps[8] == 0.0
    assert np.delete(steps[:17], 8) == pytest.approx(8.712 / 16)
    assert steps[17:] == pytest.approx((17.425 - 8.712) / 16)


def test_a_right_arc_turns_right() -> None:
    chain = geometry.Chain(1.0, 2.0, np.pi / 2, np.array([1.0, np.pi]), np.array([0.0, -0.5]))
    assert chain.at(np.array([1.0 + np.pi]))[0] == pytest.approx([3.0, 5.0])
    assert chain.at(np.array([1.0 + np.pi]), 0.5)[0] == pytest.approx([3.0, 5.5])
    assert chain.at(np.array([-1.0, 2.0 + np.pi]))[:, 1] == pytest.approx(
        [1.0, 5.0 - 2.0 * (1.0 - np.cos(0.5))]
    )


def test_borders_that_start_elsewhere_divide_their_own_length_evenly() -> None:
    document = yaml.safe_load(STADIUM)
    document["waypoints"] = {"places": [[0, 0.0], [174, 17.4248]]}
    document["borders"] = {"inner_start": 1.0, "outer_start": 17.0}
    rows = geometry.geometry_of(document).rows()
    inner, outer = (np.hypot(*np.diff(rows[:, columns], axis=0).T) for columns in (slice(2, 4), slice(4, 6)))
    assert inner == pytest.approx((8.0 + 2.0 * np.pi) / 174, rel=0.01)
    assert outer == pytest.approx((8.0 + 4.0 * np.pi) / 174, rel=0.01)
    assert rows[0, 2:4] == pytest.approx([1.0, 0.5])


def test_borders_square_to_the_rows_halve_the_corner() -> None:
    line = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    left = geometry.left_of_rows(line, [2], closed=True)
    assert left[[0, 1, 2, 3]] == pytest.approx(np.sqrt(0.5) * np.array([[1, 1], [-1, 1], [-1, 1], [-1, -1]]))
    open_left = geometry.left_of_rows(line[:2], [], closed=False)
    assert open_left == pytest.approx(np.array([[0.0, 1.0], [0.0, 1.0]]))


def test_offsets_may_vary_along_the_road() -> None:
    document = yaml.safe_load(STADIUM)
    document["borders"] = {"inner": [[0.0, 0.5], [4.0, 0.3], [17.4, 0.5]], "outer": [[0.0, 0.5], [17.4, 0.5]]}
    rows = geometry.geometry_of(document).rows()
    assert np.hypot(*(rows[:, 2:4] - rows[:, 0:2]).T).min() == pytest.approx(0.3, abs=0.02)
    assert np.hypot(*(rows[:, 4:6] - rows[:, 0:2]).T) == pytest.approx(0.5)


@pytest.fixture
def fit_track(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The developers' tool, which is not installed with the package."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    return pytest.importorskip("tools.fit_track")


def test_the_fitting_tool_finds_the_segments_of_a_known_track(
    fit_track: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = geometry.parse(STADIUM.replace("[17, 8.712], ", "").replace("33", "120"))
    npy.save(known, tmp_path / "stadium.npy")
    output = tmp_path / "stadium.yaml"
    monkeypatch.setattr("sys.argv", ["fit_track", str(tmp_path / "stadium.npy"), "-o", str(output)])
    fit_track.main()
    document = yaml.safe_load(output.read_text())
    found = geometry.parse(output.read_text())
    assert 4 <= len(document["segments"]) <= 6
    assert document["waypoints"]["repeated"] == [9]
    assert document["width"] == pytest.approx(1.0, abs=0.01)
    for part in ("centre", "inner", "outer"):
        assert np.hypot(*(getattr(found, part) - getattr(known, part)).T).max() < 0.02
