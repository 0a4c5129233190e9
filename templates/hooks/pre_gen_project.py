"""Refuses bad answers with what to type instead, before anything is rendered."""

import json
import sys

sys.path.insert(0, json.loads(r'''{{ working_folder() | tojson }}'''))
sys.dont_write_bytecode = True

from pathlib import Path  # noqa: E402

from modelyard_template import package_name, problems  # noqa: E402

answers = json.loads(r'''{{ cookiecutter | tojson }}''')
found = problems(answers, Path(sys.path[0]))
if answers["__package"] != package_name(answers["project"]):
    found.append(("__package is computed", "leave it out"))
for message, hint in found:
    sys.stderr.write(f"{message}; {hint}\n")
sys.exit(1 if found else 0)
