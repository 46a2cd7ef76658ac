"""The physical car: whether it takes an archive, what it would see, and what it would do."""
