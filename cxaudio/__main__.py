"""``python -m cxaudio`` and the ``cxaudio`` command."""

import sys

from cxaudio.memory import collect_seldom

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    collect_seldom()  # before the imports
    from cxaudio.cli.app import run_cli

    sys.exit(run_cli())


if __name__ == "__main__":
    main()
