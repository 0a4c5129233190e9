"""The platform: what data scientists share in an environment."""

from modelyard.components.cost.component import Cost, CostArgs
from modelyard.components.feature_store.component import FeatureStore, FeatureStoreArgs
from modelyard.components.model_registry.component import ModelRegistry, ModelRegistryArgs
from modelyard.components.monitoring.component import Monitoring, MonitoringArgs
from modelyard.components.tracking.component import Tracking, TrackingArgs
from modelyard.components.workspace.component import Workspace, WorkspaceArgs
from modelyard.outputs import FoundationOutputs, PlatformOutputs, passing_on
from modelyard.stack import StackContext

stack = StackContext.load()
chosen, scope, account, opts = stack.settings, stack.scope, stack.account_id, stack.options
base = stack.require("foundation", FoundationOutputs)

key, log_key = {"scope": scope, "kms_key_arn": base.kms_key_arn}, {"scope": scope, "kms_key_arn": base.log_key_arn}
bucket, here = {"bucket": base.artifact_bucket}, {"account_id": account}
where = {"subnet_ids": base.subnet_ids, "security_group_id": base.security_group_id, "vpc_id": base.vpc_id}
registry = ModelRegistry("models", ModelRegistryArgs(settings=chosen.model_registry, **here, **log_key), opts)
store = {**bucket, "role_arn": base.feature_store_role_arn}
features = FeatureStore("features", FeatureStoreArgs(settings=chosen.feature_store, **store, **key), opts)
office = {**where, "role_arn": base.workspace_role_arn}
workspace = Workspace("workspace", WorkspaceArgs(settings=chosen.workspace, **office, **key), opts)
record = {**bucket, **here, "boundary_arn": base.permissions_boundary_arn}
tracking = Tracking("tracking", TrackingArgs(settings=chosen.tracking, **record, **key), opts)
watch = Monitoring("monitoring", MonitoringArgs(settings=chosen.monitoring, **here, **log_key), opts)
topic, wide = {"alarm_topic_arn": watch.alarm_topic_arn}, {"buckets": [base.artifact_bucket, base.capture_bucket]}
cost = Cost("cost", CostArgs(settings=chosen.cost, **wide, **topic, **here, **log_key), opts)
own = {**registry.promised, **features.promised, **workspace.promised, **tracking.promised, **topic}
stack.export(passing_on(PlatformOutputs, base, budget=cost.budget_name, event_log_group=watch.event_log_group, **own))
