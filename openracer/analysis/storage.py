"""Logs in S3, or a store that speaks its language (MinIO): fetched into a folder that is there while they are read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from openracer.formats.log_members import ARCHIVE_SUFFIXES, MAX_MEMBERS, MAX_TOTAL_BYTES
from openracer.language import gettext as _

_WANTED = (".csv", ".log", ".txt", ".json", ".yaml", *ARCHIVE_SUFFIXES)


class CloudError(OSError):
    """AWS, or a store like it, did not give what was asked for; one sentence."""


def import_boto3() -> Any:
    """The AWS library.

    Raises:
        CloudError: it is not installed.
    """
    try:
        import boto3
    except ImportError:
        raise CloudError(
            _("reading from AWS needs the extra aws; install it with pip install 'openracer[aws]'")
        ) from None
    return boto3


def cloud_error(error: Exception, action: str, place: str) -> CloudError:
    """One sentence about a failed call, with the permission that is missing where that is why.

    Args:
        error: from botocore.
        action: the permission that the call needs, for example ``s3:GetObject``.
        place: what it was called for.
    """
    code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
    if code in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"):
        return CloudError(
            _("AWS refuses to read {place}: your user or role lacks the permission {action}").format(
                place=place, action=action
            )
        )
    if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError"):
        return CloudError(
            _("there are no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
        )
    return CloudError(_("AWS could not read {place}: {problem}").format(place=place, problem=error))


@contextmanager
def fetched(address: str) -> Iterator[Path]:
    """A folder with the logs below an address.

    Args:
        address: ``s3://bucket/prefix``, or the address of one object. The environment's AWS settings count, such as
            AWS_PROFILE and AWS_ENDPOINT_URL.

    Raises:
        CloudError: there are none, too many, or they cannot be read.
    """
    bucket, _slash, prefix = address.removeprefix("s3://").partition("/")
    store = import_boto3().client("s3")
    with tempfile.TemporaryDirectory(prefix="openracer-s3-") as folder:
        count = _fetch(store, bucket, prefix, Path(folder), address)
        if not count:
            raise CloudError(_("there is no log below {address}").format(address=address))
        yield Path(folder)


def _fetch(store: Any, bucket: str, prefix: str, folder: Path, address: str) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    count = size = 0
    action = "s3:ListBucket"
    try:
        for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                key, action = entry["Key"], "s3:GetObject"
                parts = PurePosixPath(key.removeprefix(prefix).lstrip("/") or PurePosixPath(key).name).parts
                if not key.lower().endswith(_WANTED) or ".." in parts:
                    continue
                count, size = count + 1, size + int(entry["Size"])
                if count > MAX_MEMBERS or size > MAX_TOTAL_BYTES:
                    raise CloudError(
                        _("{address} holds too much; name a longer prefix").format(address=address)
                    )
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                store.download_file(bucket, key, str(target))
    except (BotoCoreError, ClientError) as error:
        raise cloud_error(error, action, address) from error
    return count
