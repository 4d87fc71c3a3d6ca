"""Expansions: a sum of terms, and the terms (with logarithms) that bound what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from scaling_sym.algebra.terms import Monomial, Term, merge_terms, substitute


@final
@dataclass(frozen=True, slots=True)
class Expansion:
    """A sum of terms, plus an error of the order of the terms in `errors` (their constants are meaningless)."""

    terms: tuple[Term, ...]
    errors: tuple[Term, ...] = ()

    def __add__(self, other: Expansion) -> Expansion:
        return Expansion(merge_terms((*self.terms, *other.terms)), (*self.errors, *other.errors))

    def __mul__(self, other: Expansion) -> Expansion:
        terms = merge_terms(a * b for a in self.terms for b in other.terms)
        errors = [a * b for a in self.errors for b in (*other.terms, *other.errors)]
        errors += [a * b for a in self.terms for b in other.errors]
        return Expansion(terms, tuple(errors))

    def scale(self, factor: Term) -> Expansion:
        """The product with one exact term."""
        return Expansion(tuple(t * factor for t in self.terms), tuple(t * factor for t in self.errors))

    def replace(self, values: Mapping[str, Monomial]) -> Expansion:
        """Write resources as monomials in others."""
        moved = {n: Term(m) for n, m in values.items()}
        terms, errors = ([substitute(t, moved) for t in part] for part in (self.terms, self.errors))
        return Expansion(merge_terms(terms), tuple(errors))
