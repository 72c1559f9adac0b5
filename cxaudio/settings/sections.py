"""Name the sections of a settings file, the class that each fills, and their JSON Schema."""

from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from cxaudio.analysis import pacing_rules
from cxaudio.model.archive_policy import ArchiveSettings
from cxaudio.model.live_policy import LiveSettings
from cxaudio.model.policy import AnalysisSettings, PacingPolicy
from cxaudio.model.role_settings import RoleSettings
from cxaudio.model.written import describe
from cxaudio.settings.toml_file import SCHEMA

__all__ = ["sections", "settings_schema"]


def sections() -> dict[str, type]:
    """Return the dataclass that each section fills, by the section's name."""
    found: dict[str, type] = {"roles": RoleSettings, "live": LiveSettings, "archive": ArchiveSettings}
    for owner in (AnalysisSettings, PacingPolicy):
        found.update(
            {spec.name: spec.type for spec in fields(owner) if isinstance(spec.type, type) and is_dataclass(spec.type)}
        )
    found.update({rule.name: rule.settings for rule in pacing_rules.RULES})
    return found


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema of a settings file, draft 2020-12; every key may be left out."""
    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA},
        "language": {"type": "string", "description": "BCP 47 tag"},
        "words": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    for name, section in sections().items():
        keys = describe(section, exact=True).schema()["properties"]
        for spec in fields(section):
            if spec.default is not MISSING and spec.default is not None:
                default = list(spec.default) if isinstance(spec.default, tuple) else spec.default
                keys[spec.name] = keys[spec.name] | {"default": default}
        properties[name] = {
            "type": "object",
            "description": section.__doc__,
            "properties": keys,
            "additionalProperties": False,
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cxaudio settings",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
