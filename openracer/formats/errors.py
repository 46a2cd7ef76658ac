"""The error of every reader of a file format: what is wrong, where, and what would be right."""


class FormatError(ValueError):
    """A file or value does not follow its format; the text is one sentence for the user."""
