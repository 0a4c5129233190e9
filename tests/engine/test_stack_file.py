"""A stack's own file: what modelyard keeps in it, and what it leaves alone."""

import pytest
import yaml

from modelyard.engine import stack_file
from modelyard.engine.base import Deployment
from modelyard.errors import SettingsError

REGION = {"aws:region": "us-east-1"}

CASES = {
    "nothing there": ("", REGION, "config:\n  aws:region: us-east-1\n"),
    "nothing to say": ("", {}, ""),
    "in step already": ("config:\n  aws:region: us-east-1\n", REGION, "config:\n  aws:region: us-east-1\n"),
    "quoted, in step": ('config:\n  aws:region: "us-east-1"\n', REGION, 'config:\n  aws:region: "us-east-1"\n'),
    "another value, its comment stays": (
        "config:\n  aws:region: eu-west-1 # where\n",
        REGION,
        "config:\n  aws:region: us-east-1 # where\n",
    ),
    "the user's keys and comments stay": (
        "# top\nconfig:\n    # mine\n    foo:bar: baz # why\n\n    # end\nenvironment:\n  - shared\n",
        REGION,
        "# top\nconfig:\n    aws:region: us-east-1\n    # mine\n    foo:bar: baz # why\n\n    # end\n"
        "environment:\n  - shared\n",
    ),
    "a key of ours that is no longer wanted goes": (
        "config:\n  modelyard:branch: feature/x\n  # about z\n  z:z: 1\n",
        {},
        "config:\n  # about z\n  z:z: 1\n",
    ),
    "one of ours over several lines goes": (
        "config:\n  modelyard:old:\n    - a\n    - b\n  # about z\n  z:z: 1\n",
        {},
        "config:\n  # about z\n  z:z: 1\n",
    ),
    "a secret of the user's stays": (
        "encryptionsalt: v1:x\nconfig:\n  a:pw:\n    secure: v1:abc\n",
        REGION,
        "encryptionsalt: v1:x\nconfig:\n  aws:region: us-east-1\n  a:pw:\n    secure: v1:abc\n",
    ),
    "a text that YAML would take for another type": ("", {"a:b": "true"}, "config:\n  a:b: 'true'\n"),
    "a text with a colon": ("", {"modelyard:branch": "fix: it"}, "config:\n  modelyard:branch: 'fix: it'\n"),
    "several lines": ("", {"a:b": "x\ny"}, 'config:\n  a:b: "x\\ny"\n'),
    "an empty config": ("config: {}\n", REGION, "config:\n  aws:region: us-east-1\n"),
    "a config on one line": ("config: {x:y: z}\n", REGION, "config: {x:y: z, aws:region: us-east-1}\n"),
    "no newline at the end": ("a: b", REGION, "a: b\nconfig:\n  aws:region: us-east-1\n"),
}


@pytest.mark.parametrize(("before", "config", "after"), CASES.values(), ids=CASES)
def test_merged(before, config, after):
    assert stack_file.merged(before, config) == after
    assert stack_file.merged(after, config) == after
    read = (yaml.safe_load(after) or {}).get("config") or {}
    assert {key: read[key] for key in config} == config


@pytest.mark.parametrize("text", ["- a\n", "config: [1]\n", "config: text\n", "a: [\n"])
def test_what_is_no_stacks_file_is_refused(text):
    with pytest.raises(SettingsError):
        stack_file.merged(text, REGION)


def test_top_level_keys_are_set_and_read():
    text = stack_file.set_top(
        "encryptionsalt: old # c\nconfig: {}\n", {"encryptionsalt": "v1:new", "encryptedkey": "k"}
    )
    assert text == "encryptedkey: k\nencryptionsalt: v1:new # c\nconfig: {}\n"
    assert stack_file.tops(text, ("encryptedkey", "secretsprovider")) == {"encryptedkey": "k"}


def test_keep_writes_only_what_differs(tmp_path):
    deployment = Deployment(project="p", stack="dev", program=tmp_path, state=tmp_path / "state", config=REGION)
    assert stack_file.keep(deployment)
    file = tmp_path / "Pulumi.dev.yaml"
    assert file.read_text() == "config:\n  aws:region: us-east-1\n"
    written = file.stat().st_mtime_ns
    assert not stack_file.keep(deployment)
    assert file.stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == ["Pulumi.dev.yaml"]
