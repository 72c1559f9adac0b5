"""Check what was said about the agent's channel: by its number, and by a recorder's convention."""

from typing import TYPE_CHECKING

from cxaudio.errors import UsageError

if TYPE_CHECKING:
    from cxaudio.sources.recorded.layouts import Layout

__all__ = ["checked_roles"]


def checked_roles(
    agent: str | None, layout: str | None, *, agent_from: str = "--agent", layout_from: str = "--layout"
) -> "tuple[int | None, Layout | None]":
    """Return the agent's channel and the convention that were named.

    Parameters
    ----------
    agent : str or None
        Channel of the agent: ``left``, ``right`` or its number from 0.
    layout : str or None
        Name out of ``layouts.toml``.
    agent_from, layout_from : str
        Where each was said, for the message.

    Raises
    ------
    UsageError
        If one of them is unknown, or they contradict each other.

    Examples
    --------
    >>> channel, layout = checked_roles("right", "amazon-connect")
    >>> channel, layout.agent
    (1, 1)
    """
    from cxaudio.replay.known_layouts import known_layouts
    from cxaudio.sources.recorded.layouts import channel_number, find_layout

    channel = None if agent is None else channel_number(agent)
    convention = None if layout is None else find_layout(known_layouts(), layout)
    if channel is not None and convention is not None and channel != convention.agent:
        raise UsageError(
            f"{agent_from} {agent} contradicts {layout_from} {layout}, in which channel {convention.agent} is the "
            "agent's (counted from 0); give only one of them"
        )
    return channel, convention
