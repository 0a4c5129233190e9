"""The foundation: what everything else of an environment stands on."""

from modelyard.components.artifact_storage.component import ArtifactStorage, ArtifactStorageArgs
from modelyard.components.audit.component import Audit, AuditArgs
from modelyard.components.identity.component import Identity, IdentityArgs
from modelyard.components.image_registry.component import ImageRegistry, ImageRegistryArgs
from modelyard.components.keys.component import Keys, KeysArgs
from modelyard.components.network.component import Network, NetworkArgs
from modelyard.outputs import FoundationOutputs
from modelyard.stack import StackContext

stack = StackContext.load()
chosen, opts = stack.settings, stack.options
place = {"scope": stack.scope, "account_id": stack.account_id}
readers = {"reader_account_ids": chosen.model_registry.reader_account_ids}

keys = Keys("keys", KeysArgs(settings=chosen.keys, **place, **readers), opts)
key, log_key = {"kms_key_arn": keys.key_arn}, {"log_key_arn": keys.log_key_arn}
network = Network("network", NetworkArgs(settings=chosen.network, **place, **log_key), opts)
storage_args = ArtifactStorageArgs(settings=chosen.artifact_storage, **place, **key, **readers)
storage = ArtifactStorage("storage", storage_args, opts)
watched = {"bucket_arns": storage.bucket_arns, "access_log_bucket": storage.access_log_bucket}
audit = Audit("audit", AuditArgs(settings=chosen.audit, **place, **log_key, **watched), opts)
image_args = ImageRegistryArgs(settings=chosen.image_registry, kms_key_arn=keys.image_key_arn, **place, **readers)
images = ImageRegistry("registry", image_args, opts)
reach = {**storage.arns, "repository_arn": images.repository_arn}
people = Identity("identity", IdentityArgs(settings=chosen.identity, **place, **reach, **key), opts)
rest = {"trail_arn": audit.trail_arn, "image_repository_urls": images.repository_urls, **people.promised}
stack.export(FoundationOutputs(**network.promised, **storage.promised, **rest, **key, **log_key))
