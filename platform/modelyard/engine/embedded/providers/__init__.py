"""Resource providers: which a request goes to, how they are started and called."""
