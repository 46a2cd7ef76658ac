"""Races are made and changed by organisers, and their tracks are nobody's to replace."""

from dataclasses import replace

import numpy as np
import pytest

from openracer.league.race import Phase
from openracer.service.accounts import Role
from openracer.service.identity import acting_for
from openracer.service.league.people import NotYoursError
from openracer.service.league.races import RaceConflictError
from openracer.tracks import catalogue
from tests.service.league.conftest import DAY, START


def test_organisers_make_races_and_everybody_sees_them(league, organiser, person, rules, clock):
    mina = person("mina")
    with pytest.raises(NotYoursError):
        league.races.create(mina, rules())
    race = league.races.create(organiser, rules())
    assert league.races.race(race.id, None) == race
    later = league.races.create(organiser, rules(1))
    assert [found.id for found in league.races.races(mina)] == [later.id, race.id]
    assert [found.id for found in league.races.races(mina, Phase.UPCOMING)] == [later.id]
    clock.now = START + 31 * DAY
    assert [found.phase for found in league.races.races(None)] == [Phase.OPEN, Phase.CLOSED]
    with pytest.raises(RaceConflictError, match="there is a race 'Race 0' already"):
        league.races.create(organiser, rules(name="Race 0"))


def test_what_is_driven_stays_once_somebody_has_submitted(league, organiser, person, rules, submit):
    race = league.races.create(organiser, rules())
    other = person("other", Role.ORGANISER)
    changed = rules(laps=5, prizes="A cup")
    with pytest.raises(NotYoursError):
        league.races.edit(other, race.id, changed, False)
    race = league.races.edit(organiser, race.id, changed, False)
    assert (race.rules.laps, race.rules.prizes) == (5, "A cup")
    submit(person("mina"), race)
    with pytest.raises(RaceConflictError, match="cannot be changed"):
        league.races.edit(organiser, race.id, rules(laps=4), False)
    later = rules(laps=5, closes=START + 40 * DAY)
    assert (
        league.races.edit(person("boss", Role.ADMINISTRATOR), race.id, later, False).rules.closes
        == later.closes
    )


def test_no_import_takes_the_place_of_a_built_in_track_and_an_own_one_is_copied(league, organiser, rules):
    oval = catalogue.built_in("Oval_track")
    with acting_for(organiser):
        for name in ("reinvent_base", "ours"):
            catalogue.add(replace(oval, name=name, title=name))
        built_in, own = (
            league.races.create(organiser, rules(name=name, track=name)) for name in ("reinvent_base", "ours")
        )
        catalogue.delete_imported("ours")
    assert np.array_equal(built_in.track().centre, catalogue.built_in("reinvent_base").centre)
    assert np.allclose(own.track().centre, oval.centre) and own.has_own_track and not built_in.has_own_track
