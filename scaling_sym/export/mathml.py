r"""MathML of the formulas that this project writes: a reader for its own small part of LaTeX.

Algorithm. The text is cut into tokens; a recursive descent reads groups, commands with their arguments, scripts, stretched
brackets and `aligned` blocks into a tree, which is printed as MathML Core. Every formula carries its LaTeX in an annotation,
so that a copy of it is LaTeX again; a screen reader has the MathML.

What is read is exactly what `latex`, `prose` and `statements` write: fractions, roots, scripts, Greek letters, relations,
sums, integrals, upright words, `\left ... \right`, `aligned`. Anything else is a `BadInputError` that names the command, so
that nothing is shown in part.

Not covered: LaTeX in general, macros, numbers of equations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final, final

from scaling_sym.errors import BadInputError
from scaling_sym.export.letters import GREEK

_TOKEN: Final = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)
_RELATIONS: Final = {
    "asymp": "≍", "sim": "∼", "simeq": "≃", "approx": "≈", "equiv": "≡", "propto": "∝", "le": "≤", "leq": "≤", "ge": "≥",
    "geq": "≥", "neq": "≠", "ne": "≠", "ll": "≪", "gg": "≫", "lesssim": "≲", "gtrsim": "≳", "to": "→", "rightarrow": "→",
    "mapsto": "↦", "leftrightarrow": "↔", "in": "∈", "pm": "±", "mp": "∓", "cdot": "⋅", "times": "×", "circ": "∘", "mid": "∣",
    "Rightarrow": "⇒", "iff": "⇔", "langle": "⟨", "rangle": "⟩", "lt": "<", "gt": ">", "ast": "∗",
    "wedge": "∧", "vee": "∨", "cup": "∪", "cap": "∩",
}
_SYMBOLS: Final = {"pi": "π", "infty": "∞",
                   "star": "⋆", "partial": "∂", "ell": "ℓ", "nabla": "∇", "ldots": "…", "dots": "…", "cdots": "⋯",
                   "emptyset": "∅", "varepsilon": "ε", "prime": "′", "hbar": "ℏ", "surd": "√"}
_LARGE: Final = {"sum": "∑", "prod": "∏", "int": "∫", "iint": "∬", "oint": "∮"}
_NAMED: Final = ("log", "sin", "cos", "exp", "max", "min", "lim", "inf", "sup", "det", "ln", "arg", "tan")
_SPACES: Final = {",": "0.17em", ":": "0.22em", ";": "0.28em", " ": "0.25em", "quad": "1em", "qquad": "2em", "!": "-0.17em"}
_ACCENTS: Final = {"hat": "^", "bar": "¯", "tilde": "~", "dot": "˙", "vec": "→", "widehat": "^", "overline": "¯"}
_ALPHABETS: Final = {"mathcal": "script", "mathscr": "script", "mathbb": "double-struck", "mathbf": "bold"}
_SCRIPT_LETTERS: Final = str.maketrans({"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"})
_FIXED: Final = {"{": "{", "}": "}", "_": "_", "%": "%", "#": "#", "&": "&", "$": "$", "|": "‖"}
_OPENING, _CLOSING = "([⟨{", ")]⟩}"


def write_mathml(latex: str, block: bool = False, annotate: bool = True) -> str:
    """A formula as a `math` element; raises `BadInputError` for LaTeX outside the part that is read."""
    body = _Reader(latex).read_all()
    note = f'<annotation encoding="application/x-tex">{escape(latex, quote=False)}</annotation>' if annotate else ""
    inside = f"<semantics>{_row(body)}{note}</semantics>" if annotate else "".join(body)
    return f'<math display="block">{inside}</math>' if block else f"<math>{inside}</math>"


def _row(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _operator(sign: str, stretchy: bool = False) -> str:
    plain = ' stretchy="false"' if sign in "()[]{}|‖⟨⟩" and not stretchy else ""
    return f"<mo{plain}>{escape(sign, quote=False)}</mo>"


def _space(width: str) -> str:
    return f'<mspace width="{width}"></mspace>'


@final
class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = _TOKEN.findall(text)
        self.place = 0

    def read_all(self) -> list[str]:
        """All elements of the formula; refuses where something is left over."""
        parts = self._read_until(())
        if self.place < len(self.tokens):
            raise self._refuse(self.tokens[self.place])
        return parts

    def _refuse(self, token: str) -> BadInputError:
        return BadInputError(f"the formula {self.text[:60]!r} cannot be written as MathML: {token!r} is not among what is read")

    def _peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise self._refuse("its end")
        self.place += 1
        return token

    def _read_until(self, ends: Sequence[str]) -> list[str]:
        """Elements up to one of the ends, which is not taken."""
        parts: list[str] = []
        while (token := self._peek()) and token not in ends:
            if token.isspace():
                self.place += 1
            else:
                parts.append(self._read_scripted())
        if ends and not token:
            raise self._refuse("its end")
        return parts

    def _read_scripted(self) -> str:
        """An element with the indices and exponents that follow it."""
        large = self._peek().removeprefix("\\") in _LARGE and self._peek().startswith("\\")
        limits = large and self._peek() in ("\\sum", "\\prod")
        base = "<mrow></mrow>" if self._peek() in ("_", "^") else self._read_element()
        found: dict[str, str] = {}
        while self._peek() in ("_", "^"):
            mark = self._next()
            if mark in found:
                raise self._refuse(mark)
            found[mark] = self._read_argument()
        below, above = found.get("_"), found.get("^")
        kinds = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
        if below and above:
            return f"<{kinds[2]}>{base}{below}{above}</{kinds[2]}>"
        if below or above:
            kind = kinds[0] if below else kinds[1]
            return f"<{kind}>{base}{below or above}</{kind}>"
        return base

    def _read_argument(self) -> str:
        """A group in braces, or one sign: of several digits the first."""
        while self._peek().isspace():
            self.place += 1
        token = self._peek()
        if token[:1].isdigit() and len(token) > 1:
            self.tokens[self.place : self.place + 1] = [token[0], token[1:]]
        return self._read_group() if token == "{" else self._read_element()

    def _read_group(self) -> str:
        self._expect("{")
        parts = self._read_until(("}",))
        self._expect("}")
        return _row(parts)

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise self._refuse(self.tokens[self.place - 1])

    def _read_element(self) -> str:
        token = self._peek()
        if token == "{":
            return self._read_group()
        if token in ("", "}", "&", "_", "^", "$", "#", "%", "~"):
            raise self._refuse(token)
        self.place += 1
        if token.startswith("\\"):
            return self._read_command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        if token == "'":
            return "<mo>′</mo>"
        if token in "([":
            return self._read_plain_brackets(token)
        return _operator("−" if token == "-" else token)

    def _read_command(self, name: str) -> str:
        for table in (_RELATIONS, _FIXED):
            if name in table:
                return _operator(table[name])
        if name in GREEK:
            upright = ' mathvariant="normal"' if name[0].isupper() else ""
            return f"<mi{upright}>{GREEK[name]}</mi>"
        if name in _SYMBOLS:
            return f"<mi>{_SYMBOLS[name]}</mi>"
        if name in _LARGE:
            return f"<mo>{_LARGE[name]}</mo>"
        if name in _NAMED:
            return f"<mi>{name}</mi>" + ("" if self._peek() in ("(", "[", "_", "^", "\\left", "\\,") else _space("0.17em"))
        if name in _SPACES:
            return _space(_SPACES[name])
        if name in ("textstyle", "displaystyle"):  # the size is the reader's choice
            return ""
        return self._read_structure(name)

    def _read_structure(self, name: str) -> str:
        match name:
            case "frac" | "tfrac" | "dfrac":
                above = self._read_argument()
                return f"<mfrac>{above}{self._read_argument()}</mfrac>"
            case "sqrt":
                return f"<msqrt>{self._read_argument()}</msqrt>"
            case "text":
                return f"<mtext>{self._read_words()}</mtext>"
            case "mathrm" | "operatorname" | "mathtt" | "mathit":
                return f'<mi mathvariant="normal">{self._read_words()}</mi>'
            case "left":
                return self._read_brackets()
            case "begin":
                return self._read_block()
        if name in _ACCENTS:
            return f'<mover accent="true">{self._read_argument()}<mo>{_ACCENTS[name]}</mo></mover>'
        if name in _ALPHABETS:
            return self._read_alphabet(name)
        raise self._refuse("\\" + name)

    def _read_alphabet(self, name: str) -> str:
        letter = self._read_words()
        if _ALPHABETS[name] == "script":
            shown = letter.translate(_SCRIPT_LETTERS)
            plain = "".join(c if c in "ℬℰℱℋℐℒℳℛ" else chr(0x1D49C + ord(c) - ord("A")) if "A" <= c <= "Z" else c for c in shown)
            return f"<mi>{plain}</mi>"
        double = {"R": "ℝ", "E": "𝔼", "N": "ℕ", "Z": "ℤ", "P": "ℙ", "C": "ℂ"}
        return f"<mi>{double.get(letter, letter) if name == 'mathbb' else letter}</mi>"

    def _read_words(self) -> str:
        """The words of a group, with the signs that are escaped in it."""
        while self._peek().isspace():
            self.place += 1
        if self._peek() != "{":
            return escape(self._next(), quote=False)
        self.place += 1
        words, depth = "", 1
        while True:
            token = self._next()
            depth += (token == "{") - (token == "}")
            if not depth:
                return escape(words, quote=False).replace(" ", "\u00a0")
            if token in ("{", "}"):
                continue
            if token.startswith("\\"):
                token = self._read_sign(token[1:])
            words += token

    def _read_sign(self, name: str) -> str:
        """A command inside words."""
        if name in ("textasciicircum", "^"):
            return "^"
        if name in ("textasciitilde", "~"):
            return "~"
        if name in ("ensuremath", "text", "mathrm"):
            return ""
        for table in (_FIXED, GREEK, _RELATIONS, _SYMBOLS):
            if name in table:
                return table[name]
        if name in _SPACES:
            return " "
        raise self._refuse("\\" + name)

    def _read_plain_brackets(self, opening: str) -> str:
        """What stands between ( and ), in a row of its own, to which an exponent belongs; a bracket alone is a sign."""
        closing = {"(": ")", "[": "]"}[opening]
        if not self._is_closed(opening, closing):
            return _operator(opening)
        inside = self._read_until((closing,))
        self._expect(closing)
        return f"<mrow>{_operator(opening)}{''.join(inside)}{_operator(closing)}</mrow>"

    def _is_closed(self, opening: str, closing: str) -> bool:
        """Whether the bracket that was just read is closed within its group, column and stretched brackets."""
        depth, groups, before = 1, 0, ""
        for token in self.tokens[self.place :]:
            before, last = token, before
            if last in ("\\left", "\\right"):
                continue
            groups += (token in ("{", "\\left", "\\begin")) - (token in ("}", "\\right", "\\end"))
            if groups < 0 or (not groups and token in ("&", "\\\\")):
                return False
            if not groups:
                depth += (token == opening) - (token == closing)
                if not depth:
                    return True
        return False

    def _read_brackets(self) -> str:
        opening = self._read_bracket()
        inside = self._read_until(("\\right",))
        self._expect("\\right")
        return f"<mrow>{opening}{''.join(inside)}{self._read_bracket()}</mrow>"

    def _read_bracket(self) -> str:
        token = self._next()
        if token == ".":
            return ""
        sign = _RELATIONS.get(token[1:], _FIXED.get(token[1:], "")) if token.startswith("\\") else token
        if not sign or sign not in _OPENING + _CLOSING + "|‖":
            raise self._refuse(token)
        return f"<mo>{sign}</mo>" if sign in "([{)]}" else f'<mo stretchy="true">{sign}</mo>'  # the former stretch by themselves

    def _read_block(self) -> str:
        """An `aligned` or `cases` block: rows and columns."""
        kind = self._read_words()
        if kind not in ("aligned", "cases"):
            raise self._refuse(f"\\begin{{{kind}}}")
        rows: list[list[str]] = [[]]
        while True:
            rows[-1].append(_row(self._read_until(("&", "\\\\", "\\end"))))
            token = self._next()
            if token == "\\end":
                break
            if token == "\\\\":
                rows.append([])
        if self._read_words() != kind:
            raise self._refuse("\\end")
        body = "".join("<mtr>" + "".join(f"<mtd>{cell}</mtd>" for cell in row) + "</mtr>" for row in rows)
        opening = '<mo stretchy="true">{</mo>' if kind == "cases" else ""
        return f'<mrow>{opening}<mtable class="{kind}" displaystyle="true">{body}</mtable></mrow>'
