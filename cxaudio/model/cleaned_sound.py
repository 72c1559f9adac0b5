"""Say in a file that its sound was suppressed by us, and read it there."""

__all__ = ["cleaned_comment", "is_cleaned"]

_WORDS = "noise reduced by cxaudio"


def cleaned_comment(version: str) -> str:
    """Return the comment that a file of suppressed sound bears.

    Examples
    --------
    >>> cleaned_comment("1.0")
    'noise reduced by cxaudio 1.0'
    """
    return f"{_WORDS} {version}"


def is_cleaned(comment: str) -> bool:
    """Return whether a file with this comment holds sound that we suppressed.

    Examples
    --------
    >>> is_cleaned(cleaned_comment("1.0")), is_cleaned("noise of a street")
    (True, False)
    """
    return comment.startswith(_WORDS)
