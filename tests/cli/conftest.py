"""Running the command line in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pytest

import scaling_sym.claims.bundle as bundles
import scaling_sym.claims.writing as writing
from scaling_sym.cli import run


@dataclass(frozen=True)
class Outcome:
    """What one command line did."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)


Runner = Callable[..., Outcome]


@pytest.fixture(scope="session", autouse=True)
def _read_each_bundle_once() -> Iterator[None]:
    """Bundles are immutable: the same bytes need not be read again for every command line of the tests."""
    whole, own = (lru_cache(maxsize=4)(read) for read in (bundles.read_bundle, writing.read_own_bundle))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundles, "read_bundle", lambda text, what="": whole(text, what))
        patch.setattr(writing, "read_own_bundle", lambda text, what="": own(text, what))
        yield


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Runner:
    def run_line(*arguments: object) -> Outcome:
        capsys.readouterr()
        status = run([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run_line
