"""What an administrator says of the school whose accounts people sign in with: a YAML file, and a secret."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from openracer.formats.documents import read_text, read_yaml_mapping
from openracer.language import gettext as _
from openracer.models.sentences import sentence
from openracer.service.accounts import Role

SECRET_ENVIRONMENT = "OPENRACER_OPENID_SECRET"
"""Variable with the client's secret, where no file holds it."""

_Text = Annotated[str, Field(min_length=1, max_length=300)]


class OpenIdSettings(BaseModel):
    """How people sign in with a school's accounts.

    Attributes:
        name: of the school, on the button.
        issuer: the provider's address, exactly as it calls itself.
        client_id: the name of this console there.
        client_secret_file: holds the client's secret; relative to the YAML file.
        domains: only people with a verified mail address of one of these may come in.
        groups: only members of one of these may come in.
        groups_claim: the claim that lists somebody's groups.
        everybody: whoever has an account there may come in.
        roles: roles of the members of groups; the highest counts.
        prompt: what the provider is asked to ask, so that on a machine that many use nobody comes in as whoever was
            there before; None where it cannot be asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)]
    issuer: _Text
    client_id: _Text
    client_secret_file: Path | None = None
    domains: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    groups_claim: _Text = "groups"
    everybody: bool = False
    roles: dict[str, Role] = {}
    prompt: Literal["select_account", "login"] | None = "select_account"

    @field_validator("issuer")
    @classmethod
    def _issuer_is_safe(cls, issuer: str) -> str:
        if not is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
            raise ValueError(
                _("issuer is {issuer!r}; it must be an address that begins with https://").format(
                    issuer=issuer[:80]
                )
            )
        return issuer

    @field_validator("domains")
    @classmethod
    def _domains_are_plain(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.strip().removeprefix("@").casefold() for domain in domains)

    @model_validator(mode="after")
    def _somebody_is_meant(self) -> Self:
        if self.everybody == bool(self.domains or self.groups):
            raise ValueError(
                _(
                    "say who may come in: give domains or groups, or 'everybody: true' for all who have an "
                    "account there"
                )
            )
        return self


def read_settings(path: Path) -> tuple[OpenIdSettings, str | None]:
    """The settings in a file, with the client's secret; None for a client that has none.

    Raises:
        FileNotFoundError: there is no such file, or none with the secret.
        ValueError: it is no YAML mapping, or a value is wrong; one sentence.
    """
    values = read_yaml_mapping(path)
    try:
        settings = OpenIdSettings.model_validate(values)
    except ValidationError as error:
        raise ValueError(sentence(error, path.name, {(): OpenIdSettings.model_fields})) from None
    if settings.client_secret_file is None:
        return settings, os.environ.get(SECRET_ENVIRONMENT) or None
    secret = read_text(path.parent / settings.client_secret_file).strip()
    if not secret:
        raise ValueError(
            _("{file} is empty; it must hold the client's secret").format(file=settings.client_secret_file)
        )
    return settings, secret


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent to an address: HTTPS, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host)))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
