"""What a state would delete is looked at, before the first of it goes."""

import pytest

from modelyard.errors import CloudError
from modelyard.previews.leftovers import ModelStack
from modelyard.previews.ownership import arns_of, refuse_foreign

OWN = {"modelyard:project": "churn", "modelyard:environment": "x-aaaaaaaaaa"}


class Cloud:
    """A cloud that knows tags, in the shape of a target."""

    def __init__(self, tags):
        self.tags, self.calls = tags, []

    def client(self, service, region):
        assert (service, region) == ("resourcegroupstaggingapi", "us-east-1")
        return self

    def get_resources(self, **asked):
        (arns,) = asked.values()
        self.calls.append(len(arns))
        known = [arn for arn in arns if arn in self.tags]
        pairs = {arn: [{"Key": key, "Value": value} for key, value in self.tags[arn].items()] for arn in known}
        return {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": pairs[arn]} for arn in known]}


def check(tags, arns=None) -> Cloud:
    cloud = Cloud(tags)
    stack = ModelStack(project="churn", stack="x-aaaaaaaaaa", bucket="", region="us-east-1", target=cloud)
    refuse_foreign(stack, list(tags) if arns is None else arns)
    return cloud


def test_its_own_what_is_gone_and_what_has_no_tags_may_go():
    check({"arn:1": OWN, "arn:2": {**OWN, "more": "x"}, "arn:3": {}}, ["arn:1", "arn:2", "arn:3", "arn:gone"])
    assert check({}, [f"arn:{number}" for number in range(201)]).calls == [100, 100, 1]


@pytest.mark.parametrize(
    ("tags", "whose"),
    [
        ({**OWN, "modelyard:environment": "prod"}, "churn/prod"),
        ({**OWN, "modelyard:project": "risk"}, "risk/x-aaaaaaaaaa"),
        ({"modelyard:project": "churn"}, r"churn/\?"),
    ],
)
def test_anothers_is_refused(tags, whose):
    with pytest.raises(CloudError, match=f"refusing to delete arn:2: its tags say that it is {whose}, not churn/x-a"):
        check({"arn:1": OWN, "arn:2": tags})


def test_what_a_state_would_delete():
    resources = [
        {"custom": True, "outputs": {"arn": "arn:aws:a"}},
        {"custom": True, "outputs": {"arn": "arn:aws:kept"}, "retainOnDelete": True},
        {"custom": True, "outputs": {"arn": "arn:aws:read"}, "external": True},
        {"custom": False, "outputs": {"arn": "arn:aws:component"}},
        {"custom": True, "outputs": {"arn": {"secret": "x"}}},
        {"custom": True},
    ]
    assert arns_of({"deployment": {"resources": resources}}) == ["arn:aws:a"]
    assert arns_of({"deployment": None}) == []
