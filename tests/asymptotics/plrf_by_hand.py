"""The terms of power-law random features, typed in by hand for tests (the library derives them from the equations)."""

from __future__ import annotations

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.optimum import Budget, Problem

Q = "(2*alpha + 2*beta - 1)"


def piece(name: str, d: str, r: str, *cell: str) -> Term:
    return Term(Monomial.of({"d": parse_ratio(d), "r": parse_ratio(r)}), cell=Cell.parse(cell), name=name)


def plrf_problem() -> Problem:
    """The pieces of mathematics.md, section 1, with the learning rate gamma ~ d^c at a fixed fraction of stability."""
    terms = []
    for side, c in (("2*alpha - 1 > 0", "0"), ("2*alpha - 1 < 0", "(2*alpha - 1)")):
        time, kernel = f"(-{Q}/(2*alpha))", "(-2 + 1/(2*alpha))"
        terms += [
            piece("F_pp", f"{c}*{time}", time, side, f"{Q} > 0"),
            piece("F_0", "-2*alpha", "0", side, "2*beta - 1 > 0"),
            piece("F_0", f"-{Q}", "0", side, "2*beta - 1 < 0"),
            piece("K_pp", f"{c}*(1 + {kernel})", kernel, side, "4*alpha - 1 > 0"),
        ]
    terms.append(piece("F_ac", "-1", "-1 + 1/(2*alpha)", "2*alpha - 1 > 0", "2*beta - 1 > 0"))
    return Problem(
        tuple(terms), ("d", "r"), Budget(Monomial.of({"d": 1, "r": 1})), Cell.parse(["alpha > 0", "beta > 0"]),
        ("alpha", "beta"),
    )
