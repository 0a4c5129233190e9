"""Images: scanned, immutable, encrypted, and nobody else's."""

from modelyard.policies.plan import Plan
from modelyard.policies.rule import Found, rule

_REPOSITORY = "aws:ecr/repository:Repository"


@rule(
    "ecr-scanned",
    title="Images are scanned when they are pushed",
    reason="a known hole in an image is found before it serves",
    mend="set image_scanning_configuration with scan_on_push",
)
def scanned(plan: Plan) -> Found:
    """Find repositories that don't scan."""
    for it in plan.of(_REPOSITORY):
        if it.knows("imageScanningConfiguration") and not any(
            block.get("scanOnPush") is True for block in it.items("imageScanningConfiguration")
        ):
            yield it, "it does not scan what is pushed"


@rule(
    "ecr-immutable",
    title="A tag stays with its image",
    reason="what was tested under a tag has to be what runs under it",
    mend="set image_tag_mutability to IMMUTABLE",
)
def immutable(plan: Plan) -> Found:
    """Find repositories whose tags may move."""
    for it in plan.of(_REPOSITORY):
        if it.knows("imageTagMutability") and not it.text("imageTagMutability").startswith("IMMUTABLE"):
            yield it, "a tag may be given to another image"


@rule(
    "ecr-encrypted",
    title="Images are encrypted with a key",
    reason="images hold code and sometimes models",
    mend="set encryption_configurations with KMS and the environment's key",
)
def encrypted(plan: Plan) -> Found:
    """Find repositories without a key."""
    for it in plan.of(_REPOSITORY):
        if it.knows("encryptionConfigurations") and not any(
            block.get("encryptionType") in ("KMS", "KMS_DSSE") for block in it.items("encryptionConfigurations")
        ):
            yield it, "it has no key"
