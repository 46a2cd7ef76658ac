"""Everything about the league in one place, over one database."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from openracer import locations
from openracer.service.database import Database
from openracer.service.league.after_training import AfterTraining
from openracer.service.league.boards import Boards
from openracer.service.league.live import LiveRaces
from openracer.service.league.membership import Membership
from openracer.service.league.profiles import Profiles
from openracer.service.league.races import Races
from openracer.service.league.seasons import Seasons
from openracer.service.league.submissions import Submissions


@dataclass(frozen=True)
class League:
    """The league of an installation.

    Where a method takes a person, None is somebody who has not signed in.

    Attributes:
        races: that there are.
        membership: who may see and enter private ones, and by which codes.
        submissions: models entered into them.
        boards: who is where in a race.
        seasons: races of a virtual circuit, standings, finals.
        live: races that are driven before everybody's eyes.
        profiles: of racers.
        after_training: submissions that were asked for with a training.
    """

    races: Races
    membership: Membership
    submissions: Submissions
    boards: Boards
    seasons: Seasons
    live: LiveRaces
    profiles: Profiles
    after_training: AfterTraining

    @classmethod
    def of(cls, database: Database, clock: Callable[[], float] = time.time) -> Self:
        """That in a database.

        Args:
            database: of the console.
            clock: seconds of the epoch.
        """
        folder = locations.league_folder()
        membership = Membership(database, clock)
        races = Races(database, membership, folder, clock)
        submissions = Submissions(database, races, folder, clock)
        boards = Boards(database, races, clock)
        seasons = Seasons(database, races, submissions, clock)
        live = LiveRaces(database, races, submissions, clock)
        profiles = Profiles(database, races, boards)
        after_training = AfterTraining(database, submissions)
        return cls(races, membership, submissions, boards, seasons, live, profiles, after_training)

    def advance(self) -> None:
        """Do what is due: submit trained models, and the next step of live races and of finals."""
        self.after_training.advance()
        self.live.advance()
        self.seasons.advance()
