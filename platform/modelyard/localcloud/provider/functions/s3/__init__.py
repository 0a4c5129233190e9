"""Functions of S3."""
