"""What a branch's stack deletes carries its own tags, or is left alone."""

import pytest

from modelyard.localcloud.provider.configuration import Configuration
from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.guarding import refuse_foreign
from modelyard.localcloud.provider.resource import ResourceType

OWN = {"modelyard:project": "churn", "modelyard:environment": "x-aaaaaaaaaa", "modelyard:branch": "x"}


class Tags:
    """A service's tags, one set for each resource."""

    def __init__(self, known):
        self.known = known

    def read(self, aws, resource):
        return self.known[resource]

    def write(self, aws, resource, old, new):
        self.known[resource] = new


class Group(ResourceType):
    """A type of resource, with what the cloud holds of it."""

    pulumi_type = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"

    def __init__(self, tags):
        self.tagging = Tags(tags)

    def read(self, aws, resource_id, state):
        return {"arn": resource_id} if resource_id in self.tagging.known else None


def refuse(resource_id: str, tags: dict[str, dict[str, str]], own=OWN) -> None:
    refuse_foreign(Group(tags), None, resource_id, {}, Configuration(default_tags=own))


@pytest.mark.parametrize(
    ("resource_id", "tags"),
    [
        ("its-own", {**OWN, "more": "tags"}),
        ("churn-x-aaaaaaaaaa-models", {"unrelated": "tag"}),
        ("churn-x-aaaaaaaaaa-models", {}),
    ],
)
def test_its_own_goes(resource_id, tags):
    refuse(resource_id, {resource_id: tags})


def test_what_is_gone_is_no_matter():
    refuse("gone", {})


@pytest.mark.parametrize(
    ("resource_id", "tags", "whose"),
    [
        ("churn-x-aaaaaaaaaa-models", {**OWN, "modelyard:environment": "prod"}, "churn/prod"),
        ("churn-x-aaaaaaaaaa-models", {**OWN, "modelyard:project": "risk"}, "risk/x-aaaaaaaaaa"),
        ("churn-x-aaaaaaaaaa-models", {**OWN, "modelyard:branch": "y"}, "churn/x-aaaaaaaaaa"),
        ("churn-x-aaaaaaaaaa-models", {"modelyard:project": "churn"}, r"churn/\?"),
        ("churn-dev-models", {}, "no stack's"),
        ("churn-x-aaaaaaaaaab", {}, "no stack's"),
    ],
)
def test_what_is_anothers_is_refused(resource_id, tags, whose):
    with pytest.raises(ProviderError, match=f"refusing to delete .* {resource_id}: its tags say that it is {whose}, "):
        refuse(resource_id, {resource_id: tags})


@pytest.mark.parametrize("own", [{}, {**OWN, "modelyard:branch": "none"}])
def test_other_stacks_delete_what_their_state_says(own):
    refuse("any", {"any": {"modelyard:environment": "prod"}}, own)
