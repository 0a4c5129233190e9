"""Functions of SNS."""
