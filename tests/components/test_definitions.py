"""Pipeline definitions are made once: of the same source and context, and for all branches alike."""

import json

import pytest

from modelyard.components.model_service import definitions
from modelyard.components.model_service.context import PipelineContext
from modelyard.naming import Scope


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELYARD_CACHE", str(tmp_path))
    return tmp_path / "definitions"


class Repository:
    """Writes definitions, and counts how often it is asked."""

    def __init__(self, twist=lambda name: ""):
        self.asked = 0
        self.twist = twist

    def definition(self, context: PipelineContext) -> str:
        self.asked += 1
        return json.dumps(
            {"name": context.name, "at": [context.prefix, context.role_arn], "x": self.twist(context.name)}
        )


def scope(stack: str, *, preview: bool = True) -> Scope:
    return Scope(owner="churn", environment=stack, region="us-east-1", preview=preview)


def context(of: Scope, **more) -> PipelineContext:
    given = {
        "name": of.name("pipeline"),
        "region": of.region,
        "role_arn": f"arn:aws:iam::1:role/{of.name('training')}",
        "bucket": "b",
        "prefix": of.prefix,
        "source_uri": f"s3://b/{of.prefix}/code/sourcedir.tar.gz",
        "model_package_group": of.name("models"),
        "parameters": {"threshold": 0.9},
    }
    return PipelineContext(**{**given, **more})


def defined(repository: Repository, of: Scope, source: str = "s", **more) -> str:
    made = definitions.defined(repository.definition, context(of, **more), source, of)
    assert made == Repository(repository.twist).definition(context(of, **more))
    return made


def test_a_stack_is_defined_once():
    repository, dev = Repository(), scope("dev", preview=False)
    assert defined(repository, dev) == defined(repository, dev)
    assert repository.asked == 1


@pytest.mark.parametrize(
    "change", [{"source": "t"}, {"instance_type": "ml.m5.xlarge"}, {"parameters": {"threshold": 0.8}}]
)
def test_whatever_it_is_made_of_counts(change):
    repository, dev = Repository(), scope("dev", preview=False)
    defined(repository, dev)
    defined(repository, dev, **change)
    assert repository.asked == 2


def test_branches_share_theirs():
    repository = Repository()
    made = [defined(repository, scope(stack)) for stack in ("a-aaaaaaaaaa", "feature-x-bbbbbbbbbb", "a-aaaaaaaaaa")]
    assert repository.asked == 2
    assert len(set(made)) == 2


def test_what_does_more_with_the_name_than_pass_it_on_is_made_for_each():
    repository = Repository(twist=lambda name: len(name))
    for stack in ("a-aaaaaaaaaa", "feature-x-bbbbbbbbbb"):
        defined(repository, scope(stack))
    assert repository.asked == 6


def test_without_a_place_to_keep_them_they_are_made_each_time(cache):
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("in the way")
    repository, dev = Repository(), scope("dev", preview=False)
    defined(repository, dev)
    defined(repository, dev)
    assert repository.asked == 2


def test_the_oldest_go(cache, monkeypatch):
    monkeypatch.setattr(definitions, "_KEPT", 3)
    repository, dev = Repository(), scope("dev", preview=False)
    for number in range(6):
        defined(repository, dev, source=str(number))
    assert len(list(cache.glob("*.json"))) == 3
