"""The models: each equation written once, in SymPy."""
