"""What the tests of the model need beyond the requirements that every machine has."""

import pytest

pytest.importorskip("tensorflow", reason="the model needs tensorflow: pip install -r src/requirements/serving.txt")
