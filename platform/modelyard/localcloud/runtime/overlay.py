"""A Python of a job's own over another one: it has all that the other has, and what the job installs stays in the job.

It is what `python -m venv` makes, written by hand, for that takes a tenth of a second.
"""

from pathlib import Path

_PROGRAMS = ("python", "python3")


def overlay(python: Path, folder: Path) -> Path:
    """Return a Python that sees another one's packages, and installs and removes only its own.

    Args:
        python: the other one; it may be of a virtual environment or not.
        folder: where to make it.
    """
    given = _settings(python.parent.parent / "pyvenv.cfg")
    home = given.get("home") or str(python.resolve().parent)
    # A system's Python says itself where its packages are; an environment's are in its folder.
    shown = given.get("include-system-site-packages", "false") if given else "true"
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    for name in _PROGRAMS:
        (programs / name).unlink(missing_ok=True)
        (programs / name).symlink_to(python)
    (folder / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = {shown}\n", encoding="utf-8")
    for below in sorted((python.parent.parent / "lib").glob("python*/site-packages")) if given else []:
        packages = folder / "lib" / below.parent.name / "site-packages"
        packages.mkdir(parents=True, exist_ok=True)
        line = f"import site; site.addsitedir({str(below)!r})\n"
        (packages / "base.pth").write_text(line, encoding="utf-8")
    return programs / "python"


def _settings(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    lines = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in lines}
