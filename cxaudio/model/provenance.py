"""`Provenance`: the settings and versions behind a report, so that it can be made again; reads no file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxaudio.model.policy import AccommodationSettings, WholeCallRules

__all__ = ["SETTINGS_SCHEMA", "VERSIONS_SCHEMA", "Provenance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The settings and versions of a report.

    Examples
    --------
    >>> made = Provenance(digest="sha256:0", policy="en", values={"accommodation": {
    ...     "window_s": 20.0, "step_s": 10.0, "min_windows": 10}}, versions={"cxaudio": "0.1.0"})
    >>> made.accommodation.window_s
    20.0
    >>> Provenance.from_dict(made.to_dict()) == made
    True
    """

    digest: str  # of the values that affect figures
    policy: str  # language of the pacing policy, BCP 47
    values: Mapping[str, Any]  # every setting in force by section, shaped as a settings file: plain values
    versions: Mapping[str, str]  # of cxaudio and of what it computes with

    @property
    def whole_call(self) -> WholeCallRules:
        """Return the rules judged once, at the end."""
        return WholeCallRules(**self.values["whole_call"])

    @property
    def accommodation(self) -> AccommodationSettings:
        """Return the windows of the accommodation measures."""
        return AccommodationSettings(**self.values["accommodation"])

    @property
    def spurt_min_nuclei(self) -> int:
        """Return the number of syllables below which a spurt has no pace (DEFINITIONS §2)."""
        return int(self.values["rates"]["spurt_min_nuclei"])

    @property
    def spurt_edge_s(self) -> float:
        """Return what is speech to a rate before and after each spurt, in seconds; 0 in older reports."""
        return self.number("rates.spurt_edge_s") or 0.0

    def number(self, key: str) -> float | None:
        """Return a number of the settings by ``section.key``; None where they lack it.

        Examples
        --------
        >>> made = Provenance(digest="", policy="en", values={"rushing": {"flag_ratio": 1.25}}, versions={})
        >>> made.number("rushing.flag_ratio"), made.number("norms.syllables_per_word")
        (1.25, None)
        """
        section, _, name = key.partition(".")
        found = self.values.get(section, {}).get(name)
        return None if found is None else float(found)

    def to_dict(self) -> dict[str, Any]:
        """Return ``settings`` and ``versions`` as files hold them."""
        return {
            "settings": {"digest": self.digest, "policy": self.policy, "values": dict(self.values)},
            "versions": dict(self.versions),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Provenance":
        """Read the values of `to_dict`.

        Raises
        ------
        KeyError
            If a part is missing.
        """
        settings = values["settings"]
        return cls(
            digest=settings["digest"], policy=settings["policy"], values=settings["values"], versions=values["versions"]
        )


SETTINGS_SCHEMA = {
    "type": "object",
    "required": ["digest", "policy", "values"],
    "properties": {
        "digest": {
            "type": "string",
            "pattern": "^sha256:[0-9a-f]{64}$",
            "description": "Of the values that decide what is measured.",
        },
        "policy": {"type": "string", "description": "Language of the pacing policy, BCP 47"},
        "values": {"type": "object", "description": "Every setting in force, shaped as a settings file."},
    },
}
VERSIONS_SCHEMA = {"type": "object", "required": ["cxaudio"], "additionalProperties": {"type": "string"}}
