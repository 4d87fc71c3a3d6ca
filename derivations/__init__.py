"""What is derived, one package a paper."""
