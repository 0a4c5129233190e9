"""Logs, alarms and events, as `pulumi_aws` groups them."""
