"""The checker: replays bundles without trusting, or importing, the code that proposed them."""
