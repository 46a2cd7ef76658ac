"""Everything about people in one place, over one database."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from openracer.service.accounts import Accounts
from openracer.service.database import Database
from openracer.service.invitations import Invitations
from openracer.service.openid.links import OpenIdLinks
from openracer.service.quotas import Quotas
from openracer.service.sessions import Sessions

if TYPE_CHECKING:
    from openracer.service.openid.provider import Provider


@dataclass(frozen=True)
class People:
    """The people of an installation.

    Attributes:
        accounts: who they are.
        sessions: who has signed in.
        invitations: who may come.
        quotas: what each may use.
        openid_links: who they are at a school.
        openid: the school with whose accounts people sign in; None if they do not.
    """

    accounts: Accounts
    sessions: Sessions
    invitations: Invitations
    quotas: Quotas
    openid_links: OpenIdLinks
    openid: "Provider | None" = None

    @classmethod
    def of(cls, database: Database, openid: "Provider | None" = None) -> Self:
        """Those in a database, who may sign in with a school's accounts."""
        accounts = Accounts(database)
        return cls(
            accounts,
            Sessions(database),
            Invitations(database, accounts),
            Quotas(database),
            OpenIdLinks(database, accounts),
            openid,
        )
