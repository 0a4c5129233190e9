"""The customer-managed keys that everything is encrypted with."""
