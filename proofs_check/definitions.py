"""The checker's own copy of the models that are written as linear fields; a step `define` must say exactly this.

Trusted: that these are the models meant. See `scaling_sym.models.dmft` for the words; a test compares the two.
"""

from __future__ import annotations

from typing import Any, Final

DEFINITIONS: Final[dict[str, dict[str, Any]]] = {"dmft": {"model": "dmft",
          "mode-symbols": ["lam", "w2"],
          "groups": [{"v0": "D*v0 + v4 - w", "v2": "-R1*lam*v0 - u2 + v2", "v4": "-R3*v2 - u4 + v4"},
                     {"v1": "-u1 + v1 - R02*v1/P"},
                     {"v3": "-u3 + v3 - R24*v3/N"}],
          "sources": {"w": "w2", "u1": "C0 + noise", "u2": "C1*lam/P", "u3": "C2", "u4": "C3/N"},
          "pair": {"w": "w2", "u1": "C0x + noise", "u2": "C1x*lam/P", "u3": "0", "u4": "0"},
          "relations": {"ensemble": "-C0/E - C0x*(1 - 1/E) + LE"},
          "totals": {"R1": ["response", "v1", "u1", ""],
                     "R3": ["response", "v3", "u3", ""],
                     "R02": ["response", "v0", "u2", "lam"],
                     "R24": ["response", "v2", "u4", "1"],
                     "C0": ["correlation", "v0", "", "lam"],
                     "C1": ["correlation", "v1", "", ""],
                     "C2": ["correlation", "v2", "", "1"],
                     "C3": ["correlation", "v3", "", ""],
                     "bias": ["mean", "v0", "w", "lam"],
                     "C0x": ["pair", "v0", "", "lam"],
                     "C1x": ["pair", "v1", "", ""]}},
 "noisy-sgd": {"model": "noisy-sgd", "relations": {"renewal": "-floor - norm*total - sigma2 + total"}}}

_DMFT: Final = DEFINITIONS["dmft"]
_LINES: Final = {  # each optimiser's update of v0, and the correlation of the label noise, constant in time
    "dmft-descent": ("-beta*(v0 - v0/z - w) + eta*v4 - v0 + z*(v0 - w)", "sigma2*z*z_/((z - 1)*(z_ - 1))"),
    "dmft-momentum": ("beta*(p**2*v0 - p*w) + p*v0 + v4 - w", "sigma2/(p*p_)"),
}
DEFINITIONS.update({name: {
    **_DMFT, "model": name, "groups": [{**_DMFT["groups"][0], "v0": update}, *_DMFT["groups"][1:]],
    "sources": {**_DMFT["sources"], "u1": f"C0 + {constant}"}, "pair": {**_DMFT["pair"], "u1": f"C0x + {constant}"},
    "sets": {"w": "w2", "u1": "0", "u2": "0", "u3": "C2y", "u4": "C3y/N"},
    "relations": {"committee": "-C0 - C0x*(E - 1) - C0y*(K - 1) + E*K*LM - bias*(E - 1)*(K - 1)",
                  "bagging": "-C0 + E*LB - bias*(E - 1)"},
    "totals": {**_DMFT["totals"], "C0y": ["sets", "v0", "", "lam"], "C2y": ["sets", "v2", "", "1"],
               "C3y": ["sets", "v3", "", ""]},
} for name, (update, constant) in _LINES.items()})
DEFINITIONS["dmft-online"] = {
    "model": "dmft-online", "mode-symbols": ["lam", "w2"], "relations": {},
    "groups": [{"v0": _LINES["dmft-descent"][0], "v2": "-lam*v0 - u2 + v2", "v4": "-R3*v2 - u4 + v4"}, _DMFT["groups"][2]],
    "sources": {"w": "w2", "u2": "Q*lam/B", "u3": "C2", "u4": "C3/N"},
    "pair": {"w": "w2", "u2": "Qx*lam/B", "u3": "0", "u4": "0"},
    "totals": {k: _DMFT["totals"][k] for k in ("R3", "R24", "C0", "C2", "C3", "bias", "C0x")},
}
