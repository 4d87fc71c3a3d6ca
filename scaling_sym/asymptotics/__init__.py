"""The moves of the derivations, one rule a file. They propose; `proofs_check` checks."""
