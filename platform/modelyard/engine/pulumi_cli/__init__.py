"""The Pulumi CLI behind the same contract as the embedded engine, on the same programs, providers and state."""

from modelyard.engine.pulumi_cli.engine import PulumiEngine

__all__ = ["PulumiEngine"]
