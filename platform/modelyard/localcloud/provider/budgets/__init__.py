"""Cost budgets."""
