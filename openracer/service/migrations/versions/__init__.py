"""The migrations of the console's database, the earliest first."""
