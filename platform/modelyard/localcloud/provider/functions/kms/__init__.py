"""Functions of KMS."""
