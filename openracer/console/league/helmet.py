"""The helmet that stands for a racer, and the badge of the racer's country."""

from html import escape

_COLOURS = {
    "red": "#d8434b", "orange": "#e8843a", "yellow": "#e3b62c", "green": "#3f9b55", "teal": "#0f8f86",
    "blue": "#2f6fd0", "violet": "#7b57c9", "pink": "#d4559b",
}  # fmt: skip


def helmet_svg(avatar: str) -> str:
    """A helmet in one of the colours of :data:`openracer.service.accounts.AVATARS`; grey for any other name."""
    colour = _COLOURS.get(avatar, "#8690a0")
    return (
        '<svg class="lg-helmet" viewBox="0 0 32 32" aria-hidden="true">'
        f'<path fill="{colour}" d="M4 19C3 9 10 4 17 4c8 0 12 6 12 13v7c0 2-1 3-3 3H10c-4 0-6-3-6-8z"/>'
        '<path fill="#1b222b" d="M14 14c5-2 10-2 15-1v7H17c-3 0-5-2-5-4 0-1 1-2 2-2z"/>'
        '<path fill="#fff" opacity=".55" d="M17 15.5c3-.8 6-.9 9-.6v1.8c-3-.3-6-.2-9 .4z"/>'
        '<path fill="#fff" opacity=".28" d="M7 15c1-5 5-8 10-8.4-5 1.4-7 5-8 9z"/></svg>'
    )


def country_badge(country: str) -> str:
    """The two letters of a country as a badge; nothing without one. Many systems have no pictures of flags."""
    return f'<span class="lg-country">{escape(country)}</span>' if country else ""
