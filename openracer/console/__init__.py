"""The web console: one module for each page."""
