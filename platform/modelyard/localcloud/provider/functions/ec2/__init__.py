"""Functions of EC2."""
