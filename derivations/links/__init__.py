"""What the papers say of each other."""
