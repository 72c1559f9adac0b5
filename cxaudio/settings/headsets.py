"""Read what is known of headsets, a TOML file each."""

import re
from pathlib import Path

from cxaudio.errors import ConfigError, UsageError
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.policy import HeadsetProfile
from cxaudio.settings.checks import checked_values
from cxaudio.settings.folders import config_root, user_config_folder
from cxaudio.settings.toml_file import read_toml

__all__ = ["headset_facts", "headset_profile", "headset_profiles"]


def headset_profiles(user_folder: Path | str | None = None) -> dict[str, HeadsetProfile]:
    """Return every known headset by its file's name; the user's own replace the shipped.

    Raises
    ------
    ConfigError
        If a profile holds a key that is unknown or of the wrong kind.

    Examples
    --------
    >>> headset_profiles("/nonexistent")["hion-u800"].maker
    'Hion'
    """
    user = user_config_folder() if user_folder is None else Path(user_folder)
    files = [path for root in (config_root(), user) for path in sorted((root / "headsets").glob("*.toml"))]
    return {path.stem: _profile(path) for path in files}


def _profile(path: Path) -> HeadsetProfile:
    values = {key: value for key, value in read_toml(path).items() if key != "schema"}
    checked = checked_values(HeadsetProfile, values, prefix="", source=str(path))
    for pattern in checked.get("name_patterns", ()):
        try:
            re.compile(pattern)
        except re.error as error:
            raise ConfigError(path, "name_patterns", pattern, f"is no regular expression: {error}") from error
    missing = [name for name in ("model", "maker") if name not in checked]
    if missing:
        raise ConfigError(path, missing[0], None, "is missing; every profile says maker and model")
    return HeadsetProfile(**checked)


def headset_profile(name: str) -> HeadsetProfile:
    """Return the profile of a headset by its file's name.

    Raises
    ------
    UsageError
        If there is no such profile.
    """
    profiles = headset_profiles()
    if name not in profiles:
        raise UsageError(f"headset {name!r} has no profile; there are {', '.join(profiles)}")
    return profiles[name]


def headset_facts(name: str | None) -> HeadsetFacts | None:
    """Return what was measured of a headset; None for no headset and for one of which nothing was measured.

    Raises
    ------
    UsageError
        If there is no such profile.
    """
    return None if name is None else headset_profile(name).facts
