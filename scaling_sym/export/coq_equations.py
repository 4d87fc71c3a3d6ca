"""Equations and printed exponents of a bundle as lemmas for Coq; `coq` writes the optima and phases.

    equation    an expression vanishes where those of the premises do: it is their combination with the step's cofactors
    printed     a printed exponent, base or equation is the derived one, wherever the bundle's verdict says that they agree
    differs     at the witness of a printed law that fails, the printed exponent and the derived one are two numbers

An underscore behind a name is the same quantity at the second frequency.

Not covered: equations that hold in a limit (`at`) or to an order (`modulo`), sums over modes, constants with gamma functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_fraction
from scaling_sym.claims.frequencies import prime
from scaling_sym.claims.steps import Step


class Theory(Protocol):
    """What collects lemmas (`coq`)."""

    bundle: Bundle
    steps: Mapping[str, Step]

    def write_identity(self, equation: str, values: Sequence[Ratio], stem: str) -> None:
        """Write an identity of rational functions."""

    def write_consequence(self, wanted: Ratio, parts: Sequence[tuple[Ratio, Ratio]], stem: str) -> None:
        """Write that an expression vanishes where others do, by their cofactors."""

    def write_difference(self, one: Ratio, two: Ratio, stem: str) -> None:
        """Write that two numbers differ."""

    def show(self, value: Ratio) -> str:
        """A rational function in Coq."""


def write_equations(step: Step, theory: Theory) -> None:
    """The equations of a step by the rule `identity`, each from those of its premises."""
    if step.given.keys() & {"at", "modulo", "sums", "where"}:
        return
    known = dict(_find_known(step, theory))
    for name, text in step.conclusion["equations"].items():
        parts = [(parse_ratio(cofactor), known[source]) for source, cofactor in step.certificate[name].items()]
        if all(part is not None for _, part in parts):
            theory.write_consequence(parse_ratio(text), [(c, p) for c, p in parts if p is not None], f"equation_{step.id}")


def _find_known(step: Step, theory: Theory) -> Iterator[tuple[str, Ratio | None]]:
    """The equations of the premises by name, at both frequencies; nothing for those that hold to an order only."""
    for premise in (theory.steps[p] for p in step.premises):
        body = premise.conclusion.get("equations", {})
        rough = isinstance(premise.given, dict) and "modulo" in premise.given
        for name, text in body.items():
            value = None if rough else parse_ratio(text)
            yield name, value
            yield name + "_", None if value is None else prime(value)


def write_printed(claim: Claim, theory: Theory) -> None:
    """What a printed claim says, beside what is derived, as far as the bundle's verdict says that they agree or differ."""
    said = claim.statement
    if claim.kind == "printed-law":
        _write_law(claim, theory)
    elif claim.kind == "printed-equation" and claim.verdict == "holds":
        for part in said["equations"]:
            derived = _find(theory, "equation", "name", part["name"])[0]
            _write_same_equation(parse_ratio(part["equation"]), parse_ratio(derived.statement["equation"]), theory)
    elif claim.kind == "printed-restricted" and claim.verdict == "holds":
        for part in said["parts"]:
            _write_restricted(part, theory)
    elif claim.kind == "printed-distance":
        (law,) = _find(theory, "law", "quantity", "distance")
        order = parse_ratio(said["order"]) * (2 if claim.finding.startswith("it holds where error of order 2") else 1)
        _same(parse_ratio(said["power"]["D"]), parse_ratio(law.statement["power"]["D"]).substitute({"n": order}), theory)
    elif claim.kind in ("printed-eigenvalues", "printed-moment") and claim.verdict != "refuted":
        (law,) = _find(theory, "law", "quantity", claim.kind.removeprefix("printed-"))
        for name, power in said["power"].items():
            _same(parse_ratio(power), parse_ratio(law.statement["power"][name]), theory)
    elif claim.kind == "printed-unstable" and claim.verdict != "refuted":
        (growth,) = (c for c in theory.bundle.claims if c.kind == "growth")
        _same(parse_ratio(said["base"]), parse_ratio(growth.statement["base"]), theory)


def _find(theory: Theory, kind: str, key: str, value: str) -> list[Claim]:
    return [c for c in theory.bundle.claims if c.kind == kind and c.statement.get(key) == value]


def _same(one: Ratio, two: Ratio, theory: Theory) -> None:
    theory.write_identity(f"{theory.show(one)} = {theory.show(two)}", [one, two], "printed")


def _write_same_equation(printed: Ratio, derived: Ratio, theory: Theory) -> None:
    """The derived expression is the printed one times powers of single symbols, which do not vanish."""
    factor = derived / printed
    if any(len(f.monomials()) > 1 for f, _ in factor.factors()[1]):
        factor = Ratio.of(1)  # they are not the same: Coq will say so
    theory.write_identity(f"{theory.show(derived)} = {theory.show(factor)} * {theory.show(printed)}", [derived, factor, printed],
                          "printed")


def _write_law(claim: Claim, theory: Theory) -> None:
    """Case by case: equal exponents on the cells on which they agree, and two numbers at the witness of each of the others."""
    cases = [(part["quantity"], case) for part in claim.statement["parts"] for case in part["cases"]]
    matches = [theory.steps[s] for s in claim.steps]
    region = matches[-1] if len(matches) > len(cases) else None  # on which one quantity agrees; the others do everywhere
    for (quantity, case), match in zip(cases, matches, strict=False):
        laws = _find(theory, "law", "quantity", quantity)
        for hit, witness in zip(match.conclusion["hits"], match.certificate["witnesses"], strict=True):
            elsewhere = region is not None and region.premises == match.premises and hit not in region.conclusion["whole"]
            agrees = claim.verdict != "refuted" and not elsewhere
            for name, power in case.get("power", {}).items():
                one, two = parse_ratio(power), parse_ratio(laws[hit].statement["power"].get(name, "0"))
                if agrees:
                    _same(one, two, theory)
                else:
                    at: dict[str, Any] = {n: Ratio.of(decode_fraction(x)) for n, x in witness.items()}
                    theory.write_difference(one.substitute(at), two.substitute(at), "differs")


def _write_restricted(part: Mapping[str, Any], theory: Theory) -> None:
    """The exponents of a law on a line, which one of its cells holds: the one whose exponent is printed."""
    values = {n: parse_ratio(t) for n, t in part["where"].items()}
    times = {n: parse_ratio(t) for n, t in part.get("times", {}).items()}
    laws = _find(theory, "law", "quantity", part["quantity"])
    for name, power in part["power"].items():
        found = [parse_ratio(c.statement["power"].get(name, "0")).substitute(values) + times.get(name, Ratio.of(0)) for c in laws]
        _same(parse_ratio(power), next((f for f in found if f == parse_ratio(power)), found[0]), theory)
