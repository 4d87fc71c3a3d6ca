"""Claims, steps, assumptions, sources, and the bundle that carries them."""
