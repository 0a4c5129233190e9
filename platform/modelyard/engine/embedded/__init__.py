"""An engine in this process that speaks Pulumi's own protocol."""

from modelyard.engine.embedded import sdk

sdk.lighten()
