"""What one has used, what is left, and what it would have cost on AWS."""

from datetime import UTC, datetime

from nicegui import ui

from openracer.console.components import card, in_thread, page_heading
from openracer.console.layout import frame
from openracer.console.wording import date_words, size_words
from openracer.language import gettext as _
from openracer.service import current_people
from openracer.service.identity import current_person
from openracer.service.prices import FREE_GB, FREE_HOURS, GB_MONTH_USD, HOUR_USD
from openracer.service.quotas import FIRST_DAYS, GB, Limits, Period
from openracer.service.usage_statement import UsageStatement, usage_statement


def register() -> None:
    """Define the page's routes."""

    @ui.page("/usage")
    async def _page() -> None:
        with frame(_("Your usage"), active="usage"):
            page_heading(_("Your usage"), _("What you have used, and what is left."))
            place = ui.element("div").classes("or-grid or-grid--2")
            found = await in_thread(usage_statement, current_people().quotas, current_person())
            with place:
                with card(_("Usage limits")):
                    _limits(found)
                with card(_("What it would have cost on AWS")):
                    _price(found)


def _limits(found: UsageStatement) -> None:
    usage, limits = found.usage, found.limits
    began = date_words(datetime.fromtimestamp(found.since, UTC))
    if found.period is Period.MONTH:
        ui.label(
            _("Compute hours count for each calendar month; this one began {date}.").format(date=began)
        ).classes("or-muted")
    else:
        ui.label(
            _("Compute hours count for the {days} days that begin with your first job.").format(
                days=FIRST_DAYS
            )
        ).classes("or-muted")
    hours = usage.compute_s / 3600.0
    _bar(_("Compute hours"), f"{hours:.1f}", hours, limits.compute_hours, "{limit:g}")
    _bar(_("Models"), str(usage.models), usage.models, limits.models, "{limit:g}")
    _bar(_("Storage"), size_words(usage.storage), usage.storage / GB, limits.storage_gb, "{limit:g} GB")


def _bar(title: str, used_words: str, used: float, limit: float | None, limit_words: str) -> None:
    words = (
        _("{used}, without limit").format(used=used_words)
        if limit is None
        else _("{used} of {limit}").format(used=used_words, limit=limit_words.format(limit=limit))
    )
    with ui.element("div").classes("or-below"):
        with ui.row().classes("items-center justify-between"):
            ui.label(title).classes("or-strong")
            ui.label(words).classes("or-number")
        if limit is not None:
            share = min(used / limit, 1.0) if limit else 1.0
            bar = ui.linear_progress(share, show_value=False).props("rounded size=8px")
            bar.props(f'aria-label="{title}" color={"negative" if share >= 1.0 else "primary"}')


def _price(found: UsageStatement) -> None:
    ui.label(f"${found.price_usd:,.2f}").classes("or-h1")
    ui.label(
        _(
            "At ${hour:.2f} for each hour of training or evaluation and ${gb:.3f} for each GB and month; the free "
            "tier of {free_hours:g} hours and {free_gb:g} GB in the first {days} days is taken off. Nothing is "
            "charged here."
        ).format(hour=HOUR_USD, gb=GB_MONTH_USD, free_hours=FREE_HOURS, free_gb=FREE_GB, days=FIRST_DAYS)
    ).classes("or-muted")


def limit_words(limits: Limits) -> str:
    """Limits in one line."""
    parts = (
        (limits.compute_hours, _("{value:g} h")),
        (limits.models, _("{value:g} models")),
        (limits.storage_gb, _("{value:g} GB")),
    )
    return " · ".join(_("no limit") if value is None else words.format(value=value) for value, words in parts)
