"""One planted fault for each demand of the core that no other test sees refuse: it is this demand that refuses, by its reason.

A fault is put into the step itself, or into a step above it (which is taken to replay), so that nothing earlier refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from proofs_check.faults import plant
from proofs_check.replay import replay
from proofs_check.steps import replay_step
from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.steps import Step
from scaling_sym.cli.bundles import open_bundle

BUNDLES: Final = {paper: open_bundle(paper=paper) for paper in ("paquette2024", "bordelon2024")}
PLANE, LAWS = BUNDLES["paquette2024"], BUNDLES["bordelon2024"]
Path = tuple[str | int, ...]


def known(bundle: Bundle) -> dict[str, Step]:
    return {s.id: s for s in bundle.steps}


def find(bundle: Bundle, rule: str, fits: Callable[[Step], Any] = lambda _: True) -> Step:
    return next(s for s in bundle.steps if s.rule == rule and fits(s))


def change(step: Step, path: Path, value: Any) -> Step:
    """The step with a value in place of what stands at a path."""
    part, *within = path
    body = getattr(step, str(part))
    if len(within) == 1 and isinstance(body, dict):
        return replace(step, **{str(part): {**body, str(within[0]): value}})
    return replace(step, **{str(part): plant(body, tuple(within), value) if within else value})


def refusal(bundle: Bundle, step: Step, *above: Step) -> str:
    """Why the step does not replay where some of the steps above it are these."""
    before = {n: s for n, s in ({**known(bundle), **{s.id: s for s in above}}).items() if n != step.id}
    fault = replay_step(step, before)
    return "" if fault is None else fault.reason


def premise(bundle: Bundle, step: Step, rule: str, place: int = 0) -> Step:
    """The premise by a rule, and of several that in its place."""
    return [s for s in (known(bundle)[p] for p in step.premises) if s.rule == rule][place]


def inside(step: Step) -> int:
    """The place of the terms in whose cell an optimum lies."""
    return next(i for i, place in enumerate(step.certificate["pieces"]) if "inside" in place)


IN_THE_STEP: Final[list[tuple[str, str, Callable[[Step], Any], Path, Any, str]]] = [
    ("paquette2024", "match", lambda s: len(s.conclusion["hits"]) > 1, ("conclusion", "hits"), [2, 0, 3, 6], "in order"),
    ("paquette2024", "continuity", bool, ("certificate", "segment", 0), {"alpha": "1/3", "beta": "1"}, "does not join"),
    ("paquette2024", "glue", bool, ("premises",), ("s028",), "one kind of step"),
    ("paquette2024", "trace", bool, ("premises",), ("nowhere",), "a premise does not stand before it"),
    ("paquette2024", "optimum", lambda s: any(s.certificate["gaps"]), ("certificate", "basis"), [0, 1, 2], "do not tie"),
    ("paquette2024", "optimum", bool, ("certificate", "powers"), {"d": "1/2", "r": "1/2", "q": "0"}, "for every resource"),
    ("bordelon2024", "optimum", lambda s: "P" in s.given["cost"], ("given", "cost"), {"P": "1"}, "do not keep the budget"),
    ("bordelon2024", "lead", bool, ("given", "rays"), [], "a cone has rays"),
    ("bordelon2024", "join", bool, ("given", "cones", 1, "premises"), [], "every premise belongs to a cone"),
    ("bordelon2024", "join", bool, ("given", "cones", 0, "rays"), [{"t": "1"}], "for other resources"),
    ("paquette2024", "power-sum", bool, ("given", "c"), "-2*alpha", "diverges at the witness"),
    ("paquette2024", "power-sum", lambda s: s.given["inner"] == 1, ("given", "s0"), "2*alpha + 1", "double pole is left out"),
    ("bordelon2024", "power-law", bool, ("given", "wall"), {"b": "2"}, "a wall gives a in terms of b"),
    ("bordelon2024", "power-law", bool, ("given", "powers"), {"L": 2, "A": -1, "X": 1}, "powers of L and A are wanted"),
]


@pytest.mark.parametrize(
    ("paper", "rule", "fits", "path", "value", "reason"), IN_THE_STEP, ids=[f"{row[1]}: {row[5]}" for row in IN_THE_STEP])
def test_a_fault_in_the_step_is_refused(
    paper: str, rule: str, fits: Callable[[Step], Any], path: Path, value: Any, reason: str
) -> None:
    step = find(BUNDLES[paper], rule, fits)
    assert not refusal(BUNDLES[paper], step)
    assert reason in refusal(BUNDLES[paper], change(step, path, value))


def test_a_piece_of_the_loss_is_not_left_out() -> None:
    step = find(PLANE, "collect")
    above = [s for s in PLANE.steps if s.rule == "combine" and "K_pp" in s.given["series"]]
    assert "a piece of the loss is missing" in refusal(PLANE, step, *(change(s, ("given", "series"), []) for s in above))


def test_gamma_factors_where_there_is_no_learning_rate() -> None:
    step = find(PLANE, "absorb", lambda s: len(s.premises) == 1)
    moved = premise(PLANE, step, "transfer")
    terms = [*moved.conclusion["terms"], {**moved.conclusion["terms"][0], "monomial": {"gamma": "7"}}]
    assert "gamma must factor" in refusal(PLANE, step, change(moved, ("conclusion", "terms"), terms))


def test_terms_rest_on_one_learning_rate() -> None:
    step, rates = find(PLANE, "optimum"), [s for s in PLANE.steps if s.rule == "learning-rate"]
    source = known(PLANE)[step.premises[inside(step)]]
    crowded = replace(source, rule="collect", premises=(*source.premises, *(s.id for s in rates)))
    assert "several learning rates" in refusal(PLANE, step, crowded)


def test_a_prefactor_is_of_the_loss_of_sgd_at_growing_theta() -> None:
    step = find(PLANE, "prefactor", lambda s: s.conclusion["loss"] is not None)
    optimum = premise(PLANE, step, "optimum")
    source = known(PLANE)[optimum.premises[inside(optimum)]]
    assert "the loss of SGD" in refusal(PLANE, step, replace(source, rule="collect-flow"))
    sizes = change(optimum, ("conclusion", "sizes"), {"d": "0", "r": "-1"})
    proof = change(step, ("certificate", "time"), [[[[[0] * len(step.cell), "1"]]], []])
    assert "theta must grow" in refusal(PLANE, proof, sizes)


def test_a_sum_is_read_at_small_kappa() -> None:
    step = find(LAWS, "evaluate")
    lead = premise(LAWS, step, "lead")
    assert "while kappa tends to zero" in refusal(LAWS, step, change(lead, ("given", "rays"), [{"v": "1"}]))


def test_nothing_is_divided_by_a_logarithm() -> None:
    bundle = open_bundle(paper="bahri2024")
    step = find(bundle, "scale", lambda s: {"q"} <= {n for ray in s.given["rays"] for n in ray})
    assert not refusal(bundle, step)
    assert "to divide by" in refusal(bundle, change(step, ("conclusion", "terms", 0, "logs"), [[{"q": "1"}, "1"]]))


def test_the_sums_of_a_correction_are_on_one_wall_and_integrable() -> None:
    step = find(LAWS, "corrections")
    fast, slow = (premise(LAWS, step, "power-law", i) for i in (0, 1))
    assert "for another wall" in refusal(LAWS, step, change(slow, ("given", "wall"), {"a": "b + 2"}))
    term = next(i for i, t in enumerate(fast.conclusion["terms"]) if t["monomial"])
    assert "integrable" in refusal(LAWS, step, change(fast, ("conclusion", "terms", term, "monomial"), {"u": "-1/3"}))


def test_a_formula_rests_on_the_sums_that_it_means() -> None:
    step = find(PLANE, "model", lambda s: s.conclusion["model"] == "plrf")
    sums = [s for s in PLANE.steps if "S1" in ((s.given or {}).get("sums") or {})]
    other = [change(s, ("given", "sums", "S1"), "lam*w2/(lam + 2*u)") for s in sums]
    assert sums
    assert not refusal(PLANE, step)
    assert "a sum in" in refusal(PLANE, step, *other)


def claimed(bundle: Bundle, label: str, path: Path = (), value: Any = None, statement: Any = None) -> str:
    """What is wrong with a claim where its last step is changed, or its statement is another."""
    claim = next(c for c in bundle.claims if c.label == label)
    last = known(bundle)[claim.steps[-1]]
    steps = {**known(bundle), **({last.id: change(last, path, value)} if path else {})}
    said = replace(claim, statement={**claim.statement, **(statement or {})})
    return " ".join(map(str, replay(replace(bundle, steps=tuple(steps.values()), claims=(said,)), ()).faults))


def test_claims_say_no_more_than_their_steps() -> None:
    logs: list[Any] = [[{"u": "-1"}, "1"]]
    place: Path = ("conclusion", "terms", 0, "logs")
    assert not claimed(LAWS, "dmft/early/response")
    assert "without logarithms" in claimed(LAWS, "dmft/early/response", place, logs)
    assert "of one size" in claimed(LAWS, "dmft/early/response", place, [*logs, [{"N": "1"}, "1"]])
    better = next(c for c in LAWS.claims if known(LAWS)[c.steps[-1]].rule == "better")
    assert "the other optimum is better" in claimed(LAWS, better.label, ("conclusion", "sign"), -1)
    wall = next(c for c in PLANE.claims if c.kind == "wall" and c.statement["note"])
    assert "the note must begin" in claimed(PLANE, wall.label, statement={"note": "because"})
    infinite = next(c for c in PLANE.claims if c.kind == "terms-infinite")
    assert "are others" in claimed(PLANE, infinite.label, ("conclusion", "terms", 0, "monomial"), {"d": "-7"})


def test_a_printed_claim_rests_on_comparisons() -> None:
    claim = next(c for c in PLANE.claims if c.kind.startswith("printed-") and c.steps)
    optimum = find(PLANE, "optimum")
    found = replay(replace(PLANE, claims=(replace(claim, steps=(optimum.id,)),)), ()).faults
    assert "rests on comparisons" in str(found[0])
