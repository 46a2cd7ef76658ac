"""CloudWatch and S3 against a local moto server."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from openracer import analysis
from openracer.analysis.cloudwatch import DateError, download_all_logs, download_log
from openracer.analysis.storage import CloudError

boto3 = pytest.importorskip("boto3")
server = pytest.importorskip("moto.server")

GROUP = "/aws/robomaker/SimulationJobs"
HOUR = 3_600_000
NOON = int(time.time() * 1000.0) // HOUR * HOUR - 48 * HOUR  # the server takes no events that are old


@pytest.fixture(scope="module")
def moto_address() -> Iterator[str]:
    running = server.ThreadedMotoServer(port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def aws(moto_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": moto_address, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


@pytest.fixture
def simulations(aws: None) -> Iterator[Any]:
    client = boto3.client("logs", region_name="us-east-1")
    client.create_log_group(logGroupName=GROUP)
    for name, hours in {"sim-b": (2, 3), "sim-a": (0, 1), "sim-c": (1, 6)}.items():
        stream = f"{name}/SimulationApplicationLogs"
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        events = [{"timestamp": NOON + hour * HOUR, "message": f"{name} at {hour}\n"} for hour in hours]
        client.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)
    yield client
    client.delete_log_group(logGroupName=GROUP)


def test_all_streams_come_in_the_order_of_their_last_event(simulations: Any, tmp_path: Path) -> None:
    prefix = str(tmp_path / "logs" / "deepracer-")
    found = download_all_logs(prefix, GROUP)
    assert [entry[1] for entry in found] == ["sim-a", "sim-b", "sim-c"]
    assert found[0] == (f"{prefix}sim-a.log", "sim-a", NOON, NOON + HOUR)
    assert Path(found[2][0]).read_text() == "sim-c at 1\nsim-c at 6\n"
    assert not list((tmp_path / "logs").glob("*.part"))


def moment(hours: float, form: str, zone: timezone = UTC) -> str:
    return (datetime.fromtimestamp(NOON / 1e3, zone) + timedelta(hours=hours)).strftime(form)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (moment(1, "%Y-%m-%dT%H:%MZ"), None, ["sim-b", "sim-c"]),  # newer than, not at
        (None, moment(3, "%d %b %Y %H:%M UTC"), ["sim-a"]),  # none at or after
        (None, moment(3.01, "%Y-%m-%d %H:%M:%S+00:00"), ["sim-a", "sim-b"]),
        (
            moment(1.5, "%Y-%m-%d %H:%M +09:00", timezone(timedelta(hours=9))),
            moment(4, "%Y/%m/%d %H:%M UTC"),
            ["sim-b"],
        ),
    ],
)
def test_times_choose_streams(
    simulations: Any, tmp_path: Path, since: str | None, until: str | None, expected: list[str]
) -> None:
    found = download_all_logs(str(tmp_path) + "/", GROUP, since, until)
    assert [entry[1] for entry in found] == expected


def test_one_log_is_fetched_by_its_name(simulations: Any, tmp_path: Path) -> None:
    assert download_log(tmp_path / "one.log", "sim-b", GROUP) == 2
    assert (tmp_path / "one.log").read_text() == "sim-b at 2\nsim-b at 3\n"


def test_a_group_that_is_missing_and_a_text_that_is_no_date_are_told(aws: None, tmp_path: Path) -> None:
    with pytest.raises(CloudError, match="nowhere"):
        download_all_logs(str(tmp_path) + "/", "nowhere")
    with pytest.raises(DateError, match="no date"):
        download_all_logs(str(tmp_path) + "/", GROUP, "yesterdayish")


def test_a_missing_permission_is_named(
    simulations: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    def refuse(*_arguments: Any, **_named: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeLogStreams")

    with monkeypatch.context() as patched:
        patched.setattr("botocore.client.BaseClient._make_api_call", refuse)
        with pytest.raises(CloudError, match="logs:DescribeLogStreams"):
            download_all_logs(str(tmp_path) + "/", GROUP)


def test_logs_are_read_from_s3(aws: None, real_data: Path) -> None:
    store = boto3.client("s3")
    store.create_bucket(Bucket="racing")
    log = real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    store.put_object(Bucket="racing", Key="my-model/logs/training/x-robomaker.log", Body=log.read_bytes())
    recording = analysis.load("s3://racing/my-model")
    assert len(recording.training) == 2749
    assert recording.source == "s3://racing/my-model"
    with pytest.raises(CloudError, match="no log"):
        analysis.load("s3://racing/other")
