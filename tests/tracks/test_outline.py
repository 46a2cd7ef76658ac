"""The outline picture: an SVG that holds the whole road."""

from xml.etree import ElementTree

import numpy as np
import pytest

from openracer.tracks import catalogue
from openracer.tracks.outline import outline_svg

SVG = "{http://www.w3.org/2000/svg}"


def _points(path: str) -> np.ndarray:
    numbers = path.replace("M", " ").replace("L", " ").replace("Z", " ").split()
    return np.array(numbers, dtype=float).reshape(-1, 2)


@pytest.mark.parametrize("name", ["reinvent_base", "Bowtie_track"])
def test_the_picture_holds_the_road_upright_and_with_its_shape(name):
    track = catalogue.find(name)
    picture = ElementTree.fromstring(outline_svg(track))
    left, top, width, height = (float(number) for number in picture.attrib["viewBox"].split())
    road = _points(next(part for part in picture if part.attrib["class"] == "track-road").attrib["d"])
    assert (road >= [left, top]).all()
    assert (road <= [left + width, top + height]).all()
    assert np.ptp(road, axis=0) == pytest.approx(np.ptp(track.road_outline, axis=0), abs=0.02)
    rightmost, highest = track.road_outline.max(axis=0)
    assert (road[:, 0].max(), -road[:, 1].min()) == pytest.approx((rightmost, highest), abs=0.006)


def test_the_arrow_points_the_way_that_is_driven():
    track = catalogue.find("reinvent_base")
    for driven in (track, track.reverse()):
        picture = ElementTree.fromstring(outline_svg(driven))
        arrow = _points(next(part for part in picture if part.attrib["class"] == "track-arrow").attrib["d"])
        _, _, yaw = driven.start_pose(0.0)
        direction = arrow[1] - (arrow[0] + arrow[2]) / 2.0
        assert np.arctan2(-direction[1], direction[0]) == pytest.approx(yaw, abs=0.05)
