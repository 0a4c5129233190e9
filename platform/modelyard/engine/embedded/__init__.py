"""An engine in this process that speaks Pulumi's own protocol."""

from modelyard.engine.embedded.program import sdk

sdk.lighten()
