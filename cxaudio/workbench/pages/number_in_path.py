"""Read the number of a sample or a calibration from the path of a request."""

from cxaudio.workbench.serving.asked import Asked

__all__ = ["number_in_path"]

_MOST_DIGITS = 9


def number_in_path(asked: Asked, name: str) -> int | None:
    """Return the number that stands in the path; None where something else does, of which nothing is stored.

    Parameters
    ----------
    asked : Asked
        The request.
    name : str
        Of the part of the path.
    """
    text = asked.path[name]
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None
