"""Flow logs: log groups told by their ARN, and options of files."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.logs.models import logs_backends


class FlowLogOperations(EC2Response):
    """What moto leaves out of flow logs."""

    def create_flow_logs(self) -> ActionResult:
        """Start a record; moto looks for its log group by name alone, and drops what it does not know."""
        answer = super().create_flow_logs()
        made: Any = answer.result
        for flow_log_id in made["FlowLogIds"]:
            flow_log = self.ec2_backend.flow_logs[flow_log_id]
            flow_log.destination_options = self._get_param("DestinationOptions") or None
            flow_log.deliver_cross_account_role = self._get_param("DeliverCrossAccountRole")
            if flow_log.log_destination_type == "cloud-watch-logs":
                self._find_group(flow_log)
        return answer

    def _find_group(self, flow_log: Any) -> None:
        if flow_log.log_destination:
            flow_log.log_group_name = flow_log.log_destination.split(":")[6]
        groups = logs_backends[self.current_account][self.region].groups
        is_there = flow_log.log_group_name in groups
        flow_log.deliver_logs_status = "SUCCESS" if is_there else "FAILED"
        flow_log.deliver_logs_error_message = None if is_there else "Access error"
