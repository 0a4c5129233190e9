"""How a Pulumi program is run."""
