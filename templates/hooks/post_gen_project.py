"""Renders the overlays, base first, into the new repository; nothing is deleted afterwards."""

import json
import sys

sys.path.insert(0, json.loads(r'''{{ working_folder() | tojson }}'''))
sys.dont_write_bytecode = True

from pathlib import Path  # noqa: E402

from cookiecutter.generate import generate_files  # noqa: E402
from modelyard_pristine import keep  # noqa: E402
from modelyard_template import overlays  # noqa: E402

answers = json.loads(r'''{{ cookiecutter | tojson }}''')
for overlay in overlays(Path(sys.path[0]), answers):
    generate_files(
        repo_dir=overlay,
        context={"cookiecutter": answers},
        output_dir=Path.cwd().parent,
        overwrite_if_exists=True,
        accept_hooks=False,
    )
keep(Path.cwd())
