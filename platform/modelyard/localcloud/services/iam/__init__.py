"""IAM: the clients of an OpenID Connect provider, which moto can't change, and the simulation of policies."""

from typing import TYPE_CHECKING, Any

import moto.iam.urls
from moto.core.responses import ActionResult, EmptyResult
from moto.iam.responses import IamResponse

from modelyard.localcloud.services.iam import simulating

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud


class Iam(IamResponse):
    """Operations of IAM that moto lacks."""

    def add_client_id_to_open_id_connect_provider(self) -> ActionResult:
        """Add an audience; one that is there already is success."""
        provider, client = self._provider_and_client()
        if client not in provider.client_id_list:
            provider.client_id_list.append(client)
        return EmptyResult()

    def remove_client_id_from_open_id_connect_provider(self) -> ActionResult:
        """Remove an audience; one that isn't there is success."""
        provider, client = self._provider_and_client()
        provider.client_id_list = [known for known in provider.client_id_list if known != client]
        return EmptyResult()

    def simulate_principal_policy(self) -> ActionResult:
        """Say which actions a role, user or group may do, by its policies, its boundary and those of the request."""
        policies, boundary = simulating.of_principal(self.backend, self._get_param("PolicySourceArn"))
        added = simulating.custom(self._get_param)
        return ActionResult(simulating.simulate(self._get_param, [*policies, *added], boundary))

    def simulate_custom_policy(self) -> ActionResult:
        """Say which actions the policies of the request allow."""
        return ActionResult(simulating.simulate(self._get_param, simulating.custom(self._get_param), []))

    def _provider_and_client(self) -> tuple[Any, str]:
        arn = self._get_param("OpenIDConnectProviderArn")
        return self.backend.get_open_id_connect_provider(arn), self._get_param("ClientID")


def install(cloud: "LocalCloud") -> None:
    """Route IAM's requests through our operations."""
    del cloud
    for path in moto.iam.urls.url_paths:
        moto.iam.urls.url_paths[path] = Iam.dispatch
