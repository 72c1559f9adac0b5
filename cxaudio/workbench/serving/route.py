"""`Route`: one address of the workbench, and who may ask it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cxaudio.workbench.serving.answers import Answer
    from cxaudio.workbench.serving.asked import Asked

__all__ = ["Route"]


@dataclass(frozen=True, slots=True)
class Route:
    """One address; what is in braces in its path is given to the handler.

    A handler blocks: it runs in a thread of its own.
    """

    method: Literal["GET", "POST"]
    path: str
    handler: "Callable[[Asked], Answer]"
    audit: str | None = None  # what the audit log says of it; None: nothing
    writes: bool = False  # refused to visitors who may only look
    own_view: bool = False  # also for an agent's own view; the handler shows nothing of anybody else
