"""The DeepRacer file formats, read and written, without an opinion on what the values are used for."""
