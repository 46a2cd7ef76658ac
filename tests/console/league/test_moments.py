"""Times in the time zone of whoever looks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.console.league.moments import field_text, moment_html, read_field, zone_of


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(
        lambda time: time.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    st.sampled_from(["Asia/Seoul", "UTC", "Asia/Kolkata", "Pacific/Kiritimati"]),
)
def test_what_a_field_shows_is_read_as_the_same_time(moment, name):
    zone = zone_of(name)
    assert read_field(field_text(moment, zone), zone, "Opens") == moment


def test_a_field_in_seoul_means_seoul_and_summer_time_is_kept():
    nine = "2026-07-01T09:00"
    assert read_field(nine, zone_of("Asia/Seoul"), "Opens") == datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
    assert read_field(nine, zone_of("America/Los_Angeles"), "Opens") == datetime(
        2026, 7, 1, 16, 0, tzinfo=UTC
    )
    winter = "2026-01-01T09:00"
    assert read_field(winter, zone_of("America/Los_Angeles"), "Opens") == datetime(
        2026, 1, 1, 17, 0, tzinfo=UTC
    )


def test_unknown_zones_are_utc_and_no_path_is_one():
    for name in ("Mars/Olympus", "", "../../etc/passwd", "/etc/localtime"):
        assert zone_of(name).key == "UTC"


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01T00:00"])
def test_what_is_no_time_is_told_with_its_field(text):
    with pytest.raises(ValueError, match="Opens: give a date and a time"):
        read_field(text, zone_of("UTC"), "Opens")


def test_pages_have_times_that_machines_can_read():
    html = moment_html(datetime(2026, 7, 1, 9, 0, tzinfo=zone_of("Asia/Seoul")))
    assert html == '<time datetime="2026-07-01T00:00:00+00:00">2026-07-01 00:00 UTC</time>'
