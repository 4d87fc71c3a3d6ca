"""One sentence for a command line that cannot be read, with the nearest thing that can."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import typer


OPTIONS: Final = ("--help", "--version", "--install-completion", "--show-completion")


def suggest(error: BaseException, arguments: Sequence[str], app: typer.Typer) -> str:
    """The sentence for a usage error: an unknown verb or option is answered with its nearest relative."""
    said = " ".join(str(getattr(error, "message", None) or error).split()).rstrip(".")
    verbs = list_verbs(app)
    verb = next((a for a in arguments if not a.startswith("-")), "")
    if verb and verb not in verbs:
        return f"there is no verb {verb!r}{nearest(verb, verbs)}"
    option = getattr(error, "option_name", None)
    if option and re.match(r"no such option", said, re.IGNORECASE):
        return f"{verb or 'scaling-sym'} has no option {option}{nearest(option, verbs.get(verb, OPTIONS))}"
    return f"{said[:1].lower()}{said[1:]}; `scaling-sym {verb or 'VERB'} --help` says what is allowed"


def nearest(word: str, allowed: Iterable[str]) -> str:
    """': did you mean X?', or the whole list where it is short enough to be read, or nothing."""
    known = sorted(allowed)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f": did you mean {close[0]}?"
    return f"; {', '.join(known)} are allowed" if 1 < len(known) <= 30 else ""


def list_verbs(app: typer.Typer) -> dict[str, list[str]]:
    """The verbs and their options."""
    import typer

    group = typer.main.get_command(app)
    commands = getattr(group, "commands", {})
    return {name: [o for p in verb.params for o in p.opts if o.startswith("--")] for name, verb in commands.items()}
