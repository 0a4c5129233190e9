"""A private network for everything that computes."""
