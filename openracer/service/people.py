"""Everything about people in one place, over one database."""

from dataclasses import dataclass
from typing import Self

from openracer.service.accounts import Accounts
from openracer.service.database import Database
from openracer.service.invitations import Invitations
from openracer.service.quotas import Quotas
from openracer.service.sessions import Sessions


@dataclass(frozen=True)
class People:
    """The people of an installation.

    Attributes:
        accounts: who they are.
        sessions: who has signed in.
        invitations: who may come.
        quotas: what each may use.
    """

    accounts: Accounts
    sessions: Sessions
    invitations: Invitations
    quotas: Quotas

    @classmethod
    def of(cls, database: Database) -> Self:
        """Those in a database."""
        accounts = Accounts(database)
        return cls(accounts, Sessions(database), Invitations(database, accounts), Quotas(database))
