"""The feature store: features served online and kept offline."""
