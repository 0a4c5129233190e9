"""Until when a branch's stack is meant to live: counted from its first day, and told to its program."""

from types import SimpleNamespace

from modelyard.cli.deploy import Session
from modelyard.cli.model import expiring
from modelyard.cli.options import Choices
from modelyard.previews.branches import expiry, record
from modelyard.project import Project
from modelyard.settings.model import ModelSettings


def test_it_counts_from_the_first_day_and_stays(tmp_path):
    first = record(tmp_path, "churn", "feature/a", platform="dev", region="us-east-1")
    later = record(tmp_path, "churn", "feature/a", platform="dev", region="us-east-1")
    assert later == first
    made = SimpleNamespace(created="2030-01-30T23:59:59+00:00")
    assert [expiry(made, days) for days in (1, 14, 365)] == ["2030-01-31", "2030-02-13", "2031-01-30"]


def test_the_program_is_told(tmp_path):
    opened = Session(
        project=Project("model", tmp_path),
        environment="feature-a",
        settings=ModelSettings(branch_ttl_days=3),
        home=tmp_path,
        config={"modelyard:branch": "feature/a"},
        choices=Choices(),
    )
    made = SimpleNamespace(created="2030-01-01T00:00:00+00:00")
    assert expiring(opened, made).config == {"modelyard:branch": "feature/a", "modelyard:expiry": "2030-01-04"}
