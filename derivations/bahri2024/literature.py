"""What the paper prints, as claims to be judged. Nothing here is used in a derivation.

Dictionary: b = 1 + alpha_K; the random teacher has w_k^2 of order one, a = b; D is P of the mean-field model where it counts
samples, and P is N where it counts features. How each was read: `read`, as in the other papers.
"""

from __future__ import annotations

from typing import Any, Final

from scaling_sym.claims.bundle import Claim, Source

PAPER: Final = "bahri2024"
BIBTEX: Final = """@article{bahri2024,
  title = {Explaining Neural Scaling Laws},
  author = {Bahri, Yasaman and Dyer, Ethan and Kaplan, Jared and Lee, Jaehoon and Sharma, Utkarsh},
  journal = {Proceedings of the National Academy of Sciences},
  volume = {121}, number = {27}, year = {2024}, eprint = {2102.06701}, archivePrefix = {arXiv}
}
"""
CLOSURE: Final = ("mean-field-closure",)
SMOOTH: Final = ("mean-field-closure", "smooth-loss")
AVERAGE: Final = ("smooth-average",)
ISOTROPIC: Final = {"a": "b"}


def printed_claims() -> list[Claim]:
    """The claims of the paper, in the order of its sections."""
    return [*_variance(), *_resolution(), *_features(), *_replica(), *_rest()]


def _claim(label: str, kind: str, statement: dict[str, Any], place: str, assumptions: tuple[str, ...], note: str = "") -> Claim:
    return Claim(label, kind, statement, [], assumptions, Source(PAPER, place, "read", note=note))


def _variance() -> list[Claim]:
    place = "variance-limited scaling"
    return [
        _claim("C-variance/data", "printed-variance", {"side": "data", "power": {"P": "-1"}}, place, SMOOTH + AVERAGE),
        _claim("C-variance/width", "printed-variance", {"side": "width", "power": {"N": "-1"}}, place, SMOOTH + AVERAGE),
    ]


def _resolution() -> list[Claim]:
    place, points = "resolution-limited scaling", ("uniform-points",)
    lipschitz = {"order": "1", "power": {"D": "-1/d"}, "bound": True}
    analytic = {"order": "n", "power": {"D": "-n/d"}, "bound": False}
    linear = {"order": "2", "power": {"D": "-4/d"}, "bound": False}
    return [
        Claim("C-resolution/lipschitz", "printed-distance", lipschitz, [], points, Source(PAPER, place, "read", proved="yes")),
        _claim("C-resolution/analytic", "printed-distance", analytic, place, points),
        _claim("C-resolution/piecewise-linear", "printed-distance", linear, place, points),
    ]


def _features() -> list[Claim]:
    both = [{"quantity": "model", "where": ISOTROPIC, "power": {"N": "1 - b"}},
            {"quantity": "data", "where": ISOTROPIC, "power": {"P": "1 - b"}}]
    tail = [{"quantity": "tail", "where": {}, "power": {"D": "1 - b"}, "constant": "b - 1"}]
    return [
        _claim("C-features", "printed-restricted", {"parts": both}, "random features", CLOSURE),
        _claim("C-tail", "printed-restricted", {"parts": tail}, "eq. 5", ()),
    ]


def _replica() -> list[Claim]:
    loss = {"equations": [{
        "name": "replica", "equation": "(L + sigma2)*(1 - K2/P) - kappa**2*W1 - sigma2",
        "sums": {"K2": "lam**2/(kappa + lam)**2", "W1": "lam*w2/(kappa + lam)**2"},
    }]}
    kappa = [{"quantity": "kappa", "where": ISOTROPIC, "power": {"P": "1 - b"}, "times": {"P": "1"}}]
    share = [{"quantity": "share", "where": ISOTROPIC, "power": {"P": "0"}, "times": {"P": "-1"}}]
    place, note = "replica formula", "kappa of the paper is D times the kappa used here"
    return [
        _claim("C-replica/loss", "printed-equation", loss, place, CLOSURE, note),
        _claim("C-replica/kappa", "printed-restricted", {"parts": kappa}, place, CLOSURE, note),
        _claim("C-replica/gamma", "printed-restricted", {"parts": share}, place, CLOSURE, note),
    ]


def _rest() -> list[Claim]:
    smooth = {"power": {"n": "-(1 + t/d)"}, "needs": "kernels on the torus whose smoothness is exactly t"}
    moment = {"power": {"D": "-alpha"}, "variance": "1/4"}
    unstable = {"base": "y*(1 - alpha*(1 - 1/y**2))", "condition": "1 - (1 - alpha)*y"}
    return [
        _claim("C-dimension", "printed-eigenvalues", smooth, "spectrum and dimension", ("lattice-count",)),
        _claim("C-duality", "printed-exchange", {"exchange": ["N", "P"]}, "duality", CLOSURE),
        _claim("C-moments", "printed-moment", moment, "losses that are not smooth", (),
               "the loss is half of |theta|^(2 alpha); the printed constant is Gamma(alpha + 1/2)/(2^(1 + alpha) sqrt(pi))"),
        _claim("C-unstable", "printed-unstable", unstable, "unstable training", (), "y = exp(2 T/D) = exp(2 beta~)"),
    ]
