"""Branches' stacks as the command line works on them: found, made, looked at, taken away."""
