"""The film of a race in a process of its own: ``python -m openracer.runs.race_film_process STAMP``.

It is written into the race's folder, once; the share that is done goes to standard output, a line each time.
"""

import os
import sys
from pathlib import Path

from openracer.models.race_records import FILM_FILE, RaceRecord, read_race
from openracer.runs.film_process import NICENESS, FilmProcess, share_teller
from openracer.runs.race_film import film_race


def film_of_race(race: RaceRecord) -> FilmProcess:
    """Make the film of a race."""
    return FilmProcess("openracer.runs.race_film_process", race.stamp)


def race_film_path(race: RaceRecord) -> Path:
    """Where the film of a race is, once it is made."""
    return race.path / FILM_FILE


def main() -> int:
    """Make the film.

    Returns:
        Exit code: 0, or 2 with the reason on standard error.
    """
    os.nice(NICENESS)
    try:
        race = read_race(sys.argv[1])
        film_race(race_film_path(race), race, share_teller())
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
