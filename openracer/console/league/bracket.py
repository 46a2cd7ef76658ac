"""The bracket of a knock-out final as a picture."""

from collections.abc import Mapping, Sequence
from html import escape

from openracer.league.knockout import Duel

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 190, 52, 46, 18
_LONGEST = 20


def bracket_svg(rounds: Sequence[Sequence[Duel]], names: Mapping[str, str], titles: Sequence[str]) -> str:
    """Draw the duels of a final, the first round at the left; whoever wins a duel is written strongly.

    Args:
        rounds: as :func:`openracer.league.knockout.run_knockout` gives them.
        names: of the racers, by id.
        titles: of the rounds.

    Returns:
        One ``<svg>`` with its size in pixels, coloured by the classes of ``league.css``; empty without a duel.
    """
    if not rounds:
        return ""
    pitch = _HEIGHT + _GAP_Y
    width = len(rounds) * (_WIDTH + _GAP_X) - _GAP_X
    height = 30 + len(rounds[0]) * pitch - _GAP_Y
    parts = [
        f'<svg class="lg-bracket" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
    ]
    middles: list[float] = []
    for number, (duels, title) in enumerate(zip(rounds, titles, strict=True)):
        left = number * (_WIDTH + _GAP_X)
        before, middles = middles, []
        parts.append(f'<text class="lg-bracket__title" x="{left}" y="14">{escape(title)}</text>')
        for place, duel in enumerate(duels):
            middle = (
                30 + place * pitch + _HEIGHT / 2.0
                if number == 0
                else (before[2 * place] + before[2 * place + 1]) / 2.0
            )
            middles.append(middle)
            if number:
                for source in before[2 * place : 2 * place + 2]:
                    way = f"M{left - _GAP_X} {source}h{_GAP_X / 2}V{middle}h{_GAP_X / 2}"
                    parts.append(f'<path class="lg-bracket__way" d="{way}"/>')
            parts.append(_duel(duel, names, left, middle - _HEIGHT / 2.0))
    return "".join(parts) + "</svg>"


def _duel(duel: Duel, names: Mapping[str, str], left: float, top: float) -> str:
    box = f'<rect class="lg-bracket__box" x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>'
    if duel.is_bye:
        return box + _name(duel.first, duel, names, left, top + 31)
    rows = ((duel.first, top + 20), (duel.second, top + 42))
    return box + "".join(_name(person, duel, names, left, y) for person, y in rows)


def _name(person: str | None, duel: Duel, names: Mapping[str, str], left: float, y: float) -> str:
    name = "…" if person is None else names.get(person, "–")
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    state = " is-winner" if person is not None and person == duel.winner else ""
    return (
        f'<text class="lg-bracket__name{state}" x="{left + 14}" y="{y}">{escape(short)}'
        f"<title>{escape(name)}</title></text>"
    )
