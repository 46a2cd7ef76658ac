"""The REST API, and who may use it."""
