"""What stands behind a judged claim beyond its own steps: independent derivations, and the claims that it is compared with.

A *route* to a step is the set of steps at and above it that are more than exact algebra on the model's equations (`EXACT`):
expansions, limits, comparisons of terms, optima. Two derivations are *independent* if their routes share no step. Steps are
compared by what they say, so that a step that stands in two bundles is one step. Another derivation of a claim is a step, in
any bundle, that concludes the same: the same terms and constants, from the same definitions, as the same resources grow,
on a cell that holds the claim's. Constants that are not determined (all 1) tell nothing. Constants are compared exactly, after
the two integrals of the floor are written in closed form (v = infinity):

    kappa int_0^oo dx/(kappa + x^c) = 1   gives   kappa = (c/(Gamma(1/c) Gamma(1 - 1/c)))^c
    int_0^oo x^(-s) dx/(kappa + x^c) = kappa^((1-s)/c - 1) Gamma((1-s)/c) Gamma(1 - (1-s)/c)/c

The count is the size of a largest set of routes, the claim's own among them, of which no two share a step. A printed claim has
as many derivations as the weakest of the steps that it is compared with; and it is numerically consistent where every derived
claim on these steps is, as its verdict is an exact comparison with them.

Not covered: second derivations of other kinds of steps (an optimum, an equation), and checks that derive nothing (Coq, numbers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any, Final, final

from proofs_check.framework import list_steps
from proofs_check.judge import Judgement
from proofs_check.meaning import say
from scaling_sym.algebra.cells import Sign
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Bundle, Claim, is_printed
from scaling_sym.claims.codec import decode_cell, decode_term
from scaling_sym.claims.steps import Step

EXACT: Final = frozenset({"define", "model", "total", "identity"})
SIZE: Final = {"d": "N"}  # one size has two names
Place = tuple[str, str]  # paper and id of a step


@final
@dataclass(frozen=True, slots=True)
class Library:
    """The steps of several bundles, found by what they conclude."""

    steps: Mapping[str, Mapping[str, Step]]
    terms: Mapping[object, tuple[Place, ...]]

    @staticmethod
    def of(bundles: Iterable[Bundle]) -> Library:
        """Sort the steps that conclude terms by their powers."""
        steps = {b.paper: {s.id: s for s in b.steps} for b in bundles}
        table: dict[object, list[Place]] = {}
        for paper, listed in steps.items():
            for step in listed.values():
                powers = _powers(step)
                if powers is not None:
                    table.setdefault(powers, []).append((paper, step.id))
        return Library(steps, {k: tuple(v) for k, v in table.items()})

    def step(self, place: Place) -> Step:
        """The step at a place."""
        return self.steps[place[0]][place[1]]

    def above(self, place: Place) -> list[Step]:
        """A step, and all that it rests on."""
        return list_steps([place[1]], self.steps[place[0]])

    def route(self, place: Place) -> frozenset[object]:
        """What the steps of a route say."""
        lookup = self.steps[place[0]]
        return frozenset(repr(say(s.id, lookup)) for s in self.above(place) if s.rule not in EXACT)

    def definitions(self, place: Place) -> frozenset[object]:
        """The definitions that a step rests on."""
        lookup = self.steps[place[0]]
        return frozenset(repr(say(s.id, lookup)) for s in self.above(place) if s.rule == "define")

    def find_others(self, place: Place) -> list[Place]:
        """Steps that conclude the same by routes that share no step with this one's, nor with each other's: as many as can be."""
        step = self.step(place)
        alike = [p for p in self.terms.get(_powers(step), ()) if p != place]
        alike = [p for p in alike if _holds(self.step(p), step) and self.definitions(p) == self.definitions(place)]
        own, routes = self.route(place) if alike else frozenset(), {p: self.route(p) for p in alike}
        free = [p for p in alike if not own & routes[p] and _same_constants(self.step(p), step)]
        for size in range(len(free), 0, -1):
            for chosen in combinations(free, size):
                if not any(routes[p] & routes[q] for p, q in combinations(chosen, 2)):
                    return list(chosen)
        return []


def _powers(step: Step) -> object:
    """The resources that grow with the powers of the leading terms; nothing for steps that do not conclude such."""
    if step.rule not in ("lead", "evaluate", "floor") or not any(_is_determined(t) for t in step.conclusion["terms"]):
        return None
    rays = [{"d": "1"}] if step.rule == "floor" else step.given["rays"]
    grow = sorted(repr(sorted((SIZE.get(n, n), x) for n, x in ray.items())) for ray in rays)
    terms = ((sorted((SIZE.get(n, n), e) for n, e in t["monomial"].items()), t["logs"]) for t in step.conclusion["terms"])
    return (*grow, *sorted(map(repr, terms)))


def _is_determined(term: Any) -> bool:
    return bool(term["constant"]["factors"]) or term["constant"]["coefficient"] != "1"


def _holds(wide: Step, narrow: Step) -> bool:
    """Whether the cell of one step holds that of another, by their conditions."""
    first, second = ({(str(s.polynomial), s.relation) for s in _conditions(x.cell)} for x in (wide, narrow))
    return first <= second


def _conditions(cell: Any) -> Sequence[Sign]:
    return decode_cell(cell).conditions


def _same_constants(one: Step, two: Step) -> bool:
    left, right = (sorted(str(_close(decode_term(t).constant).canonical()) for t in s.conclusion["terms"]) for s in (one, two))
    return left == right


def _close(constant: Constant) -> Constant:
    """The constant with the integrals of the floor in closed form, where they run to infinity."""
    result = Constant(constant.coefficient)
    for atom, exponent in constant.factors:
        result = result * (_integrate(atom) or Constant.of(atom)) ** exponent
    return result


def _integrate(atom: Atom) -> Constant | None:
    """kappa, or int_0^oo x^(-s) dx/(kappa + x^c), where the atom is one of them with no upper end."""
    values = [x for x in atom.arguments if isinstance(x, Ratio)]
    if atom.head not in ("kappa", "scaled") or values[-1] != 0:
        return None
    c = values[-2]
    kappa = (gamma(1 / c) * gamma(1 - 1 / c) / c) ** -c
    if atom.head == "kappa":
        return kappa
    place = (1 - values[0]) / c
    return kappa ** (place - 1) * gamma(place) * gamma(1 - place) / c


def stand(bundle: Bundle, judgements: Sequence[Judgement], library: Library) -> tuple[Judgement, ...]:
    """The judgements with the number of derivations, and printed claims with the status of what they are laid beside."""
    @cache
    def count(name: str) -> int:
        """How many derivations a step has that share nothing."""
        return 1 + len(library.find_others((bundle.paper, name)))

    derived = {j.claim.label: j for j in judgements if not is_printed(j.claim)}
    result = []
    for j in judgements:
        beside = find_steps_beside(j.claim, bundle)
        number = j.derivations and min((count(s) for s in beside), default=1)
        status = j.status
        if is_printed(j.claim) and status == "derived" and beside:
            under = [d for d in derived.values() if set(d.claim.steps) & set(beside)]
            reached = {s for d in under for s in d.claim.steps}
            if set(beside) <= reached and all(d.status in ("numerically consistent", "enclosed", "proved") for d in under):
                status = "numerically consistent"
        result.append(replace(j, derivations=number, status=status))
    return tuple(result)


def find_steps_beside(claim: Claim, bundle: Bundle) -> list[str]:
    """The steps that a claim states, or, for a printed one, with which its `match` steps compare it."""
    if not is_printed(claim):
        return list(claim.steps)
    lookup = {s.id: s for s in bundle.steps}
    matches = [lookup[s] for s in claim.steps if lookup[s].rule == "match"]
    return [m.premises[i] for m in matches for i in m.conclusion["hits"]]
