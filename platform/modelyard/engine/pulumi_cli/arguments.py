"""What is typed for the Pulumi CLI: a deployment's verb and options as words."""

from modelyard.engine.base import Options, Verb

_QUIET = ("--non-interactive", "--color", "never", "--suppress-outputs", "--suppress-progress")


def words(verb: Verb, options: Options, *, preview: bool, stack: str, config_file: str, event_log: str) -> list[str]:
    """Compose a deploying command.

    Args:
        verb: what is done, or would be.
        options: how.
        preview: whether it is only planned.
        stack: the stack's name.
        config_file: the file with the stack's configuration.
        event_log: the file that takes the engine's events.
    """
    return [
        *_command(verb, preview=preview),
        *_QUIET,
        *(word for target in options.targets for word in ("--target", target)),
        *(["--target-dependents"] if options.target_dependents else []),
        *(word for urn in options.replace for word in ("--replace", urn) if verb == "up"),
        *(["--continue-on-error"] if options.continue_on_error and _may_go_on(verb, preview=preview) else []),
        *(["--refresh"] if options.refresh and verb != "refresh" else []),
        *("--parallel", str(options.parallel)),
        *(["--message", options.message] if options.message else []),
        *("--stack", stack, "--config-file", config_file, "--event-log", event_log),
    ]


def _command(verb: Verb, *, preview: bool) -> list[str]:
    if preview:
        return ["preview"] if verb == "up" else [verb, "--preview-only"]
    return [verb, "--yes", "--skip-preview"]


def _may_go_on(verb: Verb, *, preview: bool) -> bool:
    return verb == "destroy" or (verb == "up" and not preview)
