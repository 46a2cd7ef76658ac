"""Whatever fits the OpenAPI description, and much that does not, is answered without a server error."""

import re
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from openracer.api.app import create_api
from openracer.api.security import Access
from openracer.league.race import Race
from openracer.service.accounts import LOCAL as LOCAL_PERSON
from openracer.service.league import current_league
from openracer.service.league.races import Format
from tests.api.conftest import LOCAL, TOKEN, application

CALL = {
    "app": application(Access(TOKEN)),
    "base_url": LOCAL,
    "headers": {"Authorization": f"Bearer {TOKEN}"},
    "checks": [not_a_server_error, status_code_conformance],
}

DESCRIPTION = create_api().openapi()
api = schemathesis.openapi.from_dict(DESCRIPTION)
api.config.phases.coverage.enabled = False  # hundreds of cases for a body as large as a training's
reading = schemathesis.openapi.from_dict(DESCRIPTION).include(method="GET")


@pytest.fixture
def there(queue, create):
    """Names of things that are there, by the names of parameters."""
    job = queue.submit_training(create("a").name)
    queue.stop(job.id)  # the events of one that has not ended would go on
    opens = datetime(2020, 1, 1, tzinfo=UTC)
    rules = Race(name="a", track="reinvent_base", opens=opens, closes=opens.replace(year=2100))
    season = current_league().seasons.create(LOCAL_PERSON, "a").id
    race = current_league().races.create(LOCAL_PERSON, rules, Format.LIVE, season=season).id
    return {"name": "a", "model": "a", "job_id": job.id, "race": race, "season": season, "racer": 1}


@api.parametrize()
@hypothesis.settings(
    max_examples=10,
    suppress_health_check=list(HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
def test_no_request_makes_the_server_fail(case, there):
    case.path = "/api" + case.path
    case.call_and_validate(**CALL)
    # Once more, of something that is there.
    for given in (case.path_parameters, case.body):
        if isinstance(given, dict):
            given.update({name: value for name, value in there.items() if name in given})
    case.call_and_validate(**CALL)


@reading.parametrize()
@hypothesis.settings(suppress_health_check=list(HealthCheck), phases=[hypothesis.Phase.explicit])
def test_no_edge_of_a_parameter_makes_the_server_fail(case, there):
    case.path = "/api" + case.path
    case.call_and_validate(**CALL)


def test_the_documentation_has_every_route():
    page = (Path(__file__).parent.parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([A-Z]+) /api(/\S*)`", page, re.MULTILINE)
    routes = {
        (method.upper(), path.replace("{job_id}", "{id}"))
        for path, methods in create_api().openapi()["paths"].items()
        for method in methods
    }
    assert set(told) == routes
