"""Alembic's folder: ``env.py`` runs the files of ``versions`` in their order."""
