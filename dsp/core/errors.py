"""Define the errors of the signal library: one for wrong arguments, one for calls in a wrong order.

::

    ValueError
      ParameterError       an argument cannot work; the message names its value, the limit and what to do
    RuntimeError
      StreamStateError     a stage was called after its flush without a reset
"""

__all__ = ["ParameterError", "StreamStateError"]


class ParameterError(ValueError):
    """A parameter is out of its range; the message names it, its value, the limit and what to do."""


class StreamStateError(RuntimeError):
    """A method of a stage was called at the wrong time, for example `process` after `flush`."""
