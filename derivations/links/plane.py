"""What the papers say of each other: that their models are one model where they overlap, as steps and claims.

For infinite data the two-time solution of the mean-field model is (S - S_)/(D_ - D), so that its loss depends on t + t' alone:
it is the forcing function of power-law random features, whose resolvent equation is that of R3. With lambda = k^(-b) and
w^2 = k^(b-a) window and floor of the one are those of the other at alpha = b/2, beta = (a-b)/2, theta = 2 t: from just these
equations the bundle of bordelon2024 derives its loss at infinite data (`derivations.bordelon2024.flow`).

The dictionary, the phases in the other letters and the disagreements are tables (`scaling_sym.export.dictionary`).
"""

from __future__ import annotations

from typing import Final

from derivations.bordelon2024.equations import Equations2024
from derivations.links.literature import PAPER
from scaling_sym.claims.assumptions import quote_assumptions
from scaling_sym.claims.bundle import Bundle, Claim, Source
from scaling_sym.claims.recorder import Recorder

EQUATIONS: Final = (("forcing", "forcing"), ("resolvent", "resolvent"), ("infinite-1", "infinite-data"))


def build_bundle() -> Bundle:
    """The identity in the Laplace variables, as steps and claims."""
    recorder = Recorder("s")
    equations = Equations2024(recorder, whole=False)
    claims = []
    for name, step in EQUATIONS:
        statement = recorder.state_equation(name, equations.known[name], equations.sums, equations.steps[step])
        claims.append(Claim(f"links/equations/{name}", "equation", statement, [], ("mean-field-closure",), _source(),
                            (equations.steps[step],)))
    return Bundle(PAPER, quote_assumptions(("mean-field-closure",)), recorder.list_used(claims), tuple(claims))


def _source() -> Source:
    return Source(PAPER, "derived from the models' equations", "derived")
