"""Names of branches: those that make trouble, generated ones, and what AWS takes for names, by botocore's models."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import botocore.session
from hypothesis import strategies as st

from modelyard.previews.branches import refusal

# fmt: off
LEGAL = [
    "feature/x", "feature-x", "feature_x", "Feature/X", "feature.x", "a" * 250, "a" * 63 + "1", "a" * 63 + "2",
    "feat/" + "x" * 60 + "/a", "feat/" + "x" * 60 + "/b", "main", "refs/heads/main", "prod\u200b", "\u0440rod", "123",
    "1e5", "0x10", "null", "true", "none", "\u00e9", "e\u0301", "日本語", "🚀", "İstanbul", "\ufb01x", "_", "x$(id)",
    "x`id`", "x;rm", "x|y", "x'y", 'x"y', "${{secrets.X}}", "%2e%2e", "con", "xn--80ak6aa92e", "aws-x", "sthree-x",
    "a+b", "a=b", "a,b", "<b>", "\u202eevil", "dependabot/npm_and_yarn/web/lodash-4.17.21",
    "gh-readonly-queue/main/pr-1-abc", "prod", "x\u0085y",
]
ILLEGAL = [
    "-rf", "--help", "..", "../../etc", "HEAD", "a@{1}", "a b", "a:b", "a*b", "a\\b", "a.lock", "a/", "/a",
    "feature//x", "{{7*7}}", "a\nb", "a\0b", "", "@", ".a", "a/.b", "a.lock/b", "a.", "a\x7f", "a~1", "a^", "a?", "a[b",
    "\udcff",
]
# fmt: on


@dataclass(frozen=True)
class Rule:
    """What AWS takes for one kind of name."""

    what: str
    pattern: str
    limit: int

    def takes(self, name: str) -> bool:
        return 0 < len(name) <= self.limit and re.fullmatch(self.pattern, name) is not None


# Where botocore's models say what a name may be: service, shape, and the kind of name that we make of it.
_SHAPES = [
    ("sagemaker", "EndpointName"),
    ("sagemaker", "EndpointConfigName"),
    ("sagemaker", "ModelName"),
    ("sagemaker", "EntityName"),
    ("sagemaker", "PipelineName"),
    ("sagemaker", "TrainingJobName"),
    ("sagemaker", "ProcessingJobName"),
    ("sagemaker", "TransformJobName"),
    ("sagemaker", "HyperParameterTuningJobName"),
    ("sagemaker", "AutoMLJobName"),
    ("sagemaker", "FeatureGroupName"),
    ("sagemaker", "MonitoringScheduleName"),
    ("iam", "roleNameType"),
    ("events", "RuleName"),
    ("lambda", "FunctionName"),
    ("logs", "LogGroupName"),
    ("scheduler", "Name"),
    ("stepfunctions", "Name"),
    ("eks", "ClusterName"),
    ("ecr", "ImageTag"),
    ("codebuild", "ProjectName"),
]
# S3's own rules are in words: "Bucket naming rules" of its developer guide.
BUCKET = Rule("s3 bucket", r"(?!\d+\.\d+\.\d+\.\d+$)(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9](?:[a-z0-9-]*[a-z0-9])", 63)


@cache
def rules() -> list[Rule]:
    return [BUCKET, *map(_rule, _SHAPES)]


def _rule(where: tuple[str, str]) -> Rule:
    service, shape = where
    model = botocore.session.get_session().get_service_model(service)
    found = model.shape_for(shape).metadata
    pattern = found.get("pattern", ".*").replace(r"\p{Alnum}", "A-Za-z0-9")
    return Rule(f"{service} {shape}", pattern, found.get("max", 256))


def branches() -> st.SearchStrategy[str]:
    """Names that git takes: readable ones, near misses of one another, and anything at all."""
    word = st.sampled_from(["feature", "fix", "x", "X", "Feature", "a" * 60, "é", "日本", "1", "main", "prod", "_"])
    readable = st.lists(word, min_size=1, max_size=4).flatmap(
        lambda parts: st.sampled_from("/-_.").map(lambda mark: mark.join(parts))
    )
    anything = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120)
    return st.one_of(readable, anything, st.text("ab/-_.", min_size=1, max_size=80)).filter(lambda it: not refusal(it))


def physical(stack: str) -> Iterator[tuple[Rule, str]]:
    """The names that a stack's resources have, under each rule: of the shortest project and of the longest."""
    from modelyard.naming import Scope

    for owner in ("abc", "churn", "a" * 30):
        scope = Scope(owner=owner, environment=stack, region="us-east-1", preview=True)
        for rule in rules():
            for words in (("endpoint",), ("monitor", "feature-attribution"), ()):
                yield rule, scope.name(*words, limit=rule.limit)
