"""What notebooks show of the results: tables with a row for each value, and LaTeX that balances."""

from __future__ import annotations

from fractions import Fraction as Fr
from html.parser import HTMLParser

import pytest

from scaling_sym.numerics import dmft, plrf
from scaling_sym.numerics.frontier import Family, frontier
from scaling_sym.numerics.notebook import show_curve_latex, show_number_latex, show_table
from scaling_sym.numerics.plrf_model import PlrfModel
from scaling_sym.numerics.simulate import PLRFModel, simulate_plrf


class Cells(HTMLParser):
    """The cells of a table, row by row; refuses tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] in ("td", "th"):
            self.rows[-1].append(data)


@pytest.fixture(scope="module")
def curve() -> plrf.LossCurve:
    model = PlrfModel.of(Fr(4, 5), Fr(11, 10), 1000, gamma_fraction=Fr(1, 2))
    return plrf.loss_curve(model, [0, 10, 1000])


def test_a_curve_shows_its_values(curve: plrf.LossCurve) -> None:
    rows = Cells(curve._repr_html_()).rows
    assert rows[0][:3] == ["steps", "loss", "error"]
    assert [float(row[1]) for row in rows[1:]] == pytest.approx(curve.loss.tolist(), rel=1e-5)  # six digits are shown
    text = curve._repr_latex_()
    assert text.count("{array}") == 2
    assert text.count(r"\\") == 3
    assert text.count("{") == text.count("}")


def test_other_results_show_tables() -> None:
    points = frontier(Family.of(Fr(4, 5), Fr(11, 10)), [10**6])
    assert len(Cells(points._repr_html_()).rows) == 2
    found = simulate_plrf(PLRFModel(0.8, 0.8, 4, 6, 0.1), [0, 1, 2], runs=4)
    assert len(Cells(found._repr_html_()).rows) == 4
    assert found._repr_latex_().count("&") == 8
    mean_field = dmft.loss_curve(dmft.DmftModel(1.9, 1.3, 50.0, 60.0, modes=100.0), [1.0, 10.0])
    assert Cells(mean_field._repr_html_()).rows[1][0] == "1"


def test_long_tables_are_cut_and_text_is_escaped() -> None:
    rows = Cells(show_table({"<x>": list(range(100))}, "a & b")).rows
    assert rows[0] == ["<x>"]
    assert len(rows) == 22
    assert (rows[1], rows[-1]) == (["0"], ["99"])
    assert r"\vdots" in show_curve_latex(range(100), [1.0] * 100, [0.0] * 100)


def test_powers_of_ten_are_written_out() -> None:
    assert show_number_latex(1.5e-9) == r"1.5\cdot10^{-9}"
    assert show_number_latex(0.25) == "0.25"
