"""Functions of SageMaker."""
