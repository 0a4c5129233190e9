"""Functions of ECR."""
