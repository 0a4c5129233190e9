"""`python -m modelyard.reference`: write the generated pages of this repository."""

from pathlib import Path

from modelyard.reference import components, settings_table
from modelyard.settings.environment import EnvironmentSettings

ROOT = Path(__file__).resolve().parents[3]


def pages(root: Path = ROOT) -> dict[Path, str]:
    """Return each generated page as it has to be.

    Args:
        root: the repository.
    """
    readme = root / "README.md"
    text = settings_table.placed(readme.read_text(encoding="utf-8"), settings_table.table(EnvironmentSettings))
    return {readme: text, root / "platform" / "REFERENCE.md": components.page()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
