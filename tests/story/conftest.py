"""One platform for each part of the story, in a home of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typist import ROOT, Typist

SAMPLE = "import json; from churn.sample import request; print(json.dumps(request([0, 50])))"


class Story(Typist):
    """Types commands in the platform's repository (a copy) and in the model's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "home", folder / "platform")
        self.model = folder / "models" / "churn"
        for name in ("stacks", "templates"):
            shutil.copytree(ROOT / name, self.platform / name)

    @property
    def platform(self) -> Path:
        return self.folder

    def in_model(self, *words: str) -> Any:
        return self.json(*words, folder=self.model)

    def client(self, service: str) -> Any:
        """Make a boto3 client as any other program would: from what `cloud env` says."""
        import boto3

        env = self.json("cloud", "env")
        return boto3.client(
            service,
            endpoint_url=env["AWS_ENDPOINT_URL"],
            region_name=env["AWS_DEFAULT_REGION"],
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        )

    def sample(self) -> dict[str, Any]:
        done = subprocess.run([sys.executable, "-c", SAMPLE], cwd=self.model / "src", capture_output=True, check=True)
        return json.loads(done.stdout)

    def inventory(self) -> list[tuple[str, str]]:
        return [(item["type"], item["id"]) for item in self.json("inventory")["resources"]]

    def set(self, old: str, new: str, environment: str = "dev") -> None:
        """Change a line of an environment's settings."""
        path = self.platform / "stacks" / "environments" / f"{environment}.yaml"
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A cloud of the module's own: what one leaves, when it fails, is not in the way of the next."""
    made = Story(tmp_path_factory.mktemp("story"))
    yield made
    made.type("cloud", "stop")


@pytest.fixture(scope="module")
def dev(empty: Story) -> Story:
    """The environment dev is up; `up` itself started the cloud."""
    assert empty.json("up", "--env", "dev")["result"] == "succeeded"
    return empty
