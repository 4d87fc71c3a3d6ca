"""The (a, b) plane of bordelon2024: equations, laws, compute-optimal phases, and the bundle that carries them.

Order: the equations (`equations`), the laws of each bottleneck and correction (`laws`), the loss of gradient flow at infinite
data (`flow`) with its compute-optimal phases for C = N t, one-pass SGD in the same letters, and the printed claims.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from derivations.bordelon2024.book import EquationBook
from derivations.bordelon2024.dynamics import OnlineEquations, SteppedEquations, narrow_band
from derivations.bordelon2024.equations import Equations2024
from derivations.bordelon2024.flow import DOMAIN, NAMES, A, B, correct_in_size, derive_flow
from derivations.bordelon2024.laws import ZERO, Law, Laws
from derivations.bordelon2024.literature import CLOSURE, PAPER, SGD, WINDOW, printed_claims
from derivations.bordelon2024.resources import Resources, record_order
from derivations.bordelon2024.walls import Walls
from derivations.paquette2024.loss_terms import LossTerms, Setting, derive_all
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Ratio, product
from scaling_sym.algebra.sampling import sample_cell, sample_points
from scaling_sym.algebra.signs import implied
from scaling_sym.algebra.terms import Monomial, Term, substitute
from scaling_sym.asymptotics.certify import encode_cover, record_continuity, record_cover, record_optimum
from scaling_sym.asymptotics.matching import record_match
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.phases import PhaseDiagram, build_cover, describe, distinct_factors, find_phases
from scaling_sym.claims.assumptions import quote_assumptions
from scaling_sym.claims.bundle import Bundle, Claim, Source
from scaling_sym.claims.encoding import encode
from scaling_sym.claims.recorder import Recorder

BUDGET: Final = Budget(Monomial.of({"N": 1, "t": 1}))
DETERMINED: Final = ("time", "model", "bias", "data", "correction/model", "correction/data", "gap", "kappa", "share")
EQUATIONS: Final = {  # derived equations that stand as claims: label -> (step, equation)
    "dmft/equations/response-1": ("responses", "response-1"), "dmft/equations/response-3": ("responses", "response-3"),
    "dmft/equations/train": ("correlations", "train"), "dmft/equations/features": ("correlations", "features"),
    "dmft/equations/system-1": ("system", "system-1"), "dmft/equations/system-3": ("system", "system-3"),
    "dmft/equations/balance": ("balance", "balance"), "dmft/equations/gap": ("gap", "gap"),
    "dmft/equations/forcing": ("forcing", "forcing"), "dmft/equations/replica": ("replica", "replica"),
    "dmft/equations/ridgeless-under": ("ridgeless-under", "ridgeless-under"),
    "dmft/equations/ridgeless-over": ("over", "ridgeless-over"), "dmft/equations/divergence": ("divergence", "divergence"),
    "dmft/equations/marchenko-pastur": ("marchenko-pastur", "marchenko-pastur"),
    "dmft/equations/bias": ("bias", "bias"), "dmft/equations/ensemble-variance": ("ensemble", "ensemble-variance"),
    "dmft/equations/noise-plateau": ("noise-plateau", "noise-plateau"),
    "dmft/equations/loss-order": ("first-order", "loss-order"), "dmft/equations/gap-order": ("gap-order", "gap-order"),
    "dmft/equations/band-balance": ("band-balance", "band-balance"), "dmft/equations/band-loss": ("band-loss", "band-loss"),
    "dmft/equations/band-law": ("band-law", "band-law"),
    "dmft/equations/train-forcing": ("train-forcing", "train-forcing"),
    "dmft/equations/train-order": ("train-order", "train-order"),
}
STEPPED: Final = {
    "balance": "balance", "system-1": "system", "system-3": "system", "pair": "pairs", "sets-1": "pairs", "sets-3": "pairs",
}
DYNAMICS: Final = (  # the same under other dynamics: equation -> step
    {f"descent-{n}": step for n, step in STEPPED.items()} | {"descent-mean": "average", "descent-bagged": "average"}
    | {f"plain-{n}": "plain" for n in ("balance", "system-1", "system-3")},
    {f"momentum-{n}": step for n, step in STEPPED.items()},
    {"online-renewal": "renewal", "online-stream": "stream"},
)


def build_bundle() -> Bundle:
    """Everything that is derived about the model, and the printed claims, as one bundle."""
    recorder = Recorder("s")
    equations = Equations2024(recorder)
    equations.separate_variance()
    laws = Laws(equations, recorder)
    width = equations.expand_in_width()
    flow = derive_flow(width, DOMAIN, recorder)
    narrow_band(equations)
    claims = [equation_claim(label, *place, equations) for label, place in EQUATIONS.items()]
    claims += _dynamics_claims(recorder)
    claims += law_claims("data", laws.data(DOMAIN), recorder, CLOSURE)
    claims += law_claims("model", laws.model(DOMAIN), recorder, CLOSURE)
    claims += law_claims("bias", laws.bias(DOMAIN), recorder, CLOSURE)
    claims += law_claims("time", _send(flow, "N", "t", laws), recorder, WINDOW)
    claims += law_claims("late", laws.both(DOMAIN), recorder, CLOSURE)
    claims += law_claims("late/under", laws.under(DOMAIN), recorder, CLOSURE)
    claims += law_claims("correction/model", _model_correction(width, laws, recorder), recorder, WINDOW)
    claims += law_claims("correction/data", laws.first_order("loss", DOMAIN), recorder, WINDOW)
    claims += law_claims("gap", laws.first_order("gap", DOMAIN), recorder, WINDOW)
    claims += law_claims("early/response", laws.early(DOMAIN), recorder, CLOSURE)
    resources = Resources(laws, recorder)
    claims += _compute_claims(flow, recorder, resources)
    claims += resources.claims(claims)
    claims += _sgd_claims(laws, recorder)
    claims += Walls(equations, resources, recorder).claims(claims)
    claims += [_compare(c, claims, recorder) for c in printed_claims()]
    assumptions = quote_assumptions((*CLOSURE, "monotone-resources", *SGD))
    return Bundle(PAPER, assumptions, recorder.list_used(claims), tuple(claims))


def _source() -> Source:
    return Source(PAPER, "derived from the model's equations", "derived")


def _dynamics_claims(recorder: Recorder) -> list[Claim]:
    """The equations of descent, of momentum and of one-pass SGD, each in its own transform."""
    descent = SteppedEquations(recorder, "dmft-descent")
    descent.still()
    books: Sequence[EquationBook] = (descent, SteppedEquations(recorder, "dmft-momentum"), OnlineEquations(recorder))
    return [
        equation_claim(f"dmft/equations/{name}", step, name, book)
        for book, places in zip(books, DYNAMICS, strict=True) for name, step in places.items()
    ]


def equation_claim(label: str, step: str, name: str, equations: EquationBook) -> Claim:
    """The claim that an equation of the book holds, without its constant factor and powers of single symbols."""
    whole = equations.known[name]
    content, factors = whole.numerator.factors()
    text = product(f**e for f, e in factors if len(f.monomials()) > 1) * (1 if content > 0 else -1)
    statement = equations.recorder.state_equation(name, text, equations.sums, equations.steps[step])
    rests_on = ("sgd-follows-volterra",) if name == "noise-plateau" else CLOSURE  # the renewal equation is that of SGD
    return Claim(label, "equation", statement, [], rests_on, _source(), (equations.steps[step],))


def law_claims(quantity: str, laws: Sequence[Law], recorder: Recorder, assumptions: tuple[str, ...]) -> list[Claim]:
    """One claim for every region with a law of its own; pieces with the same law are glued."""
    claims = []
    glued = glue_laws(laws, recorder)
    for i, law in enumerate(glued):
        names = {"d": "N", "theta": "t"} if quantity == "correction/model" else {}
        power, constant = Monomial(), None
        if not quantity.startswith(("late", "ridge", "aspect")):
            (term,) = law.terms
            power = substitute(Term(term.monomial), {n: Term(Monomial.of({m: 1})) for n, m in names.items()}).monomial
            doubled = term.constant * Constant.of(2) ** term.monomial.exponent("theta")  # theta = 2 t
            constant = encode(doubled) if quantity in DETERMINED else None
        statement = {"quantity": quantity, "power": encode(power), "constant": constant, "names": names}
        label = f"dmft/{quantity}" + (f"/{i + 1}" if len(glued) > 1 else "")
        claims.append(Claim(label, "law", statement, law.cell.texts(), assumptions, _source(), (law.step,)))
    return claims


def glue_laws(laws: Sequence[Law], recorder: Recorder) -> list[Law]:
    """Laws with the same terms on neighbouring cells become one, on a cell that they cover."""
    polynomials = distinct_factors(s.polynomial for c in (DOMAIN, *(x.cell for x in laws)) for s in c.conditions)
    points = sample_points(polynomials, NAMES)
    groups: dict[tuple[Term, ...], list[Law]] = {}
    for law in laws:
        groups.setdefault(law.terms, []).append(law)
    result = []
    for terms, members in groups.items():
        if len(members) == 1:
            result.append(members[0])
            continue
        inner = [x for x in points if any(m.cell.contains(x) for m in members)]
        cell = describe(inner, [x for x in points if x not in inner], polynomials, "a law")
        cover = build_cover([m.cell for m in members], cell, polynomials)
        step = recorder.add("glue", cell, tuple(m.step for m in members), None, {"terms": terms}, encode_cover(cover))
        result.append(Law(cell, terms, step))
    return result


def _send(pieces: Sequence[LossTerms], to_infinity: str, along: str, laws: Laws) -> list[Law]:
    """The law in one resource when the other is infinite, on every piece."""
    return [laws.send(piece, to_infinity, along) for piece in pieces]


def _model_correction(premises: tuple[str, ...], laws: Laws, recorder: Recorder) -> list[Law]:
    """F_ac, the first order in 1/N, in the window."""
    step, terms = correct_in_size(premises, recorder)
    return laws.lead_everywhere(step, terms, ({"theta": Ratio.of(1)},), DOMAIN)


def _compute_claims(flow: Sequence[LossTerms], recorder: Recorder, resources: Resources) -> list[Claim]:
    """The compute-optimal laws for C = N t, whether steps or size grow faster, and the cover of the plane."""
    problem = Problem(tuple(t for p in flow for t in p.terms), ("N", "t"), BUDGET, DOMAIN, NAMES)
    diagram = find_phases(problem)
    supplied = [(p.step, p.cell, p.terms) for p in flow]
    optima = [record_optimum(phase, problem, supplied, recorder) for phase in diagram.phases]
    resources.optima["compute"] = (diagram, optima, supplied)
    claims = []
    for i, (phase, step) in enumerate(zip(diagram.phases, optima, strict=True)):
        values = {"loss": -phase.vertex.loss, "size": phase.vertex.sizes["N"], "steps": phase.vertex.sizes["t"]}
        for name, value in values.items():
            statement = {"quantity": f"compute/{name}", "power": {"C": str(value)}, "constant": None, "names": {}}
            claims.append(Claim(f"dmft/compute/{name}/{i + 1}", "law", statement, phase.cell.texts(), WINDOW, _source(), (step,)))
    claims += _asymmetry(diagram, optima, recorder)
    cover = record_cover(diagram, optima, recorder)
    names = [f"{i + 1}" for i in range(len(optima))]
    claims.append(Claim("dmft/compute/phases", "cover", {"phases": names}, DOMAIN.texts(), WINDOW, _source(), (cover,)))
    for wall in diagram.walls:
        record_continuity(wall, diagram, optima, recorder)
    return claims


def _asymmetry(diagram: PhaseDiagram, optima: Sequence[str], recorder: Recorder) -> list[Claim]:
    """Where steps grow faster than the size: the phases are cut by the sign of the difference."""
    claims: list[Claim] = []
    for phase, step in zip(diagram.phases, optima, strict=True):
        difference = phase.vertex.sizes["t"] - phase.vertex.sizes["N"]
        cells = [phase.cell]
        for factor, _ in difference.factors()[1]:
            split = [c.meet(Cell.of([Sign.of(factor, r)])) for c in cells for r in "><"]
            decided = all(implied(Sign.of(factor, r), phase.cell) is None for r in "><")
            cells = [c for c in split if sample_cell(c, NAMES)] if decided else cells
        for cell in cells:
            sign = 1 if difference.at(sample_cell(cell, NAMES)[0]) > 0 else -1
            one = record_order("order", (step, step), ("t", "N"), difference, cell, {}, recorder)
            statement = {"quantity": "compute/asymmetry", "sign": sign}
            label = f"dmft/compute/asymmetry/{len(claims) + 1}"
            claims.append(Claim(label, "law", statement, cell.texts(), WINDOW, _source(), (one,)))
    return claims


def _sgd_claims(laws: Laws, recorder: Recorder) -> list[Claim]:
    """One-pass SGD with lambda_k = k^(-b), w_k^2 = k^(b-a) and infinitely many modes: its laws in time and in size."""
    pieces = derive_all(Setting(B / 2, (A - B) / 2, NAMES, ""), DOMAIN, recorder)
    claims = law_claims("sgd/time", _send(pieces, "d", "r", laws), recorder, SGD)
    return [*claims, *law_claims("sgd/size", _send(pieces, "r", "d", laws), recorder, SGD)]


def _compare(claim: Claim, claims: Sequence[Claim], recorder: Recorder) -> Claim:
    """The printed claim with the steps that place its regions among the derived cells."""
    if claim.kind != "printed-law":
        return claim
    steps, agreeing, failing = [], [], []
    for part in claim.statement["parts"]:
        derived = [(c.steps[0], Cell.parse(c.region)) for c in claims
                   if c.kind == "law" and c.statement["quantity"] == part["quantity"]]
        steps += [record_match(Cell.parse(case["region"]), DOMAIN, derived, NAMES, recorder) for case in part["cases"]]
        good, bad = _sort_out(part, claims)
        if bad:
            agreeing, failing, last = good, bad, derived
    if agreeing and failing:
        polynomials = distinct_factors(s.polynomial for c in (*agreeing, *failing) for s in c.conditions)
        points = sample_cell(DOMAIN, NAMES, polynomials)
        inner = [x for x in points if any(c.contains(x) for c in agreeing)]
        region = describe(inner, [x for x in points if x not in inner], polynomials, "the region of agreement")
        steps.append(record_match(region, DOMAIN, last, NAMES, recorder))
    return replace(claim, steps=tuple(steps))


def _sort_out(part: dict[str, Any], claims: Sequence[Claim]) -> tuple[list[Cell], list[Cell]]:
    """The derived cells on which the printed cases agree, and the others (proposed; the judge decides)."""
    from scaling_sym.algebra.grammar import parse_ratio

    good: list[Cell] = []
    bad: list[Cell] = []
    for c in claims:
        if c.kind == "law" and c.statement["quantity"] == part["quantity"]:
            cell, verdicts = Cell.parse(c.region), []
            for case in part["cases"]:
                if sample_cell(cell.meet(Cell.parse(case["region"])), NAMES):
                    found = c.statement
                    if "sign" in case:
                        verdicts.append(case["sign"] == found["sign"])
                    elif "depends" in case:
                        verdicts.append(all(bool(parse_ratio(e).derivative(case["depends"])) for e in found["power"].values()))
                    else:
                        powers = {n: parse_ratio(e) for n, e in found["power"].items()}
                        verdicts.append(all(powers.get(n, ZERO) == parse_ratio(e) for n, e in case["power"].items()))
            (good if all(verdicts) else bad).append(cell)
    return good, bad
