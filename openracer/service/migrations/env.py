"""Runs the migrations on the connection that :meth:`openracer.service.database.Database.upgrade` gives."""

from alembic import context

from openracer.service import account_tables  # noqa: F401  (its tables belong to Base)
from openracer.service.database import Base
from openracer.service.league import tables  # noqa: F401

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
