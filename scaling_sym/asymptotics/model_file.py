"""A loss model as a researcher writes it down: terms, resources and budget as text, in Python or in a TOML file.

    loss_model(
        terms={"capacity": "N**(-a)", "descent": "t**(-b)", "noise": "(t*B)**(-c)"},
        resources=["N", "t", "B"], budget="N*t*B", domain=["a > 0", "b > 0", "c > 0"],
    )

Grammar of a term, a budget and a fixed ratio:

    monomial := power (('*' | '/') power)*
    power    := base ['**' exponent]
    base     := resource | digits | '(' monomial ')'
    exponent := ['-'] (digits | parameter | '(' rational function of parameters ')')

Names in the list of resources are resources; all others are parameters, and may only occur in exponents and
conditions. Constants do not change exponents: they are kept in terms and ignored in the budget, so that 6*N*D may be
written. A condition compares two polynomials, `a > b` or `2*a < 1`. A term that is valid on part of the domain only, or
has another form on another part, is a list of pieces: [{"term": "N**(-a)", "where": ["a < 2"]}, ...].

A file says the same in TOML, with the keys `resources`, `budget`, `domain`, `fixed`, the table `terms`, and `source`, a
remark for people. Laws that are to be judged (`scaling-sym check --model FILE`) stand in it as

    [[claim]]
    name = "few samples"            # optional
    region = ["a < b"]              # optional: without it, the whole domain
    quantity = "loss"               # or a resource
    exponent = "a*b/(a + b)"        # positive: the loss falls, the resource grows, with the budget
    source = "where it is printed"  # optional

Text is never evaluated; sizes are bounded. The bounds hold for reading: to cut a space of many parameters can still take
long (`scaling_sym.cli.own_claims` gives it a limit of time and memory).

Not covered: sums inside a term (give each summand a name), minus signs before a term, logarithms, equality conditions.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NoReturn, TypeAlias, final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import LONGEST, parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.stated import Law
from scaling_sym.claims.files import read_bytes
from scaling_sym.errors import BadInputError

Piece: TypeAlias = Mapping[str, Any]
TermText: TypeAlias = str | Sequence[Piece]

MOST_TERMS: Final = 24
MOST_RESOURCES: Final = 8
MOST_PARAMETERS: Final = 5
MOST_CONDITIONS: Final = 24
LARGEST_FILE: Final = 65_536
_DEEPEST: Final = 20
_LONGEST_NAME: Final = 40
_LONGEST_TEXT: Final = 400
_MOST_DOTS: Final = 100  # the parser's memory grows as the square of the length of a dotted key
_LONGEST_NUMBER: Final = 60
MOST_LAWS: Final = 48
_KEYS: Final = ("terms", "resources", "budget", "domain", "fixed", "source", "claim")
_LAW_KEYS: Final = ("name", "region", "quantity", "exponent", "source")
_NAME = re.compile(r"[A-Za-z][A-Za-z_0-9]*")
_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_][A-Za-z_0-9]*|\*\*|[-+*/()])")


def loss_model(
    terms: Mapping[str, TermText],
    budget: str,
    resources: Sequence[str],
    domain: Sequence[str] = (),
    fixed: Sequence[str] = (),
) -> Problem:
    """The trade-off problem of a loss that is a sum of positive power laws, ready for `phases.find_phases`.

    `terms` maps a name to a monomial in the resources (or to a list of pieces with conditions), `budget` is the
    monomial that is paid for, `domain` lists conditions on the parameters, and `fixed` lists ratios of resources that
    are held constant, such as "D/N". Raises `BadInputError` with one sentence for anything else.
    """
    names = _check_names(resources)
    pieces = [piece for name, text in _check_terms(terms) for piece in _read_term(name, text, names)]
    cost = parse_monomial(budget, names)[1]
    ratios = tuple(parse_monomial(text, names)[1] for text in _check_list(fixed, "fixed", MOST_RESOURCES))
    cell = _read_conditions(_check_list(domain, "domain", MOST_CONDITIONS), names)
    if len(ratios) >= len(names):
        raise BadInputError(f"{len(ratios)} fixed ratios leave nothing to choose among {len(names)} resources")
    if any(not ratio.powers for ratio in ratios):
        raise BadInputError("a fixed ratio contains no resource: a ratio such as D/N is allowed")
    parameters = _collect_parameters(pieces, (cost, *ratios), cell)
    problem = Problem(tuple(pieces), names, Budget(cost, ratios), cell, parameters)
    if not sample_cell(cell, parameters):
        raise BadInputError(f"no point satisfies all conditions of the domain: {', '.join(domain)}")
    return problem


def read_model_file(path: str | os.PathLike[str]) -> Problem:
    """The problem described by a TOML file; raises `BadInputError` with one sentence."""
    return read_laws(path)[0]


def read_laws(path: str | os.PathLike[str]) -> tuple[Problem, tuple[Law, ...]]:
    """The problem described by a TOML file, and the laws claimed for it; raises `BadInputError` with one sentence."""
    content = _read_toml(path)
    unknown = [key for key in content if key not in _KEYS]
    missing = [key for key in ("terms", "resources", "budget") if key not in content]
    if unknown or missing:
        what = f"has the unknown key {_show(unknown[0])}" if unknown else f"lacks the key {missing[0]!r}"
        raise BadInputError(f"{path} {what}: the keys are {', '.join(_KEYS)}")
    claims = content.pop("claim", [])
    _check_text(content.pop("source", ""), "source")
    problem = loss_model(**content)
    if not isinstance(claims, list) or len(claims) > MOST_LAWS:
        raise BadInputError(f"claims are at most {MOST_LAWS} tables [[claim]], not {_show(claims)}")
    laws = tuple(_read_law(claim, number, problem) for number, claim in enumerate(claims, 1))
    names = [law.name for law in laws]
    if len(set(names)) != len(names):
        raise BadInputError("two claims have one name: each name is allowed once")
    return problem, laws


def _read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    data = read_bytes(path, LARGEST_FILE)
    if len(data) > LARGEST_FILE:
        raise BadInputError(f"{path} is longer than the {LARGEST_FILE} bytes that a model file may have")
    if max(line.count(b".") for line in data.split(b"\n")) > _MOST_DOTS:
        raise BadInputError(f"{path} has a line with more than {_MOST_DOTS} dots: a model file has no dotted keys")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadInputError(f"{path} is not a TOML file: {reason}") from error


def _read_law(claim: object, number: int, problem: Problem) -> Law:
    if not isinstance(claim, Mapping) or not {"quantity", "exponent"} <= set(claim) <= set(_LAW_KEYS):
        keys = ", ".join(_LAW_KEYS)
        raise BadInputError(f"claim {number} is {_show(claim)}: quantity and exponent are needed, the keys are {keys}")
    name = _check_text(claim.get("name", f"claim {number}"), "name")
    quantity, allowed = claim["quantity"], ("loss", *problem.resources)
    if quantity not in allowed or "loss" in problem.resources:
        raise BadInputError(f"the quantity {_show(quantity)} of {name} is unknown: {', '.join(allowed)} are allowed "
                            "(and no resource may be called loss)")
    region = _check_list(claim.get("region", ()), "region", MOST_CONDITIONS)
    cell, exponent = _read_conditions(region, problem.resources), parse_ratio(claim["exponent"])
    unknown = sorted({*cell.names, *exponent.names} - {*problem.names})
    if unknown:
        raise BadInputError(f"{name} contains {unknown[0]}: the parameters are {', '.join(problem.names)}")
    return Law(name, cell, str(quantity), exponent, _check_text(claim.get("source", ""), "source"))


def _check_text(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise BadInputError(f"{what} is one line of at most {_LONGEST_TEXT} characters, not {_show(value)}")
    return value


def parse_monomial(text: str, resources: Sequence[str]) -> tuple[Constant, Monomial]:
    """Read a monomial in the resources and its positive constant; raises `BadInputError` with one sentence."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadInputError(f"a monomial is text of at most {LONGEST} characters, not {_show(text)}")
    reader = _MonomialReader(text, tuple(resources))
    value = reader.read_product(0)
    if reader.tokens:
        reader.refuse(f"unexpected {reader.tokens[0]!r}")
    return value


def _check_names(resources: object) -> tuple[str, ...]:
    names = _check_list(resources, "resources", MOST_RESOURCES)
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise BadInputError(f"{_show(name)} is no name of a resource: letters, digits and _ are allowed")
    if not names or len(set(names)) != len(names):
        raise BadInputError("the list of resources needs at least one name, and each name once")
    return tuple(names)


def _check_terms(terms: object) -> list[tuple[str, Any]]:
    if not isinstance(terms, Mapping) or not 0 < len(terms) <= MOST_TERMS:
        raise BadInputError(f"terms are a table of 1 to {MOST_TERMS} names, each with its monomial")
    for name in terms:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise BadInputError(f"{_show(name)} is no name of a term: letters, digits and _ are allowed")
    return list(terms.items())


def _check_list(value: object, what: str, most: int) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value) or len(value) > most:
        raise BadInputError(f"{what} is a list of at most {most} texts, not {_show(value)}")
    return list(value)


def _read_term(name: str, text: object, resources: Sequence[str]) -> list[Term]:
    pieces = [{"term": text}] if isinstance(text, str) else text
    if not isinstance(pieces, list | tuple) or not 0 < len(pieces) <= MOST_TERMS:
        raise BadInputError(f"the term {name} is {_show(text)}: a monomial, or a list of pieces, is allowed")
    terms = []
    for piece in pieces:
        if not isinstance(piece, Mapping) or "term" not in piece or not set(piece) <= {"term", "where"}:
            raise BadInputError(f"a piece of the term {name} is a table of `term` and `where`, not {_show(piece)}")
        constant, monomial = parse_monomial(piece["term"], resources)
        where = _check_list(piece.get("where", ()), "where", MOST_CONDITIONS)
        terms.append(Term(monomial, constant, cell=_read_conditions(where, resources), name=name))
    return terms


def _read_conditions(texts: Iterable[str], resources: Sequence[str]) -> Cell:
    signs = []
    for text in texts:
        match = re.fullmatch(r"([^<>=]+)([<>])([^<>=]+)", text) if len(text) <= LONGEST else None
        if match is None:
            raise BadInputError(f"{_show(text)} is not a condition: A > B or A < B with polynomials A, B is allowed")
        difference = parse_ratio(match[1]) - parse_ratio(match[3])
        used = sorted({*difference.names} & {*resources})
        if used:
            raise BadInputError(f"the condition {_show(text)} contains the resource {used[0]}: parameters are allowed")
        if difference.denominator != 1 or difference.is_constant:
            raise BadInputError(f"{_show(text)} is not a condition: it must compare polynomials in the parameters")
        signs.append(Sign.of(difference, match[2]))
    return Cell.of(signs)


def _collect_parameters(terms: Sequence[Term], monomials: Sequence[Monomial], cell: Cell) -> tuple[str, ...]:
    exponents = [e for m in (*monomials, *(t.monomial for t in terms)) for _, e in m.powers]
    names = {n for e in exponents for n in e.names}.union(cell.names, *(t.cell.names for t in terms))
    if not 0 < len(names) <= MOST_PARAMETERS:
        raise BadInputError(
            f"the model has {len(names)} parameters ({', '.join(sorted(names))}): 1 to {MOST_PARAMETERS} are allowed"
        )
    return tuple(sorted(names))


def _show(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


@final
class _MonomialReader:
    """A recursive-descent reader; `tokens` are those that are still to be read."""

    def __init__(self, text: str, resources: tuple[str, ...]) -> None:
        self.text, self.resources, self.tokens = text, resources, list[str]()
        place = 0
        while text[place:].strip():
            match = _TOKEN.match(text, place)
            if match is None:
                self.refuse(f"unknown sign {text[place:].strip()[0]!r}")
            self.tokens.append(match[1])
            place = match.end()

    def refuse(self, why: str) -> NoReturn:
        """Raise `BadInputError` with the reason, and what is allowed."""
        raise BadInputError(
            f"{_show(self.text)} is not a monomial ({why}): products and quotients of powers of the resources "
            f"{', '.join(self.resources)} are allowed, such as {self.resources[0]}**(-a)"
        )

    def peek(self) -> str:
        """The next token, or nothing at the end."""
        return self.tokens[0] if self.tokens else ""

    def take(self) -> str:
        """The next token, which is used up; refuses at the end."""
        if not self.tokens:
            self.refuse("it ends too early")
        return self.tokens.pop(0)

    def read_product(self, depth: int) -> tuple[Constant, Monomial]:
        """A product or quotient of powers."""
        constant, monomial = self.read_power(depth)
        while self.peek() in ("*", "/"):
            sign = self.take()
            factor, powers = self.read_power(depth)
            constant = constant * factor if sign == "*" else constant / factor
            monomial = monomial * (powers if sign == "*" else powers**-1)
        return constant, monomial

    def read_power(self, depth: int) -> tuple[Constant, Monomial]:
        """A base with its exponent, where it has one."""
        constant, monomial = self.read_base(depth)
        if self.peek() != "**":
            return constant, monomial
        self.take()
        exponent = self.read_exponent()
        if self.peek() == "**":
            self.refuse("a power of a power needs brackets")
        if constant.factors or constant.coefficient != 1:
            if exponent.is_constant and abs(exponent.constant()) > _LONGEST_NUMBER:
                self.refuse(f"a number to a power above {_LONGEST_NUMBER}")
            constant = constant**exponent
        return constant, monomial**exponent

    def read_base(self, depth: int) -> tuple[Constant, Monomial]:
        """A number, a resource, or a product in brackets."""
        token = self.take()
        if token == "(":
            if depth >= _DEEPEST:
                self.refuse(f"brackets nested deeper than {_DEEPEST}")
            value = self.read_product(depth + 1)
            if self.take() != ")":
                self.refuse("sums inside brackets, or a bracket that is not closed")
            return value
        if token.isdigit():
            if len(token) > _LONGEST_NUMBER or not int(token):
                self.refuse("a number that is zero or too long")
            return Constant(Fraction(int(token))), Monomial()
        if token in self.resources:
            return Constant(), Monomial.of({token: 1})
        named = _NAME.fullmatch(token)
        reason = "is not among the resources, and parameters stand in exponents only" if named else "is unexpected"
        return self.refuse(f"{token} {reason}")

    def read_exponent(self) -> Ratio:
        """The exponent behind `**`: a formula in brackets, or one word with its sign."""
        negative = self.peek() == "-"
        if negative:
            self.take()
        first = self.take()
        words = [first]
        if first == "(":
            depth = 1
            while depth:
                words.append(self.take())
                depth += {"(": 1, ")": -1}.get(words[-1], 0)
        elif not (first.isdigit() or _NAME.fullmatch(first)):
            self.refuse(f"unexpected {first!r} in an exponent")
        value = parse_ratio(" ".join(words))
        used = [n for n in value.names if n in self.resources]
        if used:
            self.refuse(f"the resource {used[0]} stands in an exponent")
        return -value if negative else value
