"""What the Pulumi CLI says of resources and programs, in the words of the embedded engine.

Source: `sdk/go/common/diag/errors.go` of Pulumi, and its language hosts.
"""

import re

_REWORDED = (
    (r"^Program failed with an unhandled exception:\s*", "the program failed: "),
    (
        r"^an unhandled error occurred: program exited with non-zero exit code: (-?\d+)",
        r"the program ended with exit code \1 before it had registered everything",
    ),
    (r"^(\S+ resource '[^']*'): property (\S+) value \{(?:.|\n)*?\} has a problem: ", r"\1 has a problem: \2: "),
    (r"^1 error occurred:\n\s*\* ", ""),
    (
        r"^Resource '([^']+)' will be destroyed but was not specified in --target list\.(?:.|\n)*",
        r"\1 would be deleted, for it needs a target, and is not among the targets"
        "\n  -> add --target '\\1', or --target-dependents",
    ),
    (
        r"^Resource '([^']+)' depends on '([^']+)' which was was not specified in --target list\.",
        r"\1 needs \2, which has to be created and is not among the targets\n  -> add --target '\2'",
    ),
)
# What is said of a resource without a step of its having been tried.
_NO_STEP = re.compile(r"^urn:\S+ (would be deleted, for it needs a target|needs urn:)")


def reworded(message: str) -> str:
    """Return a message in our words, or as it is."""
    for pattern, words in _REWORDED:
        found, number = re.subn(pattern, words, message, count=1)
        if number:
            return found
    return message


def is_about_a_step(message: str) -> bool:
    """Tell whether an error that names a resource means that a step of it failed."""
    return not _NO_STEP.match(message)
