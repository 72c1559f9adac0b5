"""Read the settings in force and the known headsets from TOML files, and check every key."""

from cxaudio.settings.folders import config_root, user_config_folder
from cxaudio.settings.headsets import headset_facts, headset_profile, headset_profiles
from cxaudio.settings.in_force import Settings
from cxaudio.settings.language import languages
from cxaudio.settings.layers import load_settings, settings_from_values
from cxaudio.settings.toml_file import parse_override, read_toml

__all__ = [
    "Settings",
    "config_root",
    "headset_facts",
    "headset_profile",
    "headset_profiles",
    "languages",
    "load_settings",
    "parse_override",
    "read_toml",
    "settings_from_values",
    "user_config_folder",
]
