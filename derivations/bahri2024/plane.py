"""The regimes of bahri2024: static laws of random features, resolution, and the exceptions, as one bundle.

The model is that of `derivations.bordelon2024` at late times; here stand the variance-limited laws (exact), the exchange of
features and data for the isotropic teacher (exact), the laws with a ridge and at fixed ratios (`ridge`), the resolution-limited
laws in the letters of the paper, and what stands alone (`alone`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from derivations.bahri2024.alone import claims_alone, source
from derivations.bahri2024.literature import CLOSURE, PAPER, SMOOTH, printed_claims
from derivations.bahri2024.ridge import best_ridge, ridge_laws
from derivations.bordelon2024.equations import Equations2024
from derivations.bordelon2024.flow import DOMAIN
from derivations.bordelon2024.laws import Law, Laws
from derivations.bordelon2024.plane import equation_claim, law_claims
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.assumptions import quote_assumptions
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.recorder import Recorder

ASSUMPTIONS: Final = (
    "mean-field-closure", "monotone-resources", "smooth-loss", "smooth-average", "uniform-points", "lattice-count",
)
EQUATIONS: Final = {
    "kernel/equations/replica": ("replica", "replica"), "kernel/equations/floor-model": ("floors", "floor-model"),
    "kernel/equations/floor-data": ("floors-data", "floor-data"),
    "kernel/equations/variance-data": ("variance", "variance-data"),
    "kernel/equations/variance-width": ("variance-width", "variance-width"),
    "kernel/equations/exchange-model": ("exchange", "exchange-model"),
    "kernel/equations/exchange-data": ("exchange-data", "exchange-data"),
    "kernel/equations/exchange-difference": ("exchange-difference", "exchange-difference"),
    "kernel/equations/slope-F": ("slopes", "slope-F"), "kernel/equations/slope-dof": ("slopes", "slope-dof"),
    "kernel/equations/stationary": ("stationary", "stationary"),
    "kernel/equations/ridge-balance": ("ridge-scale", "ridge-balance"), "kernel/equations/ridge": ("ridge", "ridge"),
    "kernel/equations/aspect-over": ("aspect-over", "aspect-over"),
    "kernel/equations/aspect-under": ("aspect-under", "aspect-under"),
}


def build_bundle() -> Bundle:
    """Everything that is derived about the regimes, and the printed claims, as one bundle."""
    recorder = Recorder("s")
    equations = Equations2024(recorder)
    equations.separate_variance()
    equations.exchange()
    equations.compare_sides()
    equations.stay_isotropic()
    equations.regularise()
    equations.fix_ratio()
    laws = Laws(equations, recorder)
    claims = [_mine(equation_claim(label, *place, equations)) for label, place in EQUATIONS.items()]
    for quantity, found in (
        ("data", laws.data(DOMAIN)), ("model", laws.model(DOMAIN)), ("late", laws.both(DOMAIN)),
        ("late/under", laws.under(DOMAIN)), ("kappa", _kappa(laws)), ("share", laws.share(DOMAIN)),
    ):
        claims += [_mine(c) for c in law_claims(quantity, found, recorder, CLOSURE)]
    for quantity, found in (regularised := ridge_laws(laws, DOMAIN)).items():
        claims += [_mine(c) for c in law_claims(quantity, found, recorder, CLOSURE)]
    claims += _best_claims(regularised["ridge/noise"], recorder)
    claims += claims_alone(recorder, equations.steps["replica"])
    claims += printed_claims()
    return Bundle(PAPER, quote_assumptions(ASSUMPTIONS), recorder.list_used(claims), tuple(claims))


def _kappa(laws: Laws) -> list[Law]:
    step, kappa = laws.scale("P", ({"P": Ratio.of(1)},), DOMAIN)
    return [Law(DOMAIN, (kappa,), step)]


def _mine(claim: Claim) -> Claim:
    """The claim under the name of this model, from this paper's derivation."""
    label = claim.label.replace("dmft/", "kernel/")
    assumptions = SMOOTH if "variance" in label else claim.assumptions
    return replace(claim, label=label, source=source(), assumptions=assumptions)


def _best_claims(noise: list[Law], recorder: Recorder) -> list[Claim]:
    """The loss and the ridge at the best ridge, with label noise of variance 1 and N = infinity, as powers of the data."""
    claims = []
    for i, (cell, loss, ridge, step) in enumerate(best_ridge(noise, DOMAIN, recorder)):
        for name, value in (("loss", loss), ("ridge", ridge)):
            quantity = f"ridge/best/{name}"
            statement = {"quantity": quantity, "power": {"C": str(value)}, "constant": None, "names": {}}
            rests_on = (*CLOSURE, "monotone-resources")
            claims.append(Claim(f"kernel/{quantity}/{i + 1}", "law", statement, cell.texts(), rests_on, source(), (step,)))
    return claims
