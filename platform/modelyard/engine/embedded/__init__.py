"""An engine in this process that speaks Pulumi's own protocol."""
