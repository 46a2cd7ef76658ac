"""The web console: one page module for each menu entry, one process with the REST API."""
