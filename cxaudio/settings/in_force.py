"""Hold the settings in force, the source of each value, and their digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any

from cxaudio.model.archive_policy import ArchiveSettings
from cxaudio.model.live_policy import LiveSettings
from cxaudio.model.policy import AnalysisSettings, PacingPolicy
from cxaudio.model.role_settings import RoleSettings
from cxaudio.settings.sections import settings_schema
from cxaudio.settings.toml_file import SCHEMA

__all__ = ["Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every number in force, and the source of each.

    Examples
    --------
    >>> from cxaudio.settings import load_settings
    >>> settings = load_settings(language="en", overrides={"norms.fast_factor": 1.3}, user_folder="/nonexistent")
    >>> settings.pacing.norms.fast_factor, settings.provenance["norms.fast_factor"]
    (1.3, 'command line')
    >>> settings.pacing.norms.articulation_rate, settings.provenance["norms.articulation_rate"][-14:]
    (5.1, 'pacing/en.toml')
    """

    analysis: AnalysisSettings
    pacing: PacingPolicy
    roles: RoleSettings
    live: LiveSettings
    archive: ArchiveSettings
    provenance: Mapping[str, str]  # "section.key" to the file it came from, or "command line"
    files: tuple[str, ...] = ()  # what was read, weakest first

    def as_dict(self) -> dict[str, Any]:
        """Return every value by section, shaped as a settings file: dicts, lists, numbers, texts and booleans."""
        values: dict[str, Any] = {"schema": SCHEMA, "language": self.pacing.language}
        values["roles"] = {key: value for key, value in asdict(self.roles).items() if value is not None}
        for owner in (self.analysis, self.pacing):
            for spec in fields(owner):
                value = getattr(owner, spec.name)
                if spec.name == "rules":
                    values.update({name: _section_values(rule) for name, rule in value.items()})
                elif is_dataclass(value):
                    values[spec.name] = _section_values(value)
        values["live"] = asdict(self.live)
        values["archive"] = asdict(self.archive)
        values["words"] = dict(self.pacing.words)
        return values

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides what is measured (not words, nor how calls are found and kept), 64 hex digits."""
        values = self.as_dict()
        del values["words"], values["live"], values["archive"]
        text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @staticmethod
    def json_schema() -> dict[str, Any]:
        """Return the JSON Schema of a settings file; every key may be left out."""
        return settings_schema()


def _section_values(section: Any) -> dict[str, Any]:
    """Return the values of one section, with lists for tuples, as JSON and TOML hold them."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(section).items()}
