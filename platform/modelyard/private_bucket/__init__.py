"""A bucket as every component makes it."""
