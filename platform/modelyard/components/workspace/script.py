"""The script that runs when a notebook's machine starts: pure text, of what is known before anything is deployed."""

import base64
import shlex

from modelyard.naming import Scope, digest


def script(scope: Scope) -> str:
    """Write a script that tells every shell which platform it is on.

    Args:
        scope: the platform, its environment and its region.
    """
    variables = {
        "AWS_DEFAULT_REGION": scope.region,
        "MODELYARD_ENVIRONMENT": scope.environment,
        "MODELYARD_PLATFORM": scope.owner,
    }
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
    return f"""#!/bin/bash
# Made by modelyard: changes of it come from the platform's stack.
set -eu
cat > "$HOME/.modelyard" <<'END'
{exports}
END
grep -qs '\\.modelyard' "$HOME/.bashrc" || echo '. "$HOME/.modelyard"' >> "$HOME/.bashrc"
"""


def config_name(scope: Scope) -> str:
    """Name a lifecycle configuration by its content: a changed one is made before the old one goes."""
    return scope.name("jupyterlab", digest(script(scope)))


def content(scope: Scope) -> str:
    """Encode the script as SageMaker takes it."""
    return base64.b64encode(script(scope).encode()).decode()
