"""Bahri, Dyer, Kaplan, Lee, Sharma (2024): explaining neural scaling laws."""
