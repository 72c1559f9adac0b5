"""What the signal library raises: two kinds, one for wrong arguments and one for calls out of order.

::

    ValueError
      ParameterError       the caller gave a value that cannot work; the message names value, limit and cure
    RuntimeError
      StreamStateError     a stage was called after its flush without a reset
"""

__all__ = ["ParameterError", "StreamStateError"]


class ParameterError(ValueError):
    """A parameter is out of its range; the message names it, its value, the limit and the cure."""


class StreamStateError(RuntimeError):
    """A stage was used out of order, for example fed after its flush."""
