"""The regimes of bahri2024: static laws of random features, resolution, and the exceptions, as one bundle.

The model is that of `derivations.bordelon2024` at late times; here stand the variance-limited laws (exact), the exchange of
features and data for the isotropic teacher (exact), the resolution-limited laws in the letters of the paper, and what stands
alone: distances of random points, tails, eigenvalues from smoothness, sample means, unstable flow.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

from derivations.bahri2024.literature import CLOSURE, PAPER, SMOOTH, printed_claims
from derivations.bordelon2024.equations import Equations2024
from derivations.bordelon2024.flow import B
from derivations.bordelon2024.laws import Law, Laws
from derivations.bordelon2024.plane import domain, equation_claim, law_claims
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.absorption import certify_ratio
from scaling_sym.claims.assumptions import quote_assumptions
from scaling_sym.claims.bundle import Bundle, Claim, Source
from scaling_sym.claims.encoding import encode
from scaling_sym.claims.recorder import Recorder

ASSUMPTIONS: Final = ("mean-field-closure", "smooth-loss", "uniform-points", "lattice-count")
EQUATIONS: Final = {
    "kernel/equations/replica": ("replica", "replica"), "kernel/equations/floor-model": ("floors", "floor-model"),
    "kernel/equations/floor-data": ("floors-data", "floor-data"),
    "kernel/equations/variance-data": ("variance", "variance-data"),
    "kernel/equations/variance-width": ("variance-width", "variance-width"),
    "kernel/equations/exchange-model": ("exchange", "exchange-model"),
    "kernel/equations/exchange-data": ("exchange-data", "exchange-data"),
}


def build_bundle() -> Bundle:
    """Everything that is derived about the regimes, and the printed claims, as one bundle."""
    recorder = Recorder("s")
    equations = Equations2024(recorder)
    equations.separate_variance()
    equations.exchange()
    laws = Laws(equations, recorder)
    claims = [_mine(equation_claim(label, *place, equations)) for label, place in EQUATIONS.items()]
    for quantity, found in (
        ("data", laws.data(domain())), ("model", laws.model(domain())), ("late", laws.both(domain())),
        ("late/under", laws.under(domain())), ("kappa", _kappa(laws)), ("share", laws.share(domain())),
    ):
        claims += [_mine(c) for c in law_claims(quantity, found, recorder, CLOSURE)]
    claims += _alone(recorder)
    return Bundle(PAPER, quote_assumptions(ASSUMPTIONS), tuple(recorder.steps), (*claims, *printed_claims()))


def _kappa(laws: Laws) -> list[Law]:
    step, kappa = laws.invert("P", domain())
    return [Law(domain(), (kappa,), step)]


def _mine(claim: Claim) -> Claim:
    """The claim under the name of this model, from this paper's derivation."""
    label = claim.label.replace("dmft/", "kernel/")
    assumptions = SMOOTH if "variance" in label else claim.assumptions
    return replace(claim, label=label, source=_source(), assumptions=assumptions)


def _source() -> Source:
    return Source(PAPER, "derived from the model's equations", "derived")


def _alone(recorder: Recorder) -> list[Claim]:
    """What rests on nothing else: one step and one claim each."""
    n, d, t, alpha, s2 = (Ratio.parameter(x) for x in ("n", "d", "t", "alpha", "s2"))
    pi, half = Constant.of(Atom("pi")), Ratio.of(Fraction(1, 2))
    volume = pi ** (d / 2) / gamma(d / 2 + 1)
    distance = Term(Monomial.of({"D": -n / d}), gamma(1 + n / d) * volume ** (-n / d))
    spacing = recorder.add("spacing", Cell(), (), {"power": n, "dimension": d}, {"terms": [distance]})
    beyond = Cell.parse(["b - 1 > 0"])
    rest = Term(Monomial.of({"D": 1 - B}), Constant.of(1 / (B - 1)))
    tail = recorder.add("tail", beyond, (), {"s": B}, {"terms": [rest]}, certify_ratio(B - 1, beyond))
    order = Term(Monomial.of({"n": -(d + t) / d}))
    counting = recorder.add("counting", Cell(), (), {"decay": d + t, "dimension": d}, {"terms": [order]})
    mean = Constant(Fraction(1, 2)) * Constant.of(s2 * 2) ** alpha * gamma(alpha + half) * pi ** (-half)
    sample = Term(Monomial.of({"D": -alpha}), mean)
    moment = recorder.add("moment", Cell(), (), {"power": alpha * 2, "variance": s2}, {"terms": [sample]})
    y = Ratio.parameter("y")
    body = {"base": str(alpha / y + (1 - alpha) * y), "margin": str(alpha - (1 - alpha) * y)}
    unstable = recorder.add("unstable", Cell(), (), None, body)
    return [
        _alone_claim("distance", distance, Cell(), ("uniform-points",), spacing), _alone_claim("tail", rest, beyond, (), tail),
        _alone_claim("eigenvalues", order, Cell(), ("lattice-count",), counting, determined=False),
        _alone_claim("moment", sample, Cell(), (), moment),
        Claim("kernel/unstable", "growth", body, [], (), _source(), (unstable,)),
    ]


def _alone_claim(
    quantity: str, term: Term, cell: Cell, assumptions: tuple[str, ...], step: str, determined: bool = True
) -> Claim:
    statement = {"quantity": quantity, "power": encode(term.monomial),
                 "constant": encode(term.constant) if determined else None, "names": {}}
    return Claim(f"kernel/{quantity}", "law", statement, cell.texts(), assumptions, _source(), (step,))

