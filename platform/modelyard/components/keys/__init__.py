"""The customer-managed key that everything is encrypted with."""
