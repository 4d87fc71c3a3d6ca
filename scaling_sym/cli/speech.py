"""How the command line speaks: answers on standard output, notes and progress on standard error.

Colours are rich's, which respects `NO_COLOR` and uses none where the output is no terminal.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress


def prepare_streams() -> None:
    """Write UTF-8 whatever the locale says, and no half signs."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say(text: str) -> None:
    """A piece of the answer, on standard output, ended by one line end."""
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away (`| head`); what follows must not fail again when Python closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def say_json(document: Any) -> None:
    """The answer as one JSON document."""
    say(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False))


def note(text: str) -> None:
    """A remark that is no part of the answer, on standard error."""
    sys.stderr.write(text + "\n")


def complain(sentence: str) -> None:
    """What is wrong and what is allowed, as one line on standard error."""
    note("scaling-sym: " + " ".join(sentence.split()))


def say_rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for people: aligned columns on standard output, wrapped only on a terminal."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 400)
    with console.capture() as captured:
        console.print(table)
    say("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress display on standard error, with the time left; a line a finished task stays.

    Where parts are counted it is extrapolated; else a task says in its field `expected` how many seconds it will take (`pace`).
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.table import Column
    from rich.text import Text

    class Clock(ProgressColumn):
        """The time gone, and while the task lasts the time left."""

        def get_table_column(self) -> Column:
            """A column that keeps its line (rich asks for it)."""
            return Column(no_wrap=True)

        def render(self, task: Task) -> Text:
            """Time spent and, where it can be told, time left."""
            text = _clock(task.elapsed or 0.0)
            expected = task.fields.get("expected")
            if not task.finished and expected:
                left = expected - (task.elapsed or 0.0)
                text += f", about {_clock(left + 0.5)} left" if left > 0 else ", longer than usual"
            elif not task.finished and task.time_remaining is not None:
                text += f", {_clock(task.time_remaining)} left"
            return Text(text, style="progress.elapsed")

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[found]}"), Clock())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        try:
            yield shown
        except BaseException:
            # A refusal is one sentence: the bar goes away, and where there is no terminal it is not written at all.
            shown.live.transient = True
            shown.live.console.quiet = not shown.live.console.is_terminal
            raise
