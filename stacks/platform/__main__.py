"""The platform: what data scientists share in an environment."""

from modelyard.components.cost.component import Cost, CostArgs
from modelyard.components.feature_store.component import FeatureStore, FeatureStoreArgs
from modelyard.components.model_registry.component import ModelRegistry, ModelRegistryArgs
from modelyard.components.monitoring.component import Monitoring, MonitoringArgs
from modelyard.components.workspace.component import Workspace, WorkspaceArgs
from modelyard.outputs import FoundationOutputs, PlatformOutputs
from modelyard.stack import StackContext

stack = StackContext.load()
chosen, scope, account, opts = stack.settings, stack.scope, stack.account_id, stack.options
base = stack.require("foundation", FoundationOutputs)

key = {"kms_key_arn": base.kms_key_arn}
where = {"subnet_ids": base.subnet_ids, "security_group_id": base.security_group_id}
registry = ModelRegistry("models", ModelRegistryArgs(scope=scope), opts)
store = {"bucket": base.artifact_bucket, "role_arn": base.feature_store_role_arn}
features = FeatureStore("features", FeatureStoreArgs(settings=chosen.feature_store, scope=scope, **store, **key), opts)
office = {"vpc_id": base.vpc_id, "role_arn": base.workspace_role_arn}
workspace = Workspace("workspace", WorkspaceArgs(scope=scope, **office, **where, **key), opts)
log_key = {"account_id": account, "kms_key_arn": base.log_key_arn}
watch = Monitoring("monitoring", MonitoringArgs(settings=chosen.monitoring, scope=scope, **log_key), opts)
topic = {"alarm_topic_arn": watch.alarm_topic_arn}
cost = Cost("cost", CostArgs(settings=chosen.cost, scope=scope, **topic), opts)
groups = {"model_package_group": registry.group_name, "feature_group": features.group_name}
own = {**groups, **topic, "domain_id": workspace.domain_id, "budget": cost.budget_name}
roles = {f"{word}_role_arn": getattr(base, f"{word}_role_arn") for word in ("training", "pipeline", "serving")}
rest = {"artifact_bucket": base.artifact_bucket, "event_log_group": watch.event_log_group}
stack.export(PlatformOutputs(**own, **rest, **roles, **where, **key))
