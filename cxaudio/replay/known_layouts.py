"""Recorders' channel conventions that a user can name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxaudio.sources.recorded.layouts import Layout

__all__ = ["known_layouts"]


def known_layouts() -> "Mapping[str, Layout]":
    """Read ``layouts.toml``: the user's own conventions over the shipped ones."""
    from cxaudio.settings import config_root, user_config_folder
    from cxaudio.sources.recorded.layouts import read_layouts

    layouts = dict(read_layouts(config_root() / "layouts.toml"))
    own = user_config_folder() / "layouts.toml"
    if own.is_file():
        layouts |= read_layouts(own)
    return layouts
