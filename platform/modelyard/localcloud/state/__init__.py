"""What the local cloud remembers: documents of our own, moto's backends, and a snapshot of both."""
