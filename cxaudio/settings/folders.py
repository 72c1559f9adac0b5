"""Find the folder of the shipped configuration and the user's own."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cxaudio.errors import UsageError

__all__ = ["config_root", "user_config_folder"]


def config_root() -> Path:
    """Return the folder of the shipped configuration: in the package when installed, beside it in a checkout.

    Raises
    ------
    UsageError
        If neither holds ``defaults.toml``: the installation is broken.

    Examples
    --------
    >>> (config_root() / "defaults.toml").is_file()
    True
    """
    # What importlib.resources.files("cxaudio") gives for an installed wheel, without its 12 ms of import.
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "config", package.parent / "config"):
        if (folder / "defaults.toml").is_file():
            return folder
    raise UsageError(f"{package / 'config'}: the shipped settings are missing; install cxaudio anew")


def user_config_folder(
    *, platform: str = sys.platform, environ: Mapping[str, str] = os.environ, home: Path | None = None
) -> Path:
    """Return the user's own folder by the convention of the platform; it may not exist yet.

    Parameters
    ----------
    platform : str
        As ``sys.platform``.
    environ : mapping
        As ``os.environ``.
    home : Path, optional
        Home folder; the user's when left out.

    Examples
    --------
    >>> user_config_folder(platform="linux", environ={}, home=Path("/home/lin")).as_posix()
    '/home/lin/.config/cxaudio'
    """
    home = Path.home() if home is None else home
    if platform == "win32":
        base = Path(environ["APPDATA"]) if environ.get("APPDATA") else home / "AppData" / "Roaming"
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(environ["XDG_CONFIG_HOME"]) if environ.get("XDG_CONFIG_HOME") else home / ".config"
    return base / "cxaudio"
