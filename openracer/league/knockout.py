"""A knock-out final: the best seeds meet last, and each duel has one winner."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Decide = Callable[[str, str], str]
"""Of two racers, the better seed first, the winner."""


@dataclass(frozen=True, slots=True)
class Duel:
    """A meeting of two.

    Attributes:
        first: the better seed; None until it is known.
        second: the other; None until it is known, and where the first has a bye.
        is_bye: whether the first goes on without a duel.
        winner: who goes on; None until it is decided.
    """

    first: str | None
    second: str | None
    is_bye: bool = False
    winner: str | None = None


Rounds = tuple[tuple[Duel, ...], ...]


def bracket(seeds: Sequence[str], decided: Mapping[tuple[str, str], str]) -> Rounds:
    """How a final stands.

    Args:
        seeds: racers, the best first, each once; where they are no power of two, the best have byes.
        decided: the winner of each duel that is over, by its two racers, the better seed first.

    Returns:
        The duels of each round; the winner of the last one wins. Nothing for fewer than two racers.

    Raises:
        ValueError: a racer is seeded twice.
    """
    if len(set(seeds)) != len(seeds):
        raise ValueError("a racer is seeded twice")
    order = {person: number for number, person in enumerate(seeds)}
    size = 1
    while size < len(seeds):
        size *= 2
    field: list[str | None] = [seeds[place] if place < len(seeds) else None for place in _bracket(size)]
    rounds: list[tuple[Duel, ...]] = []
    while len(field) > 1:
        pairs = zip(field[::2], field[1::2], strict=True)
        # Only the first round has places for which there is nobody.
        duels = tuple(_duel(*pair, order, decided, may_be_bye=not rounds) for pair in pairs)
        rounds.append(duels)
        field = [duel.winner for duel in duels]
    return tuple(rounds)


def next_duel(rounds: Rounds) -> Duel | None:
    """The first duel whose two racers are known and whose winner is not; None if all are decided."""
    duels = (duel for duels in rounds for duel in duels)
    return next((duel for duel in duels if duel.first and duel.second and not duel.winner), None)


def champion(rounds: Rounds) -> str | None:
    """Who has won; None until it is decided."""
    return rounds[-1][0].winner if rounds else None


def run_knockout(seeds: Sequence[str], decide: Decide) -> Rounds:
    """Hold a final, all at once; takes and raises what :func:`bracket` does."""
    decided: dict[tuple[str, str], str] = {}
    while (duel := next_duel(rounds := bracket(seeds, decided))) is not None:
        assert duel.first is not None and duel.second is not None
        decided[duel.first, duel.second] = decide(duel.first, duel.second)
    return rounds


def _bracket(size: int) -> list[int]:
    """Places of seeds, so that the two best of any round could meet only in the last one."""
    places = [0]
    while len(places) < size:
        last = 2 * len(places) - 1
        places = [place for seed in places for place in (seed, last - seed)]
    return places


def _duel(
    one: str | None,
    other: str | None,
    order: Mapping[str, int],
    decided: Mapping[tuple[str, str], str],
    may_be_bye: bool,
) -> Duel:
    present = sorted((person for person in (one, other) if person is not None), key=order.__getitem__)
    if len(present) < 2:
        first = present[0] if present else None
        return Duel(first, None, may_be_bye, first if may_be_bye else None)
    first, second = present
    return Duel(first, second, winner=decided.get((first, second)))
