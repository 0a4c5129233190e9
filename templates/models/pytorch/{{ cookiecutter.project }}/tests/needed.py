"""What the tests of the model need beyond the requirements that every machine has."""

import pytest

pytest.importorskip("torch", reason="the model needs torch: pip install -r src/requirements/serving.txt")
