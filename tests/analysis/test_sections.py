"""Sections of a track cover it once, and are those a driver would name."""

from itertools import pairwise

import numpy as np
import pytest

from openracer.analysis.sections import find_sections, section_of
from openracer.tracks import catalogue


@pytest.mark.parametrize("name", catalogue.names())
@pytest.mark.parametrize("reverse", [False, True])
def test_sections_cover_the_lap_once(name: str, reverse: bool) -> None:
    track = catalogue.find(name, reverse=reverse)
    sections = find_sections(track)
    assert sections[0].start_m == pytest.approx(sections[-1].end_m - track.length)
    for before, after in pairwise(sections):
        assert before.end_m == pytest.approx(after.start_m)
        assert before.length_m > 0.0
    places = np.linspace(0.0, track.length, 500, endpoint=False)
    index = section_of(sections, places, track.length)
    for place, k in zip(places, index, strict=True):
        inside = [
            sections[k].start_m - 1e-6 <= p <= sections[k].end_m + 1e-6 for p in (place, place + track.length)
        ]
        assert any(inside)


def test_reinvent_2018_has_the_corners_that_everybody_knows() -> None:
    sections = find_sections(catalogue.find("reinvent_base"))
    bends = [(section.code, round(np.sign(section.turn_deg))) for section in sections if section.is_bend]
    assert bends == [("T1", 1), ("T2", -1), ("T3", 1), ("T4", 1)]
    assert sections[0].turn_deg == pytest.approx(180.0, abs=10.0)


def test_turns_of_a_loop_add_up_to_a_circle() -> None:
    for name in ("reinvent_base", "Oval_track", "dubai_open"):
        total = sum(section.turn_deg for section in find_sections(catalogue.find(name)))
        assert abs(total) == pytest.approx(360.0, abs=3.0)
