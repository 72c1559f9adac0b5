"""Options that commands for many calls share."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Agent",
    "FileNames",
    "Headset",
    "Layout",
    "Manifest",
    "NamePattern",
    "Pages",
    "Sidecars",
    "StartFormat",
    "StoreFolder",
    "Timezone",
]

StoreFolder = Annotated[Path, typer.Option("--store", "-s", metavar="DIR", help="Folder of the store.")]

# Whose channel is whose, and what is known of each call.

Agent = Annotated[
    str | None, typer.Option("--agent", metavar="left|right", help="Which channel is the agent's, in all calls.")
]
Layout = Annotated[
    str | None, typer.Option("--layout", metavar="NAME", help="A recorder's convention, from layouts.toml.")
]
NamePattern = Annotated[
    str | None,
    typer.Option("--names", metavar="PATTERN", help="Regular expression with named groups for names of files."),
]
StartFormat = Annotated[
    str | None,
    typer.Option("--start-format", metavar="FORMAT", help="How start times are written, as %Y%m%d-%H%M%S."),
]
Timezone = Annotated[str | None, typer.Option("--timezone", metavar="ZONE", help="Of start times, as Europe/Berlin.")]
Manifest = Annotated[
    Path | None, typer.Option("--manifest", metavar="FILE.csv", help="Table of the calls, with roles and labels.")
]
Sidecars = Annotated[bool, typer.Option("--sidecars/--no-sidecars", help="Read JSON files beside the recordings.")]
Headset = Annotated[
    str | None, typer.Option("--headset", metavar="PROFILE", help="The agents' headset: use what is known of it.")
]

# What is kept.

Pages = Annotated[str, typer.Option("--pages", metavar="all|flagged|none", help="Which calls get a page in the store.")]
FileNames = Annotated[
    str,
    typer.Option(
        "--file-names",
        metavar="hashed|plain",
        help="Whether rows and pages hold the names of recordings, which can be telephone numbers.",
    ),
]
