"""``cxaudio serve``: the QA workbench in a browser."""

import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from cxaudio.cli.archive_options import FileNames, StoreFolder
from cxaudio.cli.options import Json, Open, PageLanguage, complain, print_json, printable, wants_page
from cxaudio.errors import UsageError

if TYPE_CHECKING:
    from cxaudio.workbench.serving.server import WorkbenchServer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(serve)


def serve(
    store: StoreFolder,
    user: Annotated[
        list[str] | None,
        typer.Option("--user", metavar="NAME", help="Who judges; may be repeated. Your login name where left out."),
    ] = None,
    own_view: Annotated[
        list[str] | None,
        typer.Option("--own-view", metavar="AGENT", help="Print a link by which an agent sees only their own calls."),
    ] = None,
    recordings: Annotated[
        list[Path] | None,
        typer.Option("--recordings", metavar="DIR", help="Also play recordings below this folder; may be repeated."),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Change nothing in the store: no verdicts, no audit log.")
    ] = False,
    min_calls: Annotated[
        int, typer.Option("--min-calls", metavar="N", help="Show no figures of groups of fewer calls.")
    ] = 5,
    ranking: Annotated[bool, typer.Option("--ranking", help="Let agents be sorted by their figures.")] = False,
    file_names: FileNames = "hashed",
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="N", help="0: any that is free. Left out: the same for this store each time."),
    ] = None,
    page_language: PageLanguage = None,
    open_: Open = None,
    json_: Json = False,
) -> int:
    """Review the calls of a store in a browser: on 127.0.0.1, by the links that are printed, until Ctrl-C.

    Each link opens one browser, once; Enter prints new ones. Verdicts are kept in the store, in reviews.sqlite.
    """
    from cxaudio.workbench.serving.start import open_workbench
    from cxaudio.workbench.serving.visitor import Visitor
    from cxaudio.workbench.serving.workbench import Options

    if file_names not in ("hashed", "plain"):
        raise UsageError(f"--file-names {file_names} is not known; write hashed or plain")
    reviewers = _reviewers(user)
    options = Options(
        language=page_language or "en",
        read_only=read_only,
        min_calls=min_calls,
        ranking=ranking,
        reviewers=tuple(reviewers),
        plain_names=file_names == "plain",
    )
    visitors = [Visitor(name=name, may_write=not read_only) for name in reviewers]
    visitors += [Visitor(name=agent, own_agent=agent, may_write=False) for agent in dict.fromkeys(own_view or ())]
    server_class = _server()
    if sys.stderr.isatty():  # a million calls take a quarter of a minute
        complain(f"reading the calls of {store} ...")
    with open_workbench(store, options=options, recordings=recordings or ()) as workbench:
        for agent in own_view or ():
            if not workbench.archive.current().ask("SELECT 1 FROM calls WHERE agent = ? LIMIT 1", (agent,)):
                raise UsageError(f"--own-view {agent}: no call of this store is of an agent {agent}; check the name")
        if port is not None:
            server = server_class(workbench, visitors=visitors, port=port)
        else:
            # A browser keeps what it could not send under the address with the port, and sends it from there.
            try:
                server = server_class(workbench, visitors=visitors, port=workbench.usual_port)
            except UsageError:  # another program has it, or another server of this store
                server = server_class(workbench, visitors=visitors, port=0)
        if json_:
            links = [
                {"user": visitor.name, "own_view": visitor.own_agent is not None, "url": url}
                for visitor, url in server.links
            ]
            print_json({"schema": "cxaudio.serve/1", "port": server.port, "links": links})
        else:
            print(printable(f"The workbench of {store}; Ctrl-C ends it. Each link opens one browser, once:"))
            _print_links(server)
            if sys.stdin.isatty():
                print("A link that was used, or is ten minutes old, opens nothing: press Enter for new ones.")
                Thread(target=_print_links_at_enter, args=(server,), name="links", daemon=True).start()
        sys.stdout.flush()
        if not json_ and wants_page(open_):
            import webbrowser

            webbrowser.open(server.links[0][1])
        server.run()
    return 0  # to be stopped is how it ends


def _print_links(server: "WorkbenchServer") -> None:
    for visitor, url in server.links:
        kind = "own view of " if visitor.own_agent is not None else ""
        print(printable(f"  {kind}{visitor.name}: {url}"), flush=True)


def _print_links_at_enter(server: "WorkbenchServer") -> None:
    """Print links as often as somebody presses Enter in the terminal."""
    for _ in sys.stdin:
        _print_links(server)


def _reviewers(names: list[str] | None) -> list[str]:
    """Return the names of who judges.

    Raises
    ------
    UsageError
        If one is wrong, or stands twice.
    """
    from cxaudio.archive.reviews.verdict import checked_reviewer

    if not names:
        import getpass

        try:
            names = [getpass.getuser()]
        except (KeyError, OSError, ImportError):  # a container without a name for its user
            names = ["reviewer"]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"--user {twice[0]} stands twice; give each reviewer a name of their own")
    return [checked_reviewer(name) for name in names]


def _server() -> "type[WorkbenchServer]":
    """Import the server.

    Raises
    ------
    UsageError
        If what it needs is not installed.
    """
    try:
        from cxaudio.workbench.serving.server import WorkbenchServer
    except ModuleNotFoundError as exc:
        raise UsageError(
            f"the workbench needs {exc.name}, which is not installed; pip install 'cxaudio[workbench]'"
        ) from exc
    return WorkbenchServer
