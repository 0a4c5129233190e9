"""What an environment costs a month: estimated from its resources and a small table of prices."""
