"""Makes the shared fake source importable for every test below: ``from core.tests.fakes import Fake``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

NAME = "core.tests.fakes"

if NAME not in sys.modules:
    _spec = importlib.util.spec_from_file_location(
        NAME, Path(__file__).parents[2] / "core" / "tests" / "fakes.py"
    )
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules[NAME] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[NAME])
