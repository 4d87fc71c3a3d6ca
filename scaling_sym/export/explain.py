r"""The derivation of a claim as numbered steps, in prose and display mathematics: a function for each rule.

`explain` takes a claim, walks to everything it rests on, and writes the steps in the order in which they were taken.
The sentence of a rule says what was done and with which earlier steps; the display shows what came out. In them E_n is
the expansion that step n found. The variable u is conjugate to the rescaled time theta = 2 gamma B r, and y = 1/(1 + X)
with X = u/lambda_j.

Not covered: the certificates in full; they are data in the bundle, replayed by `proofs_check`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Bundle, Claim, is_printed
from scaling_sym.claims.codec import decode_constant, decode_monomial, decode_term
from scaling_sym.claims.steps import Step
from scaling_sym.errors import BadInputError
from scaling_sym.export.documents import document
from scaling_sym.export.law_statements import LAW_RULES
from scaling_sym.export.prose import (
    Block,
    Math,
    join,
    math,
    show,
    show_region,
    show_sum,
    write_markdown,
    write_tex,
)
from scaling_sym.export.regime_statements import REGIME_RULES
from scaling_sym.export.rows import reading
from scaling_sym.export.statements import LOSS, SIMILAR, SIZE, state, where_of

FORMATS: Final = ("tex", "md")
Numbers: TypeAlias = Mapping[str, int]
Rule: TypeAlias = Callable[[Step, Numbers, Mapping[str, Step]], list[Block]]


def explain(claim: Claim, bundle: Bundle, form: str = "tex") -> str:
    """The whole derivation as a LaTeX document (`tex`) or Markdown (`md`); raises `BadInputError`."""
    if form not in FORMATS:
        raise BadInputError(f"there is no format {form!r}; {', '.join(FORMATS)} are allowed")
    steps = find_steps(claim, bundle)
    title, opening, closing = f"Claim {claim.label} of {bundle.paper}", _open(claim, bundle), _close(claim, bundle)
    numbered = number_steps(steps, bundle)
    if form == "tex":
        return document(title, [*map(write_tex, opening), _write_steps(numbered, form), *map(write_tex, closing)])
    parts = [f"# {title}", *map(write_markdown, opening), _write_steps(numbered, form), *map(write_markdown, closing)]
    return "\n\n".join(p for p in parts if p) + "\n"


def explain_all(bundle: Bundle, numbered: Sequence[Sequence[Block]] | None = None) -> dict[str, str]:
    """Every claim of a bundle with the number of the step that proves it, then all steps; in LaTeX and Markdown.

    `numbered` are the blocks of all steps, where they are known already.
    """
    numbers = {s.id: n for n, s in enumerate(bundle.steps, 1)}
    head: list[Block] = [(f"Assumption {n}: {text}",) for n, text in sorted(bundle.assumptions.items())]
    for claim in bundle.claims:
        rests = f" (step {_refer(claim.steps, numbers)})" if claim.steps else ""
        head.append((f"{claim.label}{rests}: ", *state(claim, bundle)))
    title, numbered = f"The derivation of {bundle.paper}", numbered or number_steps(bundle.steps, bundle)
    markdown = [f"# {title}", *map(write_markdown, head), _write_steps(numbered, "md")]
    return {"tex": document(title, [*map(write_tex, head), _write_steps(numbered, "tex")]),
            "md": "\n\n".join(markdown) + "\n"}


def _write_steps(numbered: Sequence[Sequence[Block]], form: str) -> str:
    if form == "md":
        return "\n\n".join(f"**({n})** " + "\n\n".join(map(write_markdown, blocks)) for n, blocks in enumerate(numbered, 1))
    items = "\n\n".join("\\item " + "\n\n".join(map(write_tex, blocks)) for blocks in numbered)
    return f"\\begin{{enumerate}}\n\n{items}\n\n\\end{{enumerate}}" if numbered else ""


def find_steps(claim: Claim, bundle: Bundle) -> list[Step]:
    """The steps that a claim rests on, directly or not, in the order of the bundle."""
    lookup = {s.id: s for s in bundle.steps}
    needed: set[str] = set()
    waiting = list(claim.steps)
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        if name not in lookup:
            raise BadInputError(f"{claim.label} rests on a step {name!r} that is not in the bundle of {bundle.paper}")
        needed.add(name)
        waiting.extend(lookup[name].premises)
    return [s for s in bundle.steps if s.id in needed]


def number_steps(steps: Sequence[Step], bundle: Bundle) -> list[list[Block]]:
    """The blocks of each step, with references by number."""
    numbers = {s.id: n for n, s in enumerate(steps, 1)}
    lookup = {s.id: s for s in bundle.steps}
    return [explain_step(s, numbers, lookup) for s in steps]


def explain_step(step: Step, numbers: Numbers, lookup: Mapping[str, Step]) -> list[Block]:
    """One step in prose and display mathematics; raises `BadInputError` for an unknown rule or a malformed step."""
    if step.rule not in RULES:
        raise BadInputError(f"step {step.id} uses a rule {step.rule!r} that nobody has explained")
    with reading(f"step {step.id}"):
        return RULES[step.rule](step, numbers, lookup)


def _open(claim: Claim, bundle: Bundle) -> list[Block]:
    sentence = state(claim, bundle)
    words = tuple(x for x in sentence if isinstance(x, str))
    blocks: list[Block] = [words] if words else []
    blocks += [x for x in sentence if isinstance(x, Math)]
    if claim.region:
        blocks.append(("This holds where ", show_region(claim.region), "."))
    return blocks


def _close(claim: Claim, bundle: Bundle) -> list[Block]:
    source = claim.source
    blocks: list[Block] = [(f"Assumption {name}: {bundle.assumptions.get(name, 'not described')}",)
                           for name in claim.assumptions]
    if is_printed(claim):
        blocks.append((f"This is what the paper prints ({source.place}; {source.tag}; proved there: {source.proved}). "
                       "The steps lay it beside what is derived; the verdict on it is the judge's.",))
    return blocks


def _at(step: Step) -> Point | None:
    """A point of the step's cell, for the signs of printed factors."""
    return where_of(step.cell)


def _terms(step: Step) -> list[Term]:
    return [decode_term(t) for t in step.conclusion["terms"]]


def _expansion(step: Step, numbers: Numbers, left: Math | None = None, relation: Math | None = None) -> Math:
    return show_sum(left or _named(numbers[step.id]), _terms(step), _at(step), relation)


def _named(number: int) -> Math:
    return Math(f"E_{{{number}}}", f"E_{number}")


def _refer(names: Sequence[str], numbers: Numbers) -> str:
    shown = [f"({numbers[n]})" for n in names]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]


def _on_cell(step: Step) -> tuple[str | Math, ...]:
    return (" On ", show_region(step.cell), ":") if step.cell else (":",)


def _explain_model(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    said = step.conclusion
    decay = show(Monomial.of({"j": -parse_ratio(said["c"])}))
    words: tuple[str | Math, ...] = (
        f"By {_refer(step.premises, numbers)}, with eigenvalues ", Math(rf"\lambda_j={decay.latex}", f"λ_j = {decay.plain}"),
        ", ", math(r"X=u/\lambda_j", "X = u/λ_j"), " and ", math(r"T=\operatorname{Tr}\mathcal{D}", "T = Tr D"),
        ", the transforms are, up to terms of order ", math("d^{-2}", "d^(−2)"), ",",
    )
    sums = [_sum_over_modes(name, weight) for name, weight in (("H", "0"), ("S", said["w"]))]
    return [words, _stack([*sums, *(_equation(name, text) for name, text in said["series"].items())])]


def _sum_over_modes(name: str, weight: str) -> Math:
    decay = Monomial.of({"j": -parse_ratio(weight)})
    factor = show(decay) if decay.powers else math("")
    return Math(rf"{name}_k&=\sum_{{j\le v}}{factor.latex}(1+X)^{{-k}}", f"{name}_k = Σ_(j≤v) {factor.plain} (1+X)^(−k)")


_QUANTITIES: Final[Mapping[str, Math]] = {
    "K_pp": Math("K", "K"), "F_pp": Math("S_F^{(0)}", "S_F⁽⁰⁾"), "F_ac": Math("S_F^{(1)}", "S_F⁽¹⁾"),
}
_SYMBOLS: Final = {name: Ratio.parameter(f"{name[0]}_{name[1]}") for name in ("H1", "H2", "S1", "S2")}


def _quantity(name: str) -> Math:
    return _QUANTITIES.get(name) or _letter(name)


def _equation(name: str, text: str) -> Math:
    left, right = _quantity(name), show(parse_ratio(text).substitute(_SYMBOLS))
    return Math(f"{left.latex}&={right.latex}", f"{left.plain} = {right.plain}")


def _stack(lines: Sequence[Math]) -> Math:
    return Math(r"\begin{aligned}" + r"\\ ".join(x.latex for x in lines) + r"\end{aligned}",
                "; ".join(x.plain for x in lines))


def _explain_trace(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    power = show(Monomial.of({"j": -parse_ratio(step.given["c"])}))
    n, finite = numbers[step.id], bool(step.given["upper"])
    limit = Math(r"j\le v", "j≤v") if finite else Math(r"j\ge 1", "j≥1")
    left = Math(rf"E_{{{n}}}=\sum_{{{limit.latex}}}{power.latex}", f"E_{n} = Σ_({limit.plain}) {power.plain}")
    words = "The trace is expanded for large v by Euler and Maclaurin:" if finite else "The trace converges:"
    return [(words,), _expansion(step, numbers, left, SIMILAR)]


def _explain_power_sum(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    given = step.given
    s0, c = parse_ratio(given["s0"]), parse_ratio(given["c"])
    weight = show(Monomial.of({"j": -s0})) if s0 else math("")
    power = show(Monomial.of({"j": c}))
    x, order = given["x"], given["order"]
    if given["kernel"] == "exp":
        kernel = Math(rf"e^{{-{x}{power.latex}}}", f"e^(−{x} {power.plain})")
    else:
        kernel = Math(rf"(1+{x}{power.latex})^{{-{order}}}", f"(1+{x} {power.plain})^(−{order})")
    n = numbers[step.id]
    finite = bool(given["upper"])
    limit = Math(rf"j\le {given['upper']}", f"j≤{given['upper']}") if finite else Math(r"j\ge 1", "j≥1")
    left = Math(rf"E_{{{n}}}=\sum_{{{limit.latex}}}{weight.latex}{kernel.latex}",
                f"E_{n} = Σ_({limit.plain}) {weight.plain}{kernel.plain}")
    words = ("This sum is a Mellin-Barnes integral; moving its line to the left collects the residues at the pole of zeta "
             "and at the poles of the kernel's transform" + (", and the tail beyond the last summand:" if finite else ":"),)
    return [words, _expansion(step, numbers, left, SIMILAR)]


def _explain_combine(step: Step, numbers: Numbers, lookup: Mapping[str, Step]) -> list[Block]:
    names, first = step.given["series"], lookup[step.premises[0]]
    formula = show(sum((parse_ratio(first.conclusion["series"][n]).substitute(_SYMBOLS) for n in names), Ratio.of(0)))
    left = Math(rf"E_{{{numbers[step.id]}}}={formula.latex}", f"E_{numbers[step.id]} = {formula.plain}")
    ties = [Math(rf"{symbol.latex}=E_{{{numbers[p]}}}", f"{symbol.plain} = E_{numbers[p]}")
            for p in step.premises[1:] for symbol in [_sum_symbol(lookup[p], first)]]
    ending = Math(r"v=\rho d", "v = ρd") if lookup[step.premises[-1]].given["upper"] else Math(r"v=\infty", "v = ∞")
    return [("The series for ", *join([_quantity(n) for n in names], ", ", " and "), f" of {_refer([first.id], numbers)}, with ",
             *join(ties, ", ", " and "), " and ", ending, ":"), _expansion(step, numbers, left, SIMILAR)]


def _sum_symbol(step: Step, model: Step) -> Math:
    """The symbol of a sum in the series of a model."""
    if step.rule == "trace":
        return math("T")
    name = "S" if step.given["s0"] == model.conclusion["w"] else "H"
    return _symbol(f"{name}{step.given['order']}")


def _symbol(name: str) -> Math:
    return show(_SYMBOLS.get(name, Ratio.parameter(name)))


def _letter(name: str) -> Math:
    """A name as a formula."""
    return show(Ratio.parameter(name))


def _explain_learning_rate(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    fraction = math("s")
    return [
        ("The learning rate is the fraction ", fraction, " of the stability limit, ",
         Math(rf"\frac{{\gamma}}{{2}}\operatorname{{Tr}}\mathcal{{D}}={fraction.latex}", f"(γ/2) Tr D = {fraction.plain}"),
         f", with the leading term of the trace of {_refer(step.premises, numbers)}.", *_on_cell(step)),
        _expansion(step, numbers, math(r"\gamma", "γ"), SIMILAR),
    ]


def _explain_renew(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    forcing, kernel = (_named(numbers[p]) for p in step.premises)
    left = Math(rf"E_{{{numbers[step.id]}}}=\frac{{{forcing.latex}}}{{1-k_0}}"
                rf"+\frac{{{forcing.latex}\,({kernel.latex}-k_0)}}{{(1-k_0)^{{2}}}}",
                f"E_{numbers[step.id]} = {forcing.plain}/(1 − k_0) + {forcing.plain} ({kernel.plain} − k_0)/(1 − k_0)^2")
    kind = "a resource" if step.given["gamma"] == "resource" else "a constant"
    return [
        ("The renewal equation P = F/(1 - K) is expanded about the constant part k_0 of the kernel, with the learning rate as "
         f"{kind}, from {_refer(step.premises, numbers)}:",),
        _expansion(step, numbers, left, SIMILAR),
    ]


def _explain_transfer(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    rule = Math(r"u^{s}\mapsto\theta^{-s-1}/\Gamma(-s)", "u^s → θ^(−s−1)/Γ(−s)")
    return [(f"The singular terms of {_refer(step.premises, numbers)} at u = 0 transfer to time, ", rule,
             "; analytic ones contribute nothing:"), _expansion(step, numbers, None, SIMILAR)]


def _explain_absorb(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    count = sum(proof is not None for proof in step.certificate)
    words: tuple[str | Math, ...] = (
        f"Of the terms of {_refer(step.premises, numbers)}, in the window ",
        Math(r"1\ll\theta\ll d^{2\alpha}", "1 ≪ θ ≪ d^(2α)"),
        f", {count} are absorbed: along both edges of the window each is no larger than one that stays.", *_on_cell(step),
    )
    return [words, _expansion(step, numbers, None, SIMILAR)]


def _explain_floor(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    end = Math(r"\rho", "ρ") if step.given["upper"] else Math(r"\infty", "∞")
    equation = Math(rf"\kappa\int_0^{{{end.latex}}}\frac{{dx}}{{\kappa+x^{{2\alpha}}}}=1",
                    f"κ ∫_0^{end.plain} dx/(κ+x^(2α)) = 1")
    words: tuple[str | Math, ...] = (
        "For late times the equation is balanced by m proportional to u, with the root of ", equation,
        f"; what remains of the loss is the atom at zero, with {_refer(step.premises, numbers)}.", *_on_cell(step),
    )
    return [words, _expansion(step, numbers, math("F_0"), SIMILAR)]


def _explain_collect(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    words: tuple[str | Math, ...] = (
        f"With {_refer(step.premises, numbers)} and ", Math(r"\theta=2\gamma Br", "θ = 2γBr"),
        " the loss is written in the resources d and r.", *_on_cell(step),
    )
    return [words, _expansion(step, numbers, math(r"\mathcal{P}", "P"), SIMILAR)]


def _explain_glue(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    return [(f"The outcome of {_refer(step.premises, numbers)} is the same, and together these pieces cover a region.",
             *_on_cell(step)), _expansion(step, numbers, None, SIMILAR)]


def _explain_optimum(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    if "substitution" in step.given:
        return _explain_wall(step, numbers)
    said, point = step.conclusion, _at(step)
    cost = show(decode_monomial(step.given["cost"]))
    names = " = ".join(t["name"] for t in said["tradeoff"]) or "none"
    multipliers = [show(parse_ratio(m), point) for m in step.certificate["multipliers"]]
    sizes = [(n, show(parse_ratio(x), point)) for n, x in sorted(said["sizes"].items())]
    loss = show(parse_ratio(said["loss"]), point)
    shown = Math(
        rf"{LOSS.latex}\asymp f^{{-\eta}},\ \eta={loss.latex};\quad "
        + r",\quad ".join(rf"{n}_\star\asymp f^{{x_{n}}},\ x_{n}={x.latex}" for n, x in sizes),
        f"{LOSS.plain} ≍ f^(−η), η = {loss.plain}; " + ", ".join(f"{n}⋆ ≍ f^x, x = {x.plain}" for n, x in sizes),
    )
    words: tuple[str | Math, ...] = (
        "The budget ", cost, f" is spent so that the largest term of {_refer(step.premises, numbers)} is smallest; "
        f"the trade-off is {names}, proved optimal by the multipliers ", *join(multipliers, ", ", " and "), ".",
        *_on_cell(step),
    )
    return [words, shown]


def _explain_cover(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    cells = [show_region(c) for c in step.conclusion["cells"]]
    lines = r"\\ ".join(f"&{c.latex}" for c in cells)
    return [(f"The cells of {_refer(step.premises, numbers)} are not empty, no two of them meet, and a decision tree over "
             "the walls shows that they fill the domain up to walls.", *_on_cell(step)),
            Math(rf"\begin{{aligned}}{lines}\end{{aligned}}", "; ".join(c.plain for c in cells))]


def _explain_continuity(step: Step, numbers: Numbers, lookup: Mapping[str, Step]) -> list[Block]:
    said = step.conclusion
    wall = show_region([f"{said['polynomial']} = 0"])
    if "loss" in said["jumps"]:
        return [(f"The phases of {_refer(step.premises, numbers)} meet on the wall, where one of them ends:",), wall]
    one, two = (parse_ratio(lookup[p].conclusion["loss"]) for p in step.premises)
    polynomial = parse_ratio(said["polynomial"])
    factor, shown = show(polynomial), show((one - two) / polynomial)
    jumps = " and ".join(said["jumps"])
    ending = f"; the exponents of {jumps} jump." if jumps else "; so do the exponents of the resources."
    return [(f"Across the wall the loss exponents of {_refer(step.premises, numbers)} agree, because their difference is a "
             f"multiple of the wall's polynomial{ending}",),
            Math(rf"\eta_1-\eta_2=({factor.latex})\cdot {shown.latex}", f"η_1 − η_2 = ({factor.plain}) · {shown.plain}")]


def _explain_wall(step: Step, numbers: Numbers) -> list[Block]:
    """The optimum on a wall."""
    said, point = step.conclusion, _at(step)
    solved = [f"{n} = {x}" for n, x in sorted(step.given["substitution"].items())]
    multipliers = [show(parse_ratio(m), point) for m in step.certificate["multipliers"]]
    words: tuple[str | Math, ...] = (
        f"At {', '.join(solved)} the terms of {_refer(step.premises, numbers)} tie at the level of powers; the powers of "
        "log f solve a second linear programme, with multipliers ", *join(multipliers, ", ", " and "), ".", *_on_cell(step),
    )
    if said["iterated"]:
        return [words, math(r"\text{the law contains }\log\log f", "the law contains log log f")]
    if "d" not in step.given["resources"]:
        return [words, _log_powers(step)]
    loss, size = (show(x, point) for x in (-parse_ratio(said["logs"]["loss"]), parse_ratio(said["logs"]["d"])))
    return [words, Math(rf"{LOSS.latex}\asymp f^{{-\eta}}(\log f)^{{a}},\ a={loss.latex};\quad "
                        rf"{SIZE.latex}\asymp f^{{\xi}}(\log f)^{{b}},\ b={size.latex}",
                        f"{LOSS.plain} ≍ f^(−η) (log f)^a, a = {loss.plain}; {SIZE.plain} ≍ f^ξ (log f)^b, b = {size.plain}")]


def _log_powers(step: Step) -> Math:
    """The powers of log C of the loss and of each resource, where they are determined."""
    logs = {n: parse_ratio(x) for n, x in step.conclusion["logs"].items()}
    shown = {n: show(x) for n, x in {"L": -logs.pop("loss"), **logs}.items()}
    return Math(r";\quad ".join(rf"{n}_\star\propto(\log C)^{{{x.latex}}}" for n, x in shown.items()),
                "; ".join(f"{n}⋆ ∝ (log C)^({x.plain})" for n, x in shown.items()))


def _explain_prefactor(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    said, point = step.conclusion, _at(step)
    if said["loss"] is None:
        return [(f"The optimum of {_refer(step.premises, numbers)} lies at the edge of the window, where the crossover "
                 "function counts and leading constants do not determine a prefactor:",),
                Math(r"\theta_\star\asymp d_\star^{2\alpha}", "θ⋆ ≍ d⋆^(2α)")]
    loss, size = (show(decode_constant(said[k]), point) for k in ("loss", "size"))
    return [(f"The two terms of {_refer(step.premises, numbers)} that tie are minimised in d under the budget; the minimum "
             "lies strictly inside the window.", *_on_cell(step)),
            Math(rf"\begin{{aligned}}f^{{\eta}}{LOSS.latex}&\to {loss.latex}\\ f^{{-\xi}}{SIZE.latex}&\to {size.latex}"
                 r"\end{aligned}", f"f^η {LOSS.plain} → {loss.plain}; f^(−ξ) {SIZE.plain} → {size.plain}")]


def _explain_match(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    said = step.conclusion
    hits = [(step.premises[i], i in said["whole"]) for i in said["hits"]]
    whole = [p for p, full in hits if full]
    words = f"The printed region meets the regions of {_refer([p for p, _ in hits], numbers)}" if hits else \
        "The printed region meets none of the derived ones"
    ending = f" and contains the whole of {_refer(whole, numbers)}" if whole else ""
    return [(f"{words}{ending}; it meets no other.", *_on_cell(step)[:-1])]


def _explain_stated(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    said: Block = ("The loss is stated to be, up to constants, this sum, at the cost ",
                   show(decode_monomial(step.given["cost"])), *_on_cell(step))
    return [said, _expansion(step, numbers, LOSS, SIMILAR)]


RULES: Final[Mapping[str, Rule]] = {
    "model": _explain_model, "power-sum": _explain_power_sum, "trace": _explain_trace,
    "combine": _explain_combine, "renew": _explain_renew, "transfer": _explain_transfer,
    "learning-rate": _explain_learning_rate, "absorb": _explain_absorb, "floor": _explain_floor,
    "collect": _explain_collect, "glue": _explain_glue, "optimum": _explain_optimum, "cover": _explain_cover,
    "continuity": _explain_continuity, "prefactor": _explain_prefactor,
    "match": _explain_match, "stated": _explain_stated, **LAW_RULES, **REGIME_RULES,
}
