"""Name what must be done to the tables of an older version of the columns, one step for each version."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cxaudio.archive.columns import STORE_SCHEMA

__all__ = ["STEPS", "Step", "steps_from"]

Step = Callable[[str, Any], Any]
"""From the name of a table and some of its rows, as a pyarrow table, to the same rows in the next version."""

STEPS: Mapping[int, Step] = {}
"""By the version that a step starts from. Columns that are only added need none: they are null in older rows."""


def steps_from(schema: int) -> Sequence[Step]:
    """Return the steps from a version of the columns to this one, first to last.

    Examples
    --------
    >>> list(steps_from(STORE_SCHEMA))
    []
    """
    return [STEPS[version] for version in range(schema, STORE_SCHEMA) if version in STEPS]
