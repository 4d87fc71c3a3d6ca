"""Bordelon, Atanasov, Pehlevan (2024): a dynamical model of neural scaling laws."""
