"""Paquette, Paquette, Xiao, Pennington (2024): 4+3 phases of compute-optimal neural scaling laws."""
