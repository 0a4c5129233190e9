"""What the platform may cost."""
