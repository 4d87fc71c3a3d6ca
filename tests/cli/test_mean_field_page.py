"""Every command of docs/mean-field.md is run, and its output compared: words as they are, numbers up to rounding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scaling_sym.cli import run

PAGE = Path(__file__).parents[2] / "docs" / "mean-field.md"
BLOCKS = re.findall(r"```console\n\$ scaling-sym (.*?)\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)


def compare(shown: str, printed: str) -> None:
    ours, theirs = ([w for w in text.split() if set(w) != {"─"}] for text in (shown, printed))
    assert len(ours) == len(theirs)
    for one, two in zip(ours, theirs, strict=True):
        try:
            x, y = float(one), float(two)
        except ValueError:
            assert one == two
            continue
        # Error estimates differ between machines; of simulations the last place shown may.
        assert x == y or max(abs(x), abs(y)) < 1e-9 or x == pytest.approx(y, rel=1e-6, abs=2e-4)


@pytest.mark.parametrize(("command", "printed"), [b for b in BLOCKS if not b[0].startswith("disputes")])
def test_commands_of_the_page(command: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command.split()) == 0
    compare(capsys.readouterr().out, printed)


@pytest.mark.deep
@pytest.mark.parametrize(("command", "printed"), [b for b in BLOCKS if b[0].startswith("disputes")])
def test_simulations_of_the_page(command: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command.split()) == 0
    # `off` is a quotient by the standard error: rounded to one place, it may turn over
    numbers = re.compile(r"-?\d+\.\d\b(?!\d)")
    compare(numbers.sub("0", capsys.readouterr().out), numbers.sub("0", printed))


def test_the_page_has_them() -> None:
    assert len(BLOCKS) == 10
