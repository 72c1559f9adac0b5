"""Hold which channel is whose where a command does not say it."""

from dataclasses import dataclass

from cxaudio.errors import SettingError

__all__ = ["RoleSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSettings:
    """Which channel is whose where a command does not say it; None: not known, and never guessed."""

    agent: str | None = None  # "left" or "right"
    layout: str | None = None  # a name out of layouts.toml

    def __post_init__(self) -> None:
        if self.agent not in (None, "left", "right"):
            raise SettingError("roles.agent", self.agent, 'is no channel; use "left" or "right"')
