"""Scaling-Sym: symbolic derivation and verification of neural scaling laws.

Importing this package loads nothing heavy; the parts (`scaling_sym.algebra`, `scaling_sym.numerics`, ...) are
imported where they are used.
"""

__version__ = "0.1.0"
