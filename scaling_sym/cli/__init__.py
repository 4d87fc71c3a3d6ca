"""The command line, `scaling-sym VERB`.

One file a group of verbs. A file of verbs is any module of this package that has an attribute `app`, a `typer.Typer`;
adding a verb is adding a file, or a function to one of them. Such files import what is heavy inside their functions, so
that `--help` is quick; they raise the errors of `scaling_sym.errors` and write through `scaling_sym.cli.speech`.

Exit status 0: all well. 1: a certificate does not replay, a derived claim fails, or a generated file drifted. 2: bad
input, with one sentence on standard error. With `--json`, standard output is one JSON document.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    import typer


INTERRUPTED: Final = 130
STOPPED: Final = "stopped; what was being written is left as it was"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    try:
        from scaling_sym.cli.speech import prepare_streams

        prepare_streams()
        status = run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:  # while the program itself was loading
        sys.stderr.write(f"scaling-sym: {STOPPED}\n")
        status = INTERRUPTED
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit status."""
    import typer

    from scaling_sym.cli.speech import complain
    from scaling_sym.cli.usage import suggest
    from scaling_sym.errors import ScalingSymError

    # The base of all usage errors; the module it lives in differs between versions of typer.
    usage_error = cast(type[Exception], typer.BadParameter.__mro__[2])
    try:
        status = typer.main.get_command(build_app())(arguments, prog_name="scaling-sym", standalone_mode=False)
    except ScalingSymError as error:
        complain(str(error))
        return 2
    except usage_error as error:
        complain(suggest(error, arguments, build_app()))
        return 2
    except typer.Exit as error:
        return int(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        complain(STOPPED)
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    if status == INTERRUPTED:  # typer has turned Ctrl-C into this status
        complain(STOPPED)
    return status if isinstance(status, int) else 0


def _say_version(wanted: bool) -> None:
    if wanted:
        import typer

        from scaling_sym import __version__
        from scaling_sym.cli.speech import say

        say(f"scaling-sym {__version__}")
        raise typer.Exit


def build_app() -> typer.Typer:
    """The application with the verbs of all files of this package."""
    import importlib
    import pkgutil

    import typer

    app = typer.Typer(
        name="scaling-sym", no_args_is_help=True, rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Derive scaling laws, prove what can be proved, measure the rest, and say which is which.",
    )

    @app.callback()
    def options(
        version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True, callback=_say_version),
    ) -> None:
        """Options before the verb; the help of the application stands above."""

    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        verbs = getattr(importlib.import_module(f"{__name__}.{module.name}"), "app", None)
        if isinstance(verbs, typer.Typer):
            app.add_typer(verbs)
    return app
