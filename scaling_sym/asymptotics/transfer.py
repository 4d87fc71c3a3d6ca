"""From the Laplace variable to time: singularity transfer, and the renewal equation.

Algorithm. Let theta = 2 gamma B r be the rescaled time conjugate to u. A term of a transform that is singular at u = 0
transfers as (P. Flajolet, A. Odlyzko, *Singularity analysis of generating functions*, SIAM J. Disc. Math. 3 (1990) 216)

    u^s                  ->  theta^(-s-1)/Gamma(-s)
    u^s log(M u^b)^k     ->  theta^(-s-1)/Gamma(-s) log(M theta^(-b))^k                         (leading order)
    u^n log(M u^b)^k     ->  (-1)^(n+1) n! k b theta^(-n-1) log(M theta^(-b))^(k-1),   n = 0, 1, 2, ...

Terms u^n without a logarithm are analytic and contribute nothing. The renewal equation P = F/(1 - K) is expanded about the
part k_0 of K that is constant: 1/(1 - K) = sum_n (K - k_0)^n/(1 - k_0)^(n+1).

Not covered: singularities away from u = 0 (the model's transforms have none off the negative axis), and uniformity in d,
which is the named assumption `uniform-transfer` of the steps that use this rule in a window of u.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from scaling_sym.algebra.constants import Constant, gamma
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_logs, merge_terms, substitute

FREQUENCY, TIME = "u", "theta"


def transfer_term(term: Term) -> tuple[Term, ...]:
    """The term in time; nothing for an analytic one (a whole non-negative power of u without a logarithm of u).

    With several logarithms on a whole power of u, the leading order is one term for each of them.
    """
    power = term.monomial.exponent(FREQUENCY)
    inverse = {FREQUENCY: Term(Monomial.of({TIME: -1}))}
    moved = substitute(term, inverse)
    monomial = moved.monomial * Monomial.of({TIME: -1})
    if not (power.is_constant and power.constant().denominator == 1 and power.constant() >= 0):
        return (Term(monomial, moved.constant / gamma(-power), moved.logs, moved.cell, moved.name),)
    n, found = int(power.constant()), []
    for i, (argument, k) in enumerate(term.logs):
        rate = argument.exponent(FREQUENCY)
        if rate:
            rest = [(substitute(Term(m), inverse).monomial, e - (1 if i == j else 0)) for j, (m, e) in enumerate(term.logs)]
            logs = merge_logs(rest)
            factor = Constant.of(rate * k * ((-1) ** (n + 1) * factorial(n)))
            found.append(Term(monomial, moved.constant * factor, logs, moved.cell, moved.name))
    return tuple(found)


def transfer(expansion: Expansion) -> Expansion:
    """Transfer term by term; errors are transferred like terms (analytic parts of an error are not errors)."""
    terms = [t for term in expansion.terms for t in transfer_term(term)]
    errors = [t for term in expansion.errors for t in transfer_term(term)]
    return Expansion(merge_terms(terms), tuple(errors))


def split_constant(expansion: Expansion) -> tuple[Constant, Expansion]:
    """The constant part of an expansion (no resource at all), and the rest."""
    still = [t for t in expansion.terms if not t.monomial.powers and not t.logs]
    rest = tuple(t for t in expansion.terms if t not in still)
    constant = still[0].constant if still else Constant(Fraction(0))
    return constant, Expansion(rest, expansion.errors)


def renew(forcing: Expansion, kernel: Expansion, kept: Constant, order: int) -> Expansion:
    """The part of F/(1 - K) of the given order in `kernel`, for K = kept + kernel: F kernel^n/(1 - kept)^(n+1)."""
    head = Term(Monomial(), (Constant.of(1) - kept) ** Ratio.of(-1))
    total = forcing.scale(head)
    for _ in range(order):
        total = (total * kernel).scale(head)
    return total
