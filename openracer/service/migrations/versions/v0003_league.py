"""Races, seasons, submissions, invitations to races, live races and duels."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "seasons",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("organiser", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("final_size", sa.Integer, nullable=False),
        sa.Column("final_at", sa.Float),
        sa.Column("champion", sa.Integer, sa.ForeignKey("people.id")),
    )
    op.create_table(
        "races",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("organiser", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("season", sa.Integer, sa.ForeignKey("seasons.id"), index=True),
        sa.Column("is_private", sa.Boolean, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("opens", sa.Float, nullable=False, index=True),
        sa.Column("closes", sa.Float, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "race_codes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("race", sa.Integer, sa.ForeignKey("races.id"), nullable=False, index=True),
        sa.Column("code", sa.String, nullable=False, unique=True),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("expires", sa.Float),
        sa.Column("revoked", sa.Float),
    )
    op.create_table(
        "race_members",
        sa.Column("race", sa.Integer, sa.ForeignKey("races.id"), primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("joined", sa.Float, nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("race", sa.Integer, sa.ForeignKey("races.id"), nullable=False, index=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("nth", sa.Integer, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("folder", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("submitted", sa.Float, nullable=False),
        sa.Column("job", sa.String, unique=True),
        sa.Column("runs", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("ended", sa.Float),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("laps", sa.JSON),
        sa.Column("total_ms", sa.Integer),
        sa.Column("duration_s", sa.Float),
        sa.Column("shown_from", sa.Float),
        sa.Column("shown_until", sa.Float),
        sa.UniqueConstraint("race", "person", "nth"),
        sa.UniqueConstraint("person", "key"),
    )
    op.create_table(
        "live_races",
        sa.Column("race", sa.Integer, sa.ForeignKey("races.id"), primary_key=True),
        sa.Column("current", sa.Integer, sa.ForeignKey("submissions.number")),
        sa.Column("auto_launch", sa.Boolean, nullable=False),
        sa.Column("entries_open", sa.Boolean, nullable=False),
        sa.Column("winner", sa.Integer, sa.ForeignKey("people.id")),
    )
    op.create_table(
        "duels",
        sa.Column("season", sa.Integer, sa.ForeignKey("seasons.id"), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("first", sa.Integer, sa.ForeignKey("submissions.number"), nullable=False),
        sa.Column("second", sa.Integer, sa.ForeignKey("submissions.number"), nullable=False),
        sa.Column("job", sa.String),
        sa.Column("winner", sa.Integer, sa.ForeignKey("submissions.number")),
        sa.Column("told", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("duels", "live_races", "submissions", "race_members", "race_codes", "races", "seasons"):
        op.drop_table(table)
