"""The provider's own configuration: checked as the real one's, and read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelyard.localcloud.provider import schema
from modelyard.localcloud.provider.check import Failure, failures
from modelyard.localcloud.provider.coerce import coerced
from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props, Unknown

# What the engine adds to a provider's inputs.
_ENGINE_KEYS = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "parameterization"})


@dataclass(frozen=True)
class Configuration:
    """What of the provider's configuration has a meaning here.

    Args:
        region: the region that requests are signed for; None for the environment's.
        default_tags: tags for all resources.
        ignored_tags: keys of tags that are as if they were not there.
        ignored_prefixes: how the keys of such tags begin.
        allowed_accounts: the accounts to work in; empty for any.
        forbidden_accounts: accounts never to work in.
    """

    region: str | None = None
    default_tags: Mapping[str, str] = field(default_factory=dict)
    ignored_tags: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()
    allowed_accounts: tuple[str, ...] = ()
    forbidden_accounts: tuple[str, ...] = ()

    def ignores(self, key: str) -> bool:
        """Tell whether a tag is as if it was not there."""
        return key in self.ignored_tags or key.startswith(self.ignored_prefixes)

    def require_account(self, aws: Session) -> None:
        """Refuse to work in the wrong account; asked of the cloud only where the configuration says something.

        Raises:
            ProviderError: the account is forbidden, or not among those that are allowed.
        """
        allowed, forbidden = self.allowed_accounts, self.forbidden_accounts
        if (allowed and aws.account_id not in allowed) or (forbidden and aws.account_id in forbidden):
            raise ProviderError(
                f"AWS account ID not allowed: {aws.account_id}",
                hint="the local cloud has this account only: change allowedAccountIds or forbiddenAccountIds",
            )


def read(config: Mapping[str, Any]) -> Configuration:
    """Read a configuration that was checked; values of complex types may come as JSON texts."""
    known = _typed({name: value for name, value in config.items() if not isinstance(value, Unknown)})
    ignored = known.get("ignoreTags") or {}
    tags = (known.get("defaultTags") or {}).get("tags") or {}
    region = known.get("region")
    return Configuration(
        region=region if isinstance(region, str) and region else None,
        default_tags=dict(tags) if isinstance(tags, Mapping) else {},
        ignored_tags=frozenset(ignored.get("keys") or ()),
        ignored_prefixes=tuple(ignored.get("keyPrefixes") or ()),
        allowed_accounts=tuple(known.get("allowedAccountIds") or ()),
        forbidden_accounts=tuple(known.get("forbiddenAccountIds") or ()),
    )


def refusals(config: Mapping[str, Any]) -> list[Failure]:
    """Return everything wrong with a configuration: unknown keys, and values of a wrong type."""
    given = {name: value for name, value in config.items() if not _is_engines(name) and value is not None}
    return failures(schema.provider(), _typed(given))


def _is_engines(name: str) -> bool:
    return name in _ENGINE_KEYS or name.startswith("__")


def _typed(config: Mapping[str, Any]) -> Props:
    declared = schema.provider().inputs
    opened = {
        name: _parsed(value) if name in declared and declared[name].word in ("list", "map", "object") else value
        for name, value in config.items()
    }
    return coerced(schema.provider(), declared, opened)


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value else value
    except ValueError:
        return value
