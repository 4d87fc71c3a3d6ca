"""The rules: what a step must satisfy, by the name of its rule. What each trusts, and why its check suffices: docs/checker.md."""
