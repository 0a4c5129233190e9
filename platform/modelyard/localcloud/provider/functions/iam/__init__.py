"""Functions of IAM."""
