"""Points of time in the time zone of whoever looks, which only the browser knows."""

from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nicegui import ui

from openracer.console.assets import asset
from openracer.language import gettext as _

_FIELD = "%Y-%m-%dT%H:%M"


def moment_html(moment: datetime) -> str:
    """A time that the browser writes in its own time zone."""
    text = moment.astimezone(UTC)
    return f'<time datetime="{escape(text.isoformat())}">{text:%Y-%m-%d %H:%M} UTC</time>'


def moment_label(moment: datetime) -> ui.html:
    """The same as an element of a page; :func:`write_local_times` must be called once in it."""
    return ui.html(moment_html(moment), sanitize=False, tag="span")


def write_local_times() -> None:
    """Have the browser write all times of the page, also those that come later."""
    ui.add_head_html(f'<script type="module" src="{asset("local_time.js")}"></script>')


async def zone_of_visitor() -> ZoneInfo:
    """The time zone of the browser that the page is for; UTC where it has none that we know."""
    await ui.context.client.connected()
    name = await ui.run_javascript("Intl.DateTimeFormat().resolvedOptions().timeZone", timeout=10.0)
    return zone_of(str(name))


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name in the IANA database; UTC if it has none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def field_text(moment: datetime, zone: ZoneInfo) -> str:
    """A time as a field for date and time has it (HTML, local date and time strings)."""
    return moment.astimezone(zone).strftime(_FIELD)


def read_field(text: str, zone: ZoneInfo, what: str) -> datetime:
    """What was typed into such a field.

    Args:
        text: of the field.
        zone: of the browser.
        what: to call it where it cannot be read.

    Raises:
        ValueError: there is no date and time in it.
    """
    try:
        return datetime.strptime(text[:16], _FIELD).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise ValueError(_("{what}: give a date and a time").format(what=what)) from None
