"""Functions of CloudWatch Logs."""
