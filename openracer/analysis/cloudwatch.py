"""Logs of simulations in AWS CloudWatch, fetched into files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openracer.analysis.storage import cloud_error, import_boto3
from openracer.language import gettext as _

SIMULATIONS = "/aws/robomaker/SimulationJobs"
DEFAULT_REGION = "us-east-1"

MOST_STREAMS = 100
"""CloudWatch reads so many streams at once."""

Downloaded = tuple[str, str, int, int]
"""File, simulation id, and the times of the first and the last event in ms since 1970, UTC."""


class DateError(ValueError):
    """A text is no date."""


def download_log(
    path: str | Path, stream_prefix: str, log_group: str = SIMULATIONS, *, region: str = DEFAULT_REGION
) -> int:
    """Write all events of the streams of a name into a file, in the order of their times.

    Args:
        path: of the file; its folder is made if it is missing.
        stream_prefix: what the streams' names begin with, such as a simulation id.
        log_group: of CloudWatch.
        region: of AWS.

    Returns:
        How many events were written.

    Raises:
        openracer.analysis.storage.CloudError: AWS refuses, or has no such group.
    """
    client = _client(region)
    names = [stream["logStreamName"] for stream in _streams(client, log_group, stream_prefix)]
    return _write_events(client, Path(path), names, log_group)


def download_all_logs(
    pathprefix: str,
    log_group: str = SIMULATIONS,
    not_older_than: str | datetime | None = None,
    older_than: str | datetime | None = None,
    *,
    region: str = DEFAULT_REGION,
) -> list[Downloaded]:
    """Fetch every stream of a group that has an event in a time.

    Args:
        pathprefix: a file is called this, then its simulation id, then ``.log``.
        log_group: of CloudWatch.
        not_older_than: a stream is taken if it has an event newer than this; text in any format that dateutil reads,
            in local time where it names no zone.
        older_than: and if it has none at this time or after it.
        region: of AWS.

    Returns:
        File, simulation id, first and last time of each stream, by the last time.

    Raises:
        DateError: a text is no date.
        openracer.analysis.storage.CloudError: AWS refuses, or has no such group.
    """
    since, until = _milliseconds(not_older_than), _milliseconds(older_than)
    client = _client(region)
    found: dict[str, list[Any]] = {}
    for stream in _streams(client, log_group):
        if (since is None or stream["lastEventTimestamp"] > since) and (
            until is None or stream["lastEventTimestamp"] < until
        ):
            found.setdefault(stream["logStreamName"].split("/")[0], []).append(stream)
    downloaded = []
    for simulation, streams in found.items():
        path = f"{pathprefix}{simulation}.log"
        _write_events(client, Path(path), [stream["logStreamName"] for stream in streams], log_group)
        first = min(int(stream["firstEventTimestamp"]) for stream in streams)
        last = max(int(stream["lastEventTimestamp"]) for stream in streams)
        downloaded.append((path, simulation, first, last))
    return sorted(downloaded, key=lambda entry: entry[3])


def _streams(client: Any, log_group: str, prefix: str = "") -> list[Any]:
    """The streams of a group that hold events."""
    from botocore.exceptions import BotoCoreError, ClientError

    request = {"logGroupName": log_group} | ({"logStreamNamePrefix": prefix} if prefix else {})
    try:
        pages = list(client.get_paginator("describe_log_streams").paginate(**request))
    except (BotoCoreError, ClientError) as error:
        raise cloud_error(error, "logs:DescribeLogStreams", log_group) from error
    return [
        stream
        for page in pages
        for stream in page["logStreams"]
        if "firstEventTimestamp" in stream and "lastEventTimestamp" in stream
    ]


def _client(region: str) -> Any:
    return import_boto3().client("logs", region_name=region)


def _write_events(client: Any, path: Path, names: list[str], log_group: str) -> int:
    """Write the events of some streams, at most 100, in the order of their times; returns how many."""
    from botocore.exceptions import BotoCoreError, ClientError

    count = 0
    if not names:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=log_group, logStreamNames=names[:MOST_STREAMS]
        )
        with part.open("w", encoding="utf-8") as file:
            for page in pages:
                for event in page["events"]:
                    file.write(event["message"].rstrip() + "\n")
                    count += 1
        part.replace(path)
    except (BotoCoreError, ClientError) as error:
        raise cloud_error(error, "logs:FilterLogEvents", f"{log_group} {names[0]}") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _milliseconds(moment: str | datetime | None) -> int | None:
    """Milliseconds since 1970, UTC."""
    if moment is None:
        return None
    when = moment if isinstance(moment, datetime) else _parsed(moment)
    return round(when.astimezone(UTC).timestamp() * 1000.0)


def _parsed(text: str) -> datetime:
    from dateutil import parser

    try:
        when: datetime = parser.parse(text)
    except (ValueError, OverflowError):
        raise DateError(
            _("{text!r} is no date; write for example 2026-01-31 12:00").format(text=text)
        ) from None
    return when
