"""People, how they sign in, what they use; and whose a job is. Everything that was there is the local person's."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the person who uses a console without signing in."""
    people = op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("alias", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("avatar", sa.String, nullable=False),
        sa.Column("password", sa.String),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("disabled", sa.Float),
        sa.Column("first_used", sa.Float),
        sa.Column("compute_hours", sa.Float),
        sa.Column("models", sa.Integer),
        sa.Column("storage_gb", sa.Float),
    )
    # Its number is 1, the first that both databases give.
    local = {"name": "me", "alias": "me", "role": "administrator", "country": "", "avatar": ""}
    op.bulk_insert(people, [local | {"created": time.time()}])
    op.create_table(
        "sessions",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id")),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("left", sa.Integer, nullable=False),
    )
    op.create_table(
        "usage",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("ended", sa.Float, nullable=False, index=True),
        sa.Column("seconds", sa.Float, nullable=False),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("person", sa.Integer, nullable=False, server_default="1"))
        jobs.create_index("ix_jobs_person", ["person"])


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_index("ix_jobs_person")
        jobs.drop_column("person")
    for table in ("settings", "usage", "invitations", "tokens", "sessions", "people"):
        op.drop_table(table)
