"""The DeepRacer file formats, read and written; nothing here knows what the values are used for."""
