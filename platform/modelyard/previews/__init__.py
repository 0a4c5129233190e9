"""Stacks of branches: their names, their records, and taking all of them away."""
