"""What the paper prints, as claims to be judged. Nothing here is used in a derivation.

Each claim has a label, a statement in exact form, the place where it is printed, and how it was read: `read` (seen in the
text or in the authors' code), `recalled` (from memory, then written down again), `model` (follows from the definition). A
condition is read as "if and only if".
"""

from __future__ import annotations

from typing import Any, Final

from scaling_sym.claims.bundle import Claim, Source

PAPER: Final = "paquette2024"
EQUIVALENT, VOLTERRA, UNIFORM, FRACTION = (
    "deterministic-equivalent", "sgd-follows-volterra", "uniform-transfer", "learning-rate-fraction",
)
ALL: Final = (EQUIVALENT, VOLTERRA, UNIFORM, FRACTION)  # what the verdict on a claim about the loss rests on
Q: Final = "(2*alpha + 2*beta - 1)"
BIBTEX: Final = """@inproceedings{paquette2024,
  title = {4+3 Phases of Compute-Optimal Neural Scaling Laws},
  author = {Paquette, Elliot and Paquette, Courtney and Xiao, Lechao and Pennington, Jeffrey},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {37}, year = {2024}, eprint = {2405.15074}, archivePrefix = {arXiv}
}
"""

ROWS: Final[tuple[dict[str, Any], ...]] = (
    {"name": "Ia", "region": ["2*beta - 1 < 0", "2*alpha - 1 > 0"], "tradeoff": ["F_pp", "F_0"],
     "loss": f"{Q}/(2*alpha + 1)", "size": "1/(2*alpha + 1)"},
    {"name": "Ib", "region": ["2*alpha - 1 < 0", "2*beta - 1 < 0", f"{Q} > 0"], "tradeoff": ["F_pp", "F_0"],
     "loss": "alpha + beta - 1/2", "size": "1/2"},
    {"name": "Ic", "region": ["2*beta - 1 > 0", "4*alpha - 1 < 0"], "tradeoff": ["F_pp", "F_0"],
     "loss": f"alpha*{Q}/(alpha*(3 - 2*beta) + 2*beta - 1)", "size": f"{Q}/(2*(alpha*(3 - 2*beta) + 2*beta - 1))"},
    {"name": "II", "region": ["2*beta - 1 > 0", "2*alpha - 1 > 0", "beta - alpha < 0"], "tradeoff": ["F_pp", "F_ac"],
     "loss": f"{Q}/(2*(alpha + beta))", "size": "beta/(alpha + beta)"},
    {"name": "III", "region": ["2*alpha - 1 > 0", "beta - alpha > 0"], "tradeoff": ["K_pp", "F_ac"],
     "loss": "1 - 1/(4*alpha)", "size": "1/2"},
    {"name": "IVa", "region": ["2*beta - 1 > 0", "2*alpha**2 - 4*alpha + 1 < 0", "2*alpha - 1 < 0"],
     "tradeoff": ["K_pp", "F_0"], "loss": "alpha", "size": "1/2"},
    {"name": "IVb", "region": ["2*beta - 1 > 0", "4*alpha - 1 > 0", "2*alpha**2 - 4*alpha + 1 > 0", "alpha - 1 < 0"],
     "tradeoff": ["F_pp", "K_pp"], "loss": f"(1 - 2*alpha)*{Q}/(2*(2*beta - alpha - 2*alpha*beta))",
     "size": "(beta - alpha)/(2*beta - alpha - 2*alpha*beta)"},
)

_PROVED: Final = {"Ib": "for 1/4 < alpha < 1/2", "Ic": "conditionally"}

PIECES: Final[tuple[dict[str, Any], ...]] = (
    {"label": "P-Fpp", "piece": "F_pp", "region": [], "power": {"theta": "-(1 + beta/alpha) + 1/(2*alpha)"},
     "factors": [["polynomial", "1/(2*alpha)"], ["gamma", "beta/alpha - 1/(2*alpha) + 1"]]},
    {"label": "P-Fac", "piece": "F_ac", "region": ["2*alpha - 1 > 0", "2*beta - 1 > 0"],
     "power": {"theta": "-1 + 1/(2*alpha)", "d": "-1"},
     "factors": [["zeta", "2*beta"], ["polynomial", "1/(2*alpha)"], ["gamma", "1 - 1/(2*alpha)"]]},
    {"label": "P-Kpp", "piece": "K_pp", "region": ["4*alpha - 1 > 0"], "power": {"theta": "-2 + 1/(2*alpha)"},
     "factors": [["polynomial", "gamma**2*B"], ["polynomial", "1/(2*alpha)"], ["gamma", "2 - 1/(2*alpha)"]]},
)


def printed_claims() -> list[Claim]:
    """The claims of the paper, in the order of its sections; `comparison` adds the steps that judge their regions."""
    return [_volterra(), _equivalent(), _floor(), *map(_piece, PIECES), _sum(), _stability(), *map(_row, ROWS), _universal(),
            *_finite_size()]


def _volterra() -> Claim:
    statement = {"factor": "1 - 2*gamma*B*u + gamma**2*B*(B + 1)*u**2", "kernel": "gamma**2*B*u**2"}
    return Claim("P-volterra", "printed-volterra", statement, [], (), Source(PAPER, "Volterra equation", "model"))


def _equivalent() -> Claim:
    """With m = R3, z = -D and d = N, in the letters of the mean-field fields."""
    equation = {"name": "resolvent", "equation": "R3 + R3*T1/N - 1", "sums": {"T1": "lam/(D + lam*R1*R3)"}}
    unit = {"name": "infinite-1", "equation": "R1 - 1", "sums": {}}
    source = Source(PAPER, "deterministic equivalent", "read", note="m = R3, z = -D, d = N; R1 = 1 for infinite data")
    return Claim("P-equivalent", "printed-equation", {"equations": [equation, unit]}, [], ("mean-field-closure",), source)


def _finite_size() -> list[Claim]:
    measured = {"at": {"alpha": "7/10", "beta": "7/10"}, "predicted": "643/1000", "measured": "648/1000"}
    slow = {"near": "walls", "approach": "slow"}
    assumptions = ("deterministic-equivalent", "sgd-follows-volterra", "uniform-transfer", "learning-rate-fraction")
    return [
        Claim("P-number", "printed-measured", measured, [], assumptions, Source(PAPER, "measured exponent", "read")),
        Claim("P-slow-near-walls", "printed-slow", slow, [], assumptions, Source(PAPER, "finite-size slopes", "read")),
    ]


def _floor() -> Claim:
    statement = {
        "piece": "F_0", "summand": "lam*target/(1 + lam*omega)", "omega": "kappa*d**(2*alpha)",
        "kappa": {"exponent": "2*alpha", "ratio": "rho"},
        "order": [{"region": ["2*beta - 1 > 0"], "exponent": "-2*alpha"},
                  {"region": ["2*beta - 1 < 0"], "exponent": "-2*alpha + 1 - 2*beta"}],
    }
    return Claim("P-F0", "printed-floor", statement, [], ALL, Source(PAPER, "F_0", "read"))


def _piece(row: dict[str, Any]) -> Claim:
    statement = {k: row[k] for k in ("piece", "power", "factors")}
    source = Source(PAPER, str(row["piece"]), "read", note="valid for 1 << gamma B r << d^(2 alpha)")
    return Claim(str(row["label"]), "printed-piece", statement, row["region"], (EQUIVALENT, UNIFORM), source)


def _sum() -> Claim:
    statement = {"pieces": ["F_pp", "F_ac", "F_0", "K_pp/(gamma B)"], "relation": "up to constants"}
    return Claim("P-sum", "printed-sum", statement, [], ALL, Source(PAPER, "the loss up to constants", "recalled"))


def _stability() -> Claim:
    statement = {
        "norm": "(gamma/2)*lam/(1 - gamma*(B + 1)/2*lam)",
        "learning_rate": [{"region": ["2*alpha - 1 > 0"], "exponent": "0", "log": "0"},
                          {"region": ["2*alpha - 1 = 0"], "exponent": "0", "log": "-1"},
                          {"region": ["2*alpha - 1 < 0"], "exponent": "2*alpha - 1", "log": "0"}],
    }
    return Claim("P-stability", "printed-stability", statement, [], (FRACTION,), Source(PAPER, "stability", "model"))


def _row(row: dict[str, Any]) -> Claim:
    name = str(row["name"])
    statement = {k: row[k] for k in ("name", "tradeoff", "loss", "size")}
    source = Source(PAPER, f"phase table, row {name}", "recalled", proved=_PROVED.get(name, "no"))
    return Claim(f"P-table/{name}", "printed-row", statement, row["region"], ALL, source)


def _universal() -> Claim:
    statement = {"size": "1/2", "phases": ["Ib", "III", "IVa"]}
    return Claim("P-universal", "printed-universal", statement, [], ALL, Source(PAPER, "universal exponent", "recalled"))
