"""``python -m cxaudio`` and the ``cxaudio`` command."""

import sys

from cxaudio.memory import collect_seldom
from cxaudio.one_thread import work_on_one_thread

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    work_on_one_thread()  # both before the imports
    collect_seldom()
    from cxaudio.cli.app import run_cli

    sys.exit(run_cli())


if __name__ == "__main__":
    main()
