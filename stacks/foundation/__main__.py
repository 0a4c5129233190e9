"""The foundation: what everything else of an environment stands on."""

from modelyard.components.artifact_storage.component import ArtifactStorage, ArtifactStorageArgs
from modelyard.components.identity.component import Identity, IdentityArgs
from modelyard.components.image_registry.component import ImageRegistry, ImageRegistryArgs
from modelyard.components.keys.component import Keys, KeysArgs
from modelyard.components.network.component import Network, NetworkArgs
from modelyard.outputs import FoundationOutputs
from modelyard.stack import StackContext

stack = StackContext.load()
chosen, scope, account, opts = stack.settings, stack.scope, stack.account_id, stack.options

network = Network("network", NetworkArgs(settings=chosen.network, scope=scope), opts)
keys = Keys("keys", KeysArgs(settings=chosen.keys, scope=scope, account_id=account), opts)
key = {"kms_key_arn": keys.key_arn}
storage_args = ArtifactStorageArgs(settings=chosen.artifact_storage, scope=scope, account_id=account, **key)
storage = ArtifactStorage("storage", storage_args, opts)
images = ImageRegistry("registry", ImageRegistryArgs(settings=chosen.image_registry, scope=scope, **key), opts)
reach = {"account_id": account, "bucket_arn": storage.artifact_bucket_arn, "repository_arn": images.repository_arn}
people = Identity("identity", IdentityArgs(settings=chosen.identity, scope=scope, **reach, **key), opts)
where = {"vpc_id": network.vpc_id, "subnet_ids": network.subnet_ids, "security_group_id": network.security_group_id}
kept = {"artifact_bucket": storage.artifact_bucket, "access_log_bucket": storage.access_log_bucket}
roles = {f"{it.replace('-', '_')}_role_arn": arn for it, arn in (people.role_arns | people.people_role_arns).items()}
limits = {"permissions_boundary_arn": people.boundary_arn, "ci_role_arns": people.ci_role_arns}
stack.export(FoundationOutputs(image_repository_url=images.repository_url, **where, **kept, **key, **roles, **limits))
