"""Exports: LaTeX, explanations, tables, figures, reports, made from bundles and verdicts."""
