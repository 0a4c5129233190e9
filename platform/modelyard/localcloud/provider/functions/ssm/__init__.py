"""Functions of Systems Manager."""
