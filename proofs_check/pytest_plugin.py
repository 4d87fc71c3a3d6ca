"""A plugin of pytest: every step and every claim of a bundle is a test item. Inert without `--scaling-sym`.

    pytest --scaling-sym derivations        all files bundle.json below the folder
    pytest --scaling-sym my.bundle.json     one file; the name is bundle.json, or ends with .bundle.json

A step fails with the reason that its rule gives, its cell and its premises; it is replayed against the premises as they
stand, so that one fault is one failure. A claim fails where it says other than its steps, or where the verdict recorded for
it, or `holds` for a derived one, is not the one found.

Not covered: measuring (`scaling-sym check` does it).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scaling_sym.claims.bundle import Bundle, Claim


class FailedError(Exception):
    """A step or a claim does not hold; the text says why."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch."""
    parser.addoption("--scaling-sym", action="store_true",
                     help="replay the bundles of scaling laws among the arguments, a test a step and a claim")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect bundles, where the switch is on."""
    wanted = file_path.name == "bundle.json" or file_path.name.endswith(".bundle.json")
    if not wanted or not parent.config.getoption("--scaling-sym"):
        return None
    return BundleFile.from_parent(parent, path=file_path)


class BundleFile(pytest.File):
    """A bundle, as a collection of steps and claims."""

    @cached_property
    def bundle(self) -> Bundle:
        """The bundle; its digests are not compared, the mathematics must catch a fault."""
        from scaling_sym.claims.bundle import read_bundle

        return read_bundle(self.path.read_bytes(), str(self.path))

    @cached_property
    def complaints(self) -> dict[str, str]:
        """What is wrong with claims, by label, if every step replays."""
        from proofs_check.judge import compare_verdicts, judge
        from proofs_check.replay import replay
        from scaling_sym.claims.bundle import is_printed

        outcome = replay(self.bundle, ())
        judgements = judge(self.bundle, outcome)
        found = {j.claim.label: f"it is {j.verdict}: {j.reason}" for j in judgements
                 if j.verdict != "holds" and not is_printed(j.claim)}
        return found | {f.step: f.reason for f in (*compare_verdicts(judgements), *outcome.faults)}

    def collect(self) -> Iterator[pytest.Item]:
        """A test a step, and a test a claim."""
        from scaling_sym.errors import ScalingSymError

        try:
            bundle = self.bundle
        except ScalingSymError as error:
            raise self.CollectError(str(error)) from None
        for place, step in enumerate(bundle.steps):
            yield StepItem.from_parent(self, name=f"{step.id}-{step.rule}", place=place)
        for claim in bundle.claims:
            yield ClaimItem.from_parent(self, name=claim.label, claim=claim)


class _Item(pytest.Item):
    """What the items have in common: a failure is a few lines, not a traceback."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """The reason alone, where there is one."""
        if isinstance(excinfo.value, FailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item stands."""
        return self.path, None, self.name


class StepItem(_Item):
    """One step of a derivation."""

    def __init__(self, *, place: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.place = place

    def runtest(self) -> None:
        """Replay the step."""
        from proofs_check.replay import replay_step

        assert isinstance(self.parent, BundleFile)
        steps = self.parent.bundle.steps
        step = steps[self.place]
        fault = replay_step(step, {s.id: s for s in steps[: self.place]})
        if fault is not None:
            cell = ", ".join(map(str, step.cell)) if step.cell else "everywhere"
            raise FailedError(f"step {step.id} by the rule {step.rule} does not hold: {fault.reason}\n"
                              f"  on: {cell}\n  from: {', '.join(step.premises) or 'nothing'}")


class ClaimItem(_Item):
    """One claim."""

    def __init__(self, *, claim: Claim, **rest: Any) -> None:
        super().__init__(**rest)
        self.claim = claim

    def runtest(self) -> None:
        """Compare the claim with its steps, and its verdict with the one recorded."""
        assert isinstance(self.parent, BundleFile)
        wrong = self.parent.complaints.get(self.claim.label)
        if wrong is not None:
            raise FailedError(f"claim {self.claim.label} ({self.claim.kind}): {wrong}\n  rests on: "
                              f"{', '.join(self.claim.steps) or 'nothing'}")
