"""Functions of Secrets Manager."""
