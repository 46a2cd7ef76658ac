"""A knock-out final: the best seeds meet last, and who wins a duel is decided by a function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Decide = Callable[[str, str], str]
"""Of two racers, the better seed first, the winner."""


@dataclass(frozen=True, slots=True)
class Duel:
    """A meeting of two.

    Attributes:
        first: the better seed.
        second: the other; None where the first has a bye.
        winner: who goes on.
    """

    first: str
    second: str | None
    winner: str


def run_knockout(seeds: Sequence[str], decide: Decide) -> tuple[tuple[Duel, ...], ...]:
    """Hold a final.

    Args:
        seeds: racers, the best first, each once; where they are no power of two, the best have byes.
        decide: who wins a duel.

    Returns:
        The duels of each round; the winner of the last one wins. Nothing for fewer than two racers.

    Raises:
        ValueError: a racer is seeded twice.
    """
    if len(set(seeds)) != len(seeds):
        raise ValueError("a racer is seeded twice")
    seed = {person: number for number, person in enumerate(seeds)}
    size = 1
    while size < len(seeds):
        size *= 2
    field: list[str | None] = [seeds[place] if place < len(seeds) else None for place in _bracket(size)]
    rounds: list[tuple[Duel, ...]] = []
    while len(field) > 1:
        pairs = zip(field[::2], field[1::2], strict=True)
        duels = tuple(_duel(*pair, seed, decide) for pair in pairs)
        rounds.append(duels)
        field = [duel.winner for duel in duels]
    return tuple(rounds)


def by_total_time(total_ms: Mapping[str, int]) -> Decide:
    """Duels decided by the total of two separate time trials; of equal totals the better seed wins.

    Until models race each other on one track, this is what a duel is.

    Args:
        total_ms: of each racer who finished; who did not loses to who did.
    """

    def decide(first: str, second: str) -> str:
        return second if total_ms.get(second, _NEVER) < total_ms.get(first, _NEVER) else first

    return decide


_NEVER = 1 << 62


def _bracket(size: int) -> list[int]:
    """Places of seeds, so that the two best of any round could meet only in the last one."""
    places = [0]
    while len(places) < size:
        last = 2 * len(places) - 1
        places = [place for seed in places for place in (seed, last - seed)]
    return places


def _duel(one: str | None, other: str | None, seed: Mapping[str, int], decide: Decide) -> Duel:
    present = sorted(
        (person for person in (one, other) if person is not None), key=lambda person: seed[person]
    )
    if len(present) == 1:
        return Duel(present[0], None, present[0])
    first, second = present
    return Duel(first, second, decide(first, second))
