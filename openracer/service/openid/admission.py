"""Who of a school may come in, and as what."""

from openracer.language import gettext as _
from openracer.service.accounts import Role
from openracer.service.openid.identity import OpenIdError, OpenIdIdentity
from openracer.service.openid.settings import OpenIdSettings


def check_admission(settings: OpenIdSettings, identity: OpenIdIdentity) -> None:
    """Refuse somebody whom the administrator has not let in.

    Raises:
        OpenIdError: of no domain or no group that may come in.
    """
    domain = identity.mail.rpartition("@")[2].casefold()
    if settings.domains and domain not in settings.domains:
        raise OpenIdError(
            _("only people with a verified mail address of {domains} may come in").format(
                domains=", ".join(settings.domains)
            )
        )
    if settings.groups and identity.groups.isdisjoint(settings.groups):
        raise OpenIdError(
            _("your account at {school} is in no group that may come in; ask the administrator").format(
                school=settings.name
            )
        )


def role_at(settings: OpenIdSettings, identity: OpenIdIdentity) -> Role:
    """The highest role of somebody's groups; a racer without any."""
    roles = {settings.roles[group] for group in identity.groups & settings.roles.keys()}
    return next((role for role in Role if role in roles), Role.RACER)
