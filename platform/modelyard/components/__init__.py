"""What is provisioned: one folder for each component."""
