"""What the paper prints, as claims to be judged. Nothing here is used in a derivation.

The minimum of two exponents is written as two cases, each with the region on which it is the smaller one. A region that the
paper prints as a condition is marked `iff`. How each was read: `read` (seen in the text or in the authors' code), `recalled`
(from memory, then written down again).
"""

from __future__ import annotations

from typing import Any, Final

from scaling_sym.claims.bundle import Claim, Source

PAPER: Final = "bordelon2024"
BIBTEX: Final = """@inproceedings{bordelon2024,
  title = {A Dynamical Model of Neural Scaling Laws},
  author = {Bordelon, Blake and Atanasov, Alexander and Pehlevan, Cengiz},
  booktitle = {International Conference on Machine Learning},
  year = {2024}, eprint = {2402.01092}, archivePrefix = {arXiv}
}
"""
CLOSURE: Final = ("mean-field-closure",)
WINDOW: Final = ("mean-field-closure", "uniform-transfer")
SGD: Final = ("deterministic-equivalent", "sgd-follows-volterra", "uniform-transfer", "learning-rate-fraction")
TASK_LIMITS, SPECTRUM_LIMITS = ["a - 1 - 2*b < 0"], ["a - 1 - 2*b > 0"]  # which of a - 1 and 2 b is the smaller one
Part = dict[str, Any]


def printed_claims() -> list[Claim]:
    """The claims of the paper, in the order of its sections; `comparison` adds the steps that judge their regions."""
    return [*_bottlenecks(), *_compute(), *_early(), *_identities(), *_ensemble(), *_sgd(), *_rest()]


def _law(label: str, parts: list[Part], source: Source, iff: bool = False, assumptions: tuple[str, ...] = WINDOW) -> Claim:
    region = parts[0]["cases"][0]["region"] if iff else []
    return Claim(label, "printed-law", {"parts": parts, "iff": iff}, region, assumptions, source)


def _cases(quantity: str, *cases: dict[str, Any]) -> Part:
    return {"quantity": quantity, "cases": list(cases)}


def _power(region: list[str], **power: str) -> dict[str, Any]:
    return {"region": region, "power": power}


def _bottlenecks() -> list[Claim]:
    source = Source(PAPER, "eq. 14", "read")

    def smaller(quantity: str, size: str) -> Part:
        """The printed power of one size, -min(a - 1, 2 b), by its two cases."""
        return _cases(quantity, _power(TASK_LIMITS, **{size: "1 - a"}), _power(SPECTRUM_LIMITS, **{size: "-2*b"}))

    return [
        _law("B-bottleneck/time", [_cases("time", _power([], t="(1 - a)/b"))], source),
        _law("B-bottleneck/model", [smaller("model", "N")], source, assumptions=CLOSURE),
        _law("B-bottleneck/data", [smaller("data", "P")], source, assumptions=CLOSURE),
    ]


def _compute() -> list[Claim]:
    source = Source(PAPER, "eq. 17", "read")

    def cases(quantity: str, form: str) -> Part:
        """A printed power of C in m = min(a - 1, 2 b), by its two cases."""
        return _cases(quantity, *(
            _power(region, C=form.replace("m", smaller))
            for region, smaller in ((TASK_LIMITS, "(a - 1)"), (SPECTRUM_LIMITS, "(2*b)"))
        ))

    special = [_cases("compute/loss", _power(TASK_LIMITS, C="-(a - 1)/(b + 1)"))]
    return [
        _law("B-compute/steps", [cases("compute/steps", "b*m/(a - 1 + b*m)")], source),
        _law("B-compute/size", [cases("compute/size", "(a - 1)/(a - 1 + b*m)")], source),
        _law("B-compute/loss", [cases("compute/loss", "-(a - 1)*m/(a - 1 + b*m)")], source),
        _law("B-compute/special-case", special, source, iff=True),
        _law("B-compute/asymmetry", [_cases("compute/asymmetry", {"region": [], "sign": 1})], source),
    ]


def _early() -> list[Claim]:
    source = Source(PAPER, "early and late time", "read")
    sizes = [_cases("correction/model", _power([], N="-1")), _cases("correction/data", _power([], P="-1"))]
    response = _cases("early/response", _power([], u="-1"))
    return [
        _law("B-early/window", sizes, source),
        _law("B-early/power", [_cases("model", {"region": [], "depends": "a"})], source, assumptions=CLOSURE),
        _law("B-early/eq83", [response], Source(PAPER, "eq. 83", "read", note="the sum over modes in the first order is "
             "printed as its value for large frequencies, M c/p"), assumptions=CLOSURE),
    ]


def _equations(label: str, source: Source, *equations: tuple[str, str, dict[str, str]]) -> Claim:
    said = [{"name": n, "equation": e, "sums": s} for n, e, s in equations]
    return Claim(label, "printed-equation", {"equations": said}, [], CLOSURE, source)


def _identities() -> list[Claim]:
    gap = "C0 + noise - C1 + (R02 + R02_)*C1/P - R02*R02_*C1/P**2"
    white = "M/P*D*g**2 + (1 - M/P + D)*g - 1"
    static = {"F": "lam*w2/(kappa + lam)"}
    under = "(L + sigma2)*(1 - N/P) - (kappa*F + sigma2)"
    sums = {"W1": "lam*w2/(kappa + lam)**2", "W2": "lam**2*w2/(kappa + lam)**2", "K1": "lam/(kappa + lam)**2",
            "K2": "lam**2/(kappa + lam)**2"}
    over = ("L*(N - P)*kappa*K1 - (kappa**2*P*W1 + K2*sigma2)*(N - K2) - kappa**2*K1*(P*W2 + K1*sigma2)")
    return [
        _equations("B-gap", Source(PAPER, "eq. 18", "read"), ("gap", gap, {})),
        _equations("B-white", Source(PAPER, "white spectrum", "recalled"), ("marchenko-pastur", white, {"M": "1"})),
        _equations("B-static", Source(PAPER, "late times", "read"), ("ridgeless-under", under, static),
                   ("ridgeless-over", over, sums)),
    ]


def _ensemble() -> list[Claim]:
    source = Source(PAPER, "eq. 19", "read")
    mode = "lam*w2/((D + lam*R1*R3)*(D_ + lam*R1_*R3_))"
    return [
        _equations("B-ensemble/bias", source, ("bias", "bias - A1", {"A1": mode})),
        _equations("B-ensemble/variance", source, ("ensemble-variance", "(LE - C0x) - (C0 - C0x)/E", {})),
        Claim("B-ensemble/one-larger-model", "printed-ensemble", {"sizes": "E networks of N against one of E*N"}, [], CLOSURE,
              source),
    ]


def _sgd() -> list[Claim]:
    source = Source(PAPER, "one-pass SGD", "read")
    laws = [
        _cases("sgd/time", _power([], r="(1 - a)/b")),
        _cases("sgd/size", _power(["a - 1 - b < 0"], d="1 - a"), _power(["a - 1 - b > 0"], d="-b")),
    ]
    note = "the laws of gradient flow in t and N, as derived here, at fixed learning rate and batch"
    return [
        Claim("B-sgd/no-data-bottleneck", "printed-sgd", {"limited by": "P", "says": False}, [], SGD, source),
        Claim("B-sgd/no-plateau", "printed-sgd", {"plateau": "N = inf", "says": False}, [], SGD, source),
        _law("B-sgd/time-and-size-laws", laws, Source(PAPER, "one-pass SGD", "read", note=note), assumptions=SGD),
    ]


def _rest() -> list[Claim]:
    said = {"b": "2", "tail": "3/20", "predicted": "1/20"}
    note = "CIFAR-5M kernel; after training the kernel decays as k^(-1.4); Wikitext t^(-0.16) + N^(-0.76)"
    return [Claim("B-numbers", "printed-numbers", said, [], WINDOW, Source(PAPER, "measured exponents", "read", note=note))]
