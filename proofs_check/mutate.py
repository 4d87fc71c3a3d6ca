"""Mutation: plant faults in bundles, one at a time, and see which of them the checker catches.

    caught        the step, something that rests on it, a claim, or a verdict does not hold any more
    meaningless   the changed item has the same canonical form, or another choice stands where the choice is free (`meaning`),
                  or no claim rests on the changed step, which still replays
    survivor      neither: a gap in a rule, or in what a claim must say

A fault is looked at in three stages, until one of them refuses: its own step; the steps that rest on it, near or far, in
order; the claims and their verdicts. A step that does not rest on the fault is not replayed: nothing in it has changed. The
faults are drawn from a seed before they are spread over processes, so that their number changes nothing but the time.

Not covered: two faults that hide each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, final

from proofs_check.faults import Fault, body_of, draw_faults, plant
from proofs_check.judge import compare_verdicts, judge
from proofs_check.meaning import UNREADABLE, canonical_form, is_idle, serves_as_well
from proofs_check.replay import replay, replay_step
from scaling_sym.claims.bundle import Bundle, read_bundle, read_claim, read_step
from scaling_sym.claims.steps import Step
from scaling_sym.claims.writing import write_bundle
from scaling_sym.errors import BadInputError

CAUGHT: Final = "caught"
MEANINGLESS: Final = "meaningless"
SURVIVED: Final = "survived"


@final
@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a fault: `caught`, `meaningless` or `survived`, and why or where."""

    fault: Fault
    outcome: str
    reason: str
    description: str


@final
@dataclass(frozen=True, slots=True)
class Mutation:
    """The fates of all planted faults, in the order in which they were drawn."""

    fates: tuple[Fate, ...]
    seed: int

    @property
    def survivors(self) -> tuple[Fate, ...]:
        """The faults that change the meaning and were not caught."""
        return tuple(f for f in self.fates if f.outcome == SURVIVED)

    def count(self) -> dict[str, Counter[str]]:
        """The outcomes, by kind of fault."""
        table: dict[str, Counter[str]] = {}
        for fate in self.fates:
            table.setdefault(fate.fault.kind, Counter())[fate.outcome] += 1
        return dict(sorted(table.items()))


def mutate(
    bundles: Sequence[Bundle], count: int, seed: int = 0, workers: int = 1, report: Callable[[int], None] | None = None
) -> Mutation:
    """Plant `count` different faults (fewer where there are not so many); `report` hears the number done.

    The caller grants that the bundles are sound: in a faulty one every fault would seem caught.
    """
    faults = draw_faults(bundles, count, seed)
    fates = []
    for fate in _spread(bundles, faults, workers):
        fates.append(fate)
        if report is not None:
            report(len(fates))
    return Mutation(tuple(fates), seed)


def _spread(bundles: Sequence[Bundle], faults: Sequence[Fault], workers: int) -> Iterator[Fate]:
    """The fate of each fault, in order, worked out in one or several processes."""
    if workers <= 1:
        subjects = {b.paper: Subject.of(b) for b in bundles}
        yield from (subjects[f.paper].try_fault(f) for f in faults)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    texts = [write_bundle(b) for b in bundles]
    start = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=start, initializer=_prepare, initargs=(texts,)) as pool:
        yield from pool.map(_try_in_worker, faults, chunksize=8)


_SUBJECTS: dict[str, Subject] = {}


def _prepare(texts: Sequence[str]) -> None:
    """Read the bundles once in each process."""
    for text in texts:
        bundle = read_bundle(text)
        _SUBJECTS[bundle.paper] = Subject.of(bundle)


def _try_in_worker(fault: Fault) -> Fate:
    return _SUBJECTS[fault.paper].try_fault(fault)


@final
@dataclass(frozen=True, slots=True)
class Subject:
    """A sound bundle, with its steps by id."""

    bundle: Bundle
    steps: Mapping[str, Step]

    @staticmethod
    def of(bundle: Bundle) -> Subject:
        """Prepare a bundle for planting."""
        return Subject(bundle, {s.id: s for s in bundle.steps})

    def try_fault(self, fault: Fault) -> Fate:
        """Plant the fault, and say what becomes of it."""
        old = body_of(self.bundle, fault.section, fault.index)
        new = plant(old, fault.path, fault.value)
        try:
            outcome, reason = self._decide(fault, old, new)
        except Exception as error:  # a checker that stops has refused nothing
            outcome, reason = SURVIVED, f"the checker stops: {type(error).__name__} {error}"
        return Fate(fault, outcome, reason, fault.describe(self.bundle))

    def _decide(self, fault: Fault, old: dict[str, Any], new: dict[str, Any]) -> tuple[str, str]:
        try:
            if canonical_form(old, fault.section, self.steps) == canonical_form(new, fault.section, self.steps):
                return MEANINGLESS, "the same canonical form"
        except UNREADABLE:
            pass  # what cannot be read says something else
        found = self._look(fault, new)
        if found:
            return CAUGHT, found
        if fault.section == "steps" and is_idle(old["id"], self.steps, self.bundle.claims):
            return MEANINGLESS, "no claim rests on this step, which still replays"
        free = serves_as_well(old, new, fault.path, self.steps)
        return (MEANINGLESS, free) if free else (SURVIVED, "nothing refuses it")

    def _look(self, fault: Fault, new: dict[str, Any]) -> str:
        """What refuses the planted bundle; nothing where everything accepts it."""
        try:
            bundle = self._planted(fault, new)
        except (*UNREADABLE, BadInputError) as error:
            return f"it cannot be read: {error}"
        if fault.section == "steps":
            found = next(self._replay_after(bundle, fault.index), "")
            if found:
                return found
        outcome = replay(bundle, ())
        wrong = (*outcome.faults, *compare_verdicts(judge(bundle, outcome)))
        return str(wrong[0]) if wrong else ""

    def _planted(self, fault: Fault, new: dict[str, Any]) -> Bundle:
        if fault.section == "steps":
            steps = list(self.bundle.steps)
            steps[fault.index] = read_step(new)
            return replace(self.bundle, steps=tuple(steps))
        if fault.section == "claims":
            claims = list(self.bundle.claims)
            claims[fault.index] = read_claim(new)
            return replace(self.bundle, claims=tuple(claims))
        texts = list(self.bundle.assumptions.items())
        texts[fault.index] = (new["name"], new["text"])
        return replace(self.bundle, assumptions=dict(texts))

    @staticmethod
    def _replay_after(bundle: Bundle, index: int) -> Iterator[str]:
        """The faults of the step at `index` and of the steps that rest on it, near or far, in order."""
        before = {s.id: s for s in islice(bundle.steps, index)}
        touched = {bundle.steps[index].id}
        for step in bundle.steps[index:]:
            if step.id in touched or touched & set(step.premises):
                touched.add(step.id)
                fault = replay_step(step, before)
                if fault is not None:
                    yield str(fault)
            before[step.id] = step
