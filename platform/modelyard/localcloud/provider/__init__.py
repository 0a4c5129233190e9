"""The `aws` resource provider of the local cloud: one file per resource type, for both engines."""
