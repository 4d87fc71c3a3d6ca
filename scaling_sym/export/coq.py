"""The algebraic layer of a bundle as a Coq file: a second judge, which shares no code with `proofs_check`.

What is written, and proved in Coq from the certificates of the bundle, over the real numbers:

    optimum      on the phase's cell: the sizes keep the budget and are not negative; the terms of the trade-off tie there, no
                 other term exceeds them; and with any other sizes on the budget some term of the trade-off is as large
    placement    the phase lies inside the cells of the terms that it uses, and apart from those of the others
    cover        every point of the domain, off the curves of the decision tree, lies in a phase; no two phases meet
    continuity   across a wall the exponents differ by the wall's polynomial times the quotient
    rows         a printed exponent equals the derived one, where the bundle compares the two and finds them equal
    equations    the equations between the model's quantities, and printed laws of other forms (`coq_equations`)

The proofs are explicit: a sign is an identity between a polynomial and a combination of products of the cell's conditions
(`field`), whose summands are positive; nothing is searched for in Coq. Denominators whose sign the bundle does not need are
certified here (`algebra.signs`), and Coq checks that too. Only Coq's standard library is used.

Not covered: the expansions from which the terms come (power sums, transfer), constants, logarithms. That the optimal sizes
are the only ones is left to `proofs_check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final, final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.algebra.signs import certify_positive, combine_weights
from scaling_sym.claims.bundle import Bundle, Claim, is_printed
from scaling_sym.claims.codec import Weights, decode_cell, decode_monomial, decode_weights
from scaling_sym.claims.steps import Step
from scaling_sym.errors import BadInputError, UndecidedError
from scaling_sym.export.coq_equations import write_equations, write_printed

PREAMBLE: Final = """\
(* Written by `scaling-sym coq`; check it with coqc. *)
Require Import Reals Lra.
Open Scope R_scope.

Lemma positive_by (a b : R) : a = b -> 0 < b -> 0 < a.
Proof. intros E P. rewrite E. exact P. Qed.

Lemma not_above (a b : R) : 0 < b - a -> a <= b.
Proof. intros. lra. Qed.

Ltac positive := repeat first
  [ assumption | apply Rplus_lt_0_compat | apply Rdiv_lt_0_compat | apply pow_lt | apply Rmult_lt_0_compat | lra ].
Ltac nonzero := repeat split; first
  [ assumption
  | lra
  | match goal with H : ?p <> 0 |- ?e <> 0 => intro Z; apply H; rewrite <- Z; ring end ].
Ltac identity := first [ field; nonzero | field | ring ].
"""


def write_coq(bundles: Iterable[Bundle]) -> str:
    """The Coq file of some bundles, one module each; the same bundles give the same text.

    Raises `BadInputError` for a certificate of which no proof can be written. A wrong proof is written: Coq judges it.
    """
    try:
        return "\n".join([PREAMBLE, *(_Theory(b).write() for b in bundles)])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError) as error:
        raise BadInputError(f"a certificate is not of the form from which a proof can be written: {error}") from None


@final
class _Theory:
    """The lemmas and theorems of one bundle, each written once."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.steps: Mapping[str, Step] = {s.id: s for s in bundle.steps}
        self.lines: list[str] = []
        self.known: dict[str, str] = {}

    def write(self) -> str:
        """All lemmas of the bundle, as text."""
        for step in self.bundle.steps:
            if step.rule == "optimum" and "substitution" not in step.given:
                _Optimum(step, self).write()
            elif step.rule == "cover":
                self.write_cover(step)
            elif step.rule == "continuity":
                self.write_continuity(step)
            elif step.rule == "identity":
                write_equations(step, self)
        for claim in self.bundle.claims:
            if claim.kind == "printed-row" and claim.verdict == "holds":
                self.write_row(claim)
            elif is_printed(claim):
                write_printed(claim, self)
        return "\n".join([f"Module {self.bundle.paper}.", "", *self.lines, f"End {self.bundle.paper}.", ""])

    def state(self, statement: str, proof: Sequence[str], stem: str) -> str:
        """The name of the theorem with this statement, which is written down if it is new."""
        if statement not in self.known:
            name = f"{stem}_{len(self.known) + 1}"
            self.known[statement] = name
            self.lines += [f"Lemma {name} : {statement}.", "Proof.", *(f"  {line}" for line in proof), "Qed.", ""]
        return self.known[statement]

    def prove_positive(self, polynomial: Ratio, cell: Cell, weights: Weights) -> str:
        """The lemma that the polynomial is positive on the cell, by the weights; with its arguments."""
        goal = _for_all(cell, f"0 < {_write(polynomial)}", polynomial.names)
        step = f"apply (positive_by _ ({_combination(cell, weights)})); [ identity | positive ]."
        return _applied(self.state(goal, ["intros.", step], "positive"), {*cell.names, *polynomial.names})

    def prove_empty(self, cell: Cell, weights: Weights) -> str:
        """The lemma that the cell has no points: a positive combination that is zero; with its arguments."""
        combination = _combination(cell, weights)
        proof = ["intros.", f"assert (P : 0 < {combination}) by positive.",
                 f"assert (Z : {combination} = 0) by identity.", "rewrite Z in P. lra."]
        return _applied(self.state(_for_all(cell, "False"), proof, "empty"), cell.names)

    def write_cover(self, step: Step) -> None:
        """Decision tree and disjointness."""
        domain, cells = decode_cell(step.cell), [decode_cell(c) for c in step.conclusion["cells"]]
        for (one, two), weights in zip(combinations(cells, 2), step.certificate["disjoint"], strict=True):
            self.prove_empty(one.meet(two), decode_weights(weights))
        splits: dict[str, None] = {}
        proof = self.descend(step.certificate["tree"], domain, cells, splits)
        curves = "".join(f"{p} <> 0 -> " for p in splits)
        goal = _for_all(domain, curves + " \\/ ".join(f"({_conjunction(c)})" for c in cells), _names(cells))
        self.state(goal, ["intros.", *proof], f"cover_{step.id}")

    def descend(self, tree: Any, domain: Cell, cells: Sequence[Cell], splits: dict[str, None]) -> list[str]:
        """The proof along a decision tree; its polynomials are collected in `splits`."""
        if isinstance(tree, dict):
            phase = tree["phase"]
            if phase is None:
                return [f"exfalso. apply {self.prove_empty(domain, decode_weights(tree['weights']))}; assumption."]
            parts = [self.prove_positive(s.positive, domain, _read_plain(proof))
                     for s, proof in zip(cells[phase].conditions, tree["weights"], strict=True)]
            choose = [*["right"] * phase, *(["left"] if phase < len(cells) - 1 else [])]
            shown = [f"{'. '.join(choose)}." if choose else "", "repeat split."]
            return [*shown, *(f"- apply {name}; assumption." for name in parts)] if len(parts) > 1 else [
                shown[0], f"apply {parts[0]}; assumption."]
        split = Sign.of(parse_ratio(tree[0]))
        text, negative = _write(split.polynomial), _write(-split.polynomial)
        splits[text] = None
        below = [self.descend(t, domain.meet(Cell.of([s])), cells, splits)
                 for t, s in ((tree[1], split), (tree[2], negate(split)))]
        return [f"destruct (Rlt_dec 0 ({text})).", "{", *below[0], "}",
                f"assert (0 < {negative}) by lra.", *below[1]]

    def write_continuity(self, step: Step) -> None:
        """The differences of the exponents on both sides of a wall."""
        left, right = (self.steps[p].conclusion for p in step.premises)
        wall = parse_ratio(step.conclusion["polynomial"])
        pairs = {"loss": (left["loss"], right["loss"])} | {n: (x, right["sizes"][n]) for n, x in left["sizes"].items()}
        for name, pair in pairs.items():
            if name not in step.conclusion["jumps"]:
                one, two = map(parse_ratio, pair)
                quotient = (one - two) / wall
                if (wall.primitive(), -1) in quotient.factors()[1]:  # a pole on the wall: a lemma that Coq refuses
                    quotient = one - two
                self.write_identity(f"{_write(one)} - {_write(two)} = {_write(wall)} * {_write(quotient)}",
                                    [one, two, wall], f"wall_{step.id}")  # a quotient with other poles fails

    def write_row(self, claim: Claim) -> None:
        """A printed row against the optima of which the bundle says that they are the same."""
        match = self.steps[claim.steps[0]]
        for place in match.conclusion["hits"]:
            found = self.steps[match.premises[place]]
            derived = {"loss": found.conclusion["loss"], "size": found.conclusion["sizes"][found.given["resources"][0]]}
            for key in sorted(derived.keys() & claim.statement.keys()):
                values = parse_ratio(claim.statement[key]), parse_ratio(derived[key])
                self.write_identity(f"{_write(values[0])} = {_write(values[1])}", values, "row")

    def write_identity(self, equation: str, values: Iterable[Ratio], stem: str) -> None:
        """An identity of rational functions wherever their denominators do not vanish."""
        listed = list(values)
        conditions = "".join(f"{_write(f)} <> 0 -> " for f in _denominators(listed))
        names = sorted({n for v in listed for n in v.names})
        quantifier = f"forall {' '.join(names)} : R, " if names else ""
        self.state(f"{quantifier}{conditions}{equation}", ["intros. identity."], stem)


    def write_consequence(self, wanted: Ratio, parts: Sequence[tuple[Ratio, Ratio]], stem: str) -> None:
        """An expression vanishes where others do: it is their combination with the cofactors."""
        used = [(c, p) for c, p in parts if c]
        values = [wanted, *(x for part in used for x in part)]
        names = sorted({n for v in values for n in v.names})
        conditions = "".join(f"{_write(f)} <> 0 -> " for f in _denominators(values))
        given = "".join(f"{_write(p)} = 0 -> " for _, p in used)
        total = " + ".join(f"{_write(c)} * {_write(p)}" for c, p in used) or "0"
        holds = [f"given_{i}" for i in range(len(used))]
        proof = [f"intros {' '.join(names)}{' ?' * len(_denominators(values))} {' '.join(holds)}.",
                 f"assert (combined : {_write(wanted)} = {total}) by identity.",
                 f"rewrite combined{''.join(f', {h}' for h in holds)}. repeat rewrite Rmult_0_r. lra."]
        self.state(f"forall {' '.join(names)} : R, {conditions}{given}{_write(wanted)} = 0", proof, stem)

    def write_difference(self, one: Ratio, two: Ratio, stem: str) -> None:
        """Two numbers differ."""
        self.state(f"{_write(one)} <> {_write(two)}", ["lra."], stem)

    def show(self, value: Ratio) -> str:
        """A rational function in Coq."""
        return _write(value)


@final
class _Optimum:
    """The theorem of one phase."""

    def __init__(self, step: Step, theory: _Theory) -> None:
        self.step, self.theory, self.cell = step, theory, decode_cell(step.cell)
        given, body = step.given, step.conclusion
        self.resources: list[str] = given["resources"]
        self.cost, self.fixed = decode_monomial(given["cost"]), [decode_monomial(m) for m in given["fixed"]]
        self.loss = parse_ratio(body["loss"])
        sizes = {**step.certificate["powers"], **body["sizes"]}
        self.sizes = {n: parse_ratio(sizes[n]) for n in self.resources}
        terms = [t for p, place in zip(step.premises, step.certificate["pieces"], strict=True) if "inside" in place
                 for t in theory.steps[p].conclusion["terms"]]
        basis, slopes = step.certificate["basis"], [self.slopes(decode_monomial(t["monomial"])) for t in terms]
        self.tied = [self.slopes(decode_monomial(t["monomial"])) for t in body["tradeoff"]]
        self.others = [row for i, row in enumerate(slopes) if i not in basis]
        self.multipliers = [parse_ratio(m) for m in step.certificate["multipliers"]]

    def slopes(self, monomial: Any) -> list[Ratio]:
        """The exponents of the resources in a monomial."""
        return [monomial.exponent(n) for n in self.resources]

    def write(self) -> None:
        """Placement, then the theorem."""
        self.write_placement()
        facts = self.find_facts()
        goal = _for_all(self.cell, "\n  " + " /\\\n  ".join(self.list_goals()), _ratio_names(self.list_values()))
        self.theory.state(goal, ["intros.", *facts, *self.list_proofs()], f"optimum_{self.step.id}")

    def write_placement(self) -> None:
        """Inside the cells of the terms used, apart from those of the others."""
        for name, place in zip(self.step.premises, self.step.certificate["pieces"], strict=True):
            piece = decode_cell(self.theory.steps[name].cell)
            if "inside" in place:
                for sign, proof in zip(piece.conditions, place["inside"], strict=True):
                    self.theory.prove_positive(sign.positive, self.cell, _read_plain(proof))
            else:
                self.theory.prove_empty(self.cell.meet(piece), decode_weights(place["outside"]))

    def list_values(self) -> list[Ratio]:
        """All rational functions that the theorem mentions."""
        slopes = [x for row in (*self.tied, *self.others) for x in row]
        return [self.loss, *self.sizes.values(), *self.multipliers, *slopes]

    def find_facts(self) -> list[str]:
        """Assertions that the factors which matter have their signs, and that no denominator vanishes."""
        proofs = [p for group in ("signs", "gaps", "sizes") for p in self.step.certificate[group] if p]
        given = dict(found for proof in proofs for part in proof for w in part for found in _read_factor(self.cell, w))
        for factor in _denominators(self.list_values()):
            if factor not in given:
                given[factor] = _certify(factor, self.cell)
        lines = []
        for factor, (sign, weights) in given.items():
            name = self.theory.prove_positive(factor * sign, self.cell, weights)
            lines.append(f"assert (0 < {_write(factor * sign)}) by (apply {name}; assumption).")
            lines.append(f"assert ({_write(factor)} <> 0) by (intro Z; lra).")
        self.signs = {factor: sign for factor, (sign, _) in given.items()}
        return lines

    def at(self, slopes: Sequence[Ratio], places: Sequence[str]) -> str:
        """The exponent of a term at some sizes."""
        return " + ".join(f"{_write(e)} * {x}" for e, x in zip(slopes, places, strict=True) if e) or "0"

    def list_goals(self) -> list[str]:
        """Budget, signs of the sizes, ties, other terms, and the lower bound."""
        here, free = [_write(x) for x in self.sizes.values()], [f"x_{n}" for n in self.resources]
        keep = [self.at(self.slopes(m), here) + f" = {k}" for m, k in ((self.cost, 1), *((m, 0) for m in self.fixed))]
        bound = " \\/ ".join(f"- {_write(self.loss)} <= {self.at(t, free)}" for t in self.tied)
        budget = [self.at(self.slopes(m), free) + f" = {k}" for m, k in ((self.cost, 1), *((m, 0) for m in self.fixed))]
        room = " -> ".join([*budget, *(f"0 <= {x}" for x in free)])
        return [
            *keep, *(f"0 <= {x}" for x in here), *(f"{self.at(t, here)} = - {_write(self.loss)}" for t in self.tied),
            *(f"{self.at(t, here)} <= - {_write(self.loss)}" for t in self.others),
            f"(forall {' '.join(free)} : R, {room} -> {bound})",
        ]

    def list_proofs(self) -> list[str]:
        """A proof for every goal, in the same order."""
        proofs = ["identity."] * (1 + len(self.fixed))
        proofs += [self.compare(x, "0", _write(x)) for x in self.sizes.values()]
        proofs += ["identity."] * len(self.tied)
        point = list(self.sizes.values())
        for slopes in self.others:
            value = sum((e * x for e, x in zip(slopes, point, strict=True)), Ratio.of(0))
            here = self.at(slopes, [_write(x) for x in point])
            proofs.append(self.compare(-self.loss - value, here, f"- {_write(self.loss)}"))
        proofs.append(self.bound_below())
        return ["repeat apply conj.", *(f"- {p}" for p in proofs)]

    def compare(self, difference: Ratio, low: str, high: str) -> str:
        """A proof of low <= high, whose difference is zero or has factors of known sign."""
        if not difference:
            return f"apply Req_le. cut ({high} = {low}); [ intro E; symmetry; exact E | identity ]."
        return f"apply not_above. apply (positive_by _ ({self.signed_product(difference)})); [ identity | positive ]."

    def signed_product(self, value: Ratio) -> str:
        """A rational function as a positive number times factors that are positive on the cell."""
        content, factors = value.factors()
        top: list[str] = []
        bottom: list[str] = []
        for factor, power in factors:
            sign = self.signs.get(factor, 1)
            content = content * sign ** abs(power)
            text = _write(factor * sign)
            (top if power > 0 else bottom).append(f"{text}^{abs(power)}" if abs(power) > 1 else text)
        head = f"({_number(content)})"
        return f"{' * '.join([head, *top])}" + (f" / ({' * '.join(bottom)})" if bottom else "")

    def bound_below(self) -> str:
        """By contradiction: were all terms smaller, so would be their mean, which is not."""
        free, loss = [f"x_{n}" for n in self.resources], _write(self.loss)
        lines = [f"intros {' '.join(free)} {' '.join(f'B{i}' for i in range(1 + len(self.fixed)))} "
                 f"{' '.join(f'P{i}' for i in range(len(free)))}."]
        for i, (slopes, m) in enumerate(zip(self.tied, self.multipliers, strict=True)):
            last = i == len(self.tied) - 1
            lines.append(f"destruct (Rle_lt_dec (- {loss}) ({self.at(slopes, free)})) as [T{i} | T{i}]; "
                         f"[ {'right; ' * i}{'' if last else 'left; '}exact T{i} | ].")
            lines.append(f"assert (M{i} : 0 < {_write(m)}) by (apply (positive_by _ ({self.signed_product(m)})); "
                         "[ identity | positive ]).")
            lines.append(f"assert (G{i} : 0 < {_write(m)} * (- {loss} - ({self.at(slopes, free)}))) by "
                         f"(apply Rmult_lt_0_compat; [ exact M{i} | lra ]).")
        return "\n    ".join([*lines, *self.balance(free)])

    def balance(self, free: Sequence[str]) -> list[str]:
        """The multipliers' identity: the weighted sum of the gaps is minus something that is not negative."""
        proof, loss = self.step.certificate, _write(self.loss)
        gaps = " + ".join(f"{_write(m)} * (- {loss} - ({self.at(t, free)}))"
                          for t, m in zip(self.tied, self.multipliers, strict=True))
        limits = [parse_ratio(x) for x in proof["limits"]]
        omega, kappa = limits[: len(self.fixed)], limits[len(self.fixed) :]
        rest = [f"- ({_write(self.loss)}) * (1 - ({self.at(self.slopes(self.cost), free)}))"]
        rest += [f"- {_write(w)} * ({self.at(self.slopes(m), free)})" for w, m in zip(omega, self.fixed, strict=True)]
        rest += [f"- {_write(k)} * x_{n}" for k, n in zip(kappa, proof["idle"], strict=True)]
        lines = [f"assert (E : {gaps} = {' '.join(rest)}) by identity."]
        for i, (k, n) in enumerate(zip(kappa, proof["idle"], strict=True)):
            lines.append(f"assert (K{i} : 0 <= {_write(k)} * x_{n}) by (apply Rmult_le_pos; [ apply Rlt_le; apply "
                         f"(positive_by _ ({self.signed_product(k)})); [ identity | positive ] | assumption ]).")
        lines += [f"rewrite B{i} in E." for i in range(1 + len(self.fixed))]
        return [*lines, "exfalso. lra."]


def _read_plain(proof: Any) -> Weights:
    """The weights of a polynomial, whose proof has a single list of them."""
    ((weights,), ()) = proof
    return decode_weights(weights)


def _read_factor(cell: Cell, body: Any) -> Iterator[tuple[Ratio, tuple[int, Weights]]]:
    """The factor whose multiple the weights add up to, if it is no constant, with its sign and the weights for it alone."""
    weights = decode_weights(body)
    total = combine_weights(cell, weights)
    if not total.is_constant:
        scale = (total / total.primitive()).constant()
        yield total.primitive(), (1 if scale > 0 else -1, tuple((powers, w / abs(scale)) for powers, w in weights))


def _certify(factor: Ratio, cell: Cell) -> tuple[int, Weights]:
    for sign in (1, -1):
        weights = certify_positive(factor * sign, cell)
        if weights is not None:
            return sign, weights
    raise UndecidedError(f"the sign of the denominator {factor} on the cell {', '.join(cell.texts())} is not certified")


def _denominators(values: Iterable[Ratio]) -> list[Ratio]:
    found = {f for v in values for f, power in v.factors()[1] if power < 0}
    return sorted(found, key=lambda f: (f.degree, str(f)))


def _ratio_names(values: Iterable[Ratio]) -> list[str]:
    return sorted({n for v in values for n in v.names})


def _names(cells: Iterable[Cell]) -> list[str]:
    return sorted({n for c in cells for n in c.names})


def _for_all(cell: Cell, goal: str, more: Iterable[str] = ()) -> str:
    names = sorted({*cell.names, *more})
    quantifier = f"forall {' '.join(names)} : R, " if names else ""
    return quantifier + "".join(f"{_condition(s)} -> " for s in cell.conditions) + goal


def _applied(name: str, arguments: Iterable[str]) -> str:
    return f"({' '.join([name, *sorted(arguments)])})"


def _condition(sign: Sign) -> str:
    return f"{_write(sign.polynomial)} = 0" if sign.relation == "=" else f"0 < {_write(sign.positive)}"


def _conjunction(cell: Cell) -> str:
    return " /\\ ".join(_condition(s) for s in cell.conditions)


def _combination(cell: Cell, weights: Weights) -> str:
    """The weighted sum of products of the cell's conditions."""
    constraints = [_write(s.positive) for s in cell.conditions]
    parts = []
    for powers, weight in weights:
        factors = [f"{c}^{e}" if e > 1 else c for c, e in zip(constraints, powers, strict=True) if e]
        parts.append(" * ".join([f"({_number(weight)})", *factors]))
    return " + ".join(parts) or "0"


def _number(value: Any) -> str:
    numerator, denominator = value.numerator, value.denominator
    return f"{numerator}" if denominator == 1 else f"{numerator} / {denominator}"


def _write(value: Ratio) -> str:
    """A rational function in Coq, in brackets; its denominator as a product of irreducible factors."""
    factors = value.factors()[1]
    bottom = [_polynomial(f) + (f"^{-p}" if p < -1 else "") for f, p in factors if p < 0]
    top = value.numerator if not bottom else value * _product(factors)
    text = _polynomial(top)
    return f"({text} / ({' * '.join(bottom)}))" if bottom else text


def _product(factors: Sequence[tuple[Ratio, int]]) -> Ratio:
    total = Ratio.of(1)
    for factor, power in factors:
        if power < 0:
            total = total * factor**-power
    return total


def _polynomial(value: Ratio) -> str:
    """A polynomial in Coq, in brackets where it is a sum or negative."""
    parts = []
    for powers, coefficient in value.monomials().items():
        factors = [f"{n}^{e}" if e > 1 else n for n, e in powers]
        plain = coefficient >= 0 and coefficient.denominator == 1
        number = _number(coefficient) if plain else f"({_number(coefficient)})"
        parts.append(" * ".join(factors if coefficient == 1 and factors else [number, *factors]))
    text = " + ".join(parts) or "0"
    return text if text.isidentifier() or text.isdigit() or (len(parts) == 1 and text[-1] == ")") else f"({text})"
