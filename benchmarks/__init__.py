"""Measurements of OpenRacer: each module prints a table, and one JSON document with ``--json``."""
