"""What is asked of a replay: the recordings of one call, and the results to write."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cxaudio.errors import UsageError
from cxaudio.sinks.exports import EXPORTS

__all__ = ["BLOCK_MS", "CallFiles", "Outputs", "chosen_suppressor", "export_names"]

BLOCK_MS = 20_000
"""Length of a recording's blocks. Long blocks need fewer calls; twenty seconds still need little memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFiles:
    """The recordings of one call, and whose channel is whose as far as the user said.

    Raises
    ------
    UsageError
        If it names no recording, a recording and sides beside it, or one side only.
    """

    path: Path | None = None  # one recording
    agent_file: Path | None = None  # or one a side
    customer_file: Path | None = None
    agent: str | None = None  # "left", "right" or the number of a channel
    layout: str | None = None  # a name out of layouts.toml
    headset: str | None = None  # name of the profile of the agent's headset

    def __post_init__(self) -> None:
        if self.path is not None and (self.agent_file is not None or self.customer_file is not None):
            raise UsageError(f"{self.path}: give either one recording, or one file a side, not both")
        if self.path is None and self.agent_file is None and self.customer_file is None:
            raise UsageError("no recording was named; give a file, or --agent-file and --customer-file")
        if (self.agent_file is None) != (self.customer_file is None):
            there, missing = ("agent", "customer") if self.agent_file is not None else ("customer", "agent")
            raise UsageError(f"--{there}-file was given without --{missing}-file; name both sides' recordings")
        if self.agent_file is not None and (self.agent is not None or self.layout is not None):
            raise UsageError("one file a side already says whose is whose; leave out --agent and --layout")

    @property
    def recordings(self) -> tuple[Path, ...]:
        """Return the one recording, or the agent's and the customer's."""
        if self.path is not None:
            return (self.path,)
        assert self.agent_file is not None  # checked on construction
        assert self.customer_file is not None
        return (self.agent_file, self.customer_file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The results to write, and their folder.

    Raises
    ------
    UsageError
        If an export is unknown.
    """

    folder: Path
    export: tuple[str, ...] = ()
    suppressor: str | None = None  # name of the one whose sound is written as well
    embed_audio: bool = False  # a copy of the recording inside the page
    anonymous: bool = False  # no result holds a name or path of a recording
    page_language: str = "en"  # BCP 47
    index: Path | None = None  # page of many calls that this call's page leads back to

    def __post_init__(self) -> None:
        for name in self.export:
            if name not in EXPORTS:
                raise UsageError(f"export {name!r} is not known; choose from {', '.join(EXPORTS)}")


def chosen_suppressor(name: str | None, *, wanted: bool, asked_by: str) -> str | None:
    """Return the suppressor to use: that of the name, or the usual one; None where no suppressed sound is wanted.

    Parameters
    ----------
    name : str or None
        As the user gave it.
    wanted : bool
        Whether the user asked for suppressed sound.
    asked_by : str
        The option that asks for it.

    Raises
    ------
    UsageError
        If the name is unknown, or given although no suppressed sound was asked for.
    """
    from dsp.speech.suppression import SUPPRESSORS

    if name is not None and name not in SUPPRESSORS:
        raise UsageError(f"suppressor {name!r} is not known; choose from {', '.join(SUPPRESSORS)}")
    if name is not None and not wanted:
        raise UsageError(f"--suppressor says how noise is reduced, but no such sound was asked for; add {asked_by}")
    return (name or SUPPRESSORS[0]) if wanted else None


def export_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Return names of exports from a list, or from a string with commas.

    Examples
    --------
    >>> export_names("csv, VTT,"), export_names(["rttm"])
    (('csv', 'vtt'), ('rttm',))
    """
    parts = names.split(",") if isinstance(names, str) else names
    return tuple(name.strip().lower() for name in parts if name.strip())
