"""Functions of SQS."""
