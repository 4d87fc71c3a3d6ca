"""Exact algebra: polynomials, cells, regions, exponents, comparison, terms, expansions. No floats."""
