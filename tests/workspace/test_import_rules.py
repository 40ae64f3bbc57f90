"""The import rules of the workspace, held by every package that is in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("import_rules.py")
SOUND = {
    "core/src/cratedig/__init__.py": "",
    "core/src/cratedig/_engine/__init__.py": "",
    "core/src/cratedig/reading.py": "import cratedig._engine\n",
    "contracts/src/cratedig_contracts/__init__.py": "import cratedig\n",
    "emulators/src/cratedig_emulators/__init__.py": "",
    "plugins/one/src/cratedig_one/__init__.py": "import cratedig.reading\n",
    "plugins/two/src/cratedig_two/__init__.py": "from cratedig import reading\n",
}
BREACHES = [
    ("core/src/cratedig/_engine/__init__.py", "import cratedig_one\n"),
    ("core/src/cratedig/reading.py", "def later() -> None:\n    import cratedig_emulators\n"),
    ("core/src/cratedig/__init__.py", "import cratedig_contracts\n"),
    ("plugins/one/src/cratedig_one/__init__.py", "import cratedig_two\n"),
    ("plugins/one/src/cratedig_one/__init__.py", "from cratedig import _engine\n"),
    ("plugins/two/src/cratedig_two/inner.py", "import cratedig._engine as engine\n"),
    ("plugins/two/src/cratedig_two/inner.py", "import cratedig_contracts\n"),
    ("contracts/src/cratedig_contracts/__init__.py", "from cratedig._engine import x\n"),
    ("contracts/src/cratedig_contracts/__init__.py", "import cratedig_two\n"),
    ("emulators/src/cratedig_emulators/__init__.py", "import cratedig\n"),
    ("emulators/src/cratedig_emulators/__init__.py", "import cratedig_one\n"),
]


def checked(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the program over a tree, in a process of its own because it changes the import path."""
    return subprocess.run([sys.executable, PROGRAM, root], capture_output=True, text=True, check=False)


def planted(root: Path, files: dict[str, str]) -> Path:
    """Write the files of a small workspace."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_every_package_here_keeps_the_rules() -> None:
    """Core knows no plugin, a plugin only public names, the kit only cratedig, the emulators nobody."""
    outcome = checked(ROOT)
    assert outcome.returncode == 0, outcome.stdout
    for project in (path.parent for path in ROOT.glob("plugins/*/pyproject.toml")):
        assert f"cratedig_{project.name} keeps to what it may import KEPT" in outcome.stdout


def test_a_tree_without_a_breach_passes(tmp_path: Path) -> None:
    """Public modules may be imported from anywhere, private ones from inside core."""
    outcome = checked(planted(tmp_path, SOUND))
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize(("file", "text"), BREACHES)
def test_a_breach_is_found_and_named(tmp_path: Path, file: str, text: str) -> None:
    """One forbidden import anywhere fails, and the answer names the package that has it."""
    outcome = checked(planted(tmp_path, SOUND | {file: text}))
    assert outcome.returncode == 1, outcome.stdout
    culprit = Path(file).parts[Path(file).parts.index("src") + 1]
    assert f"{culprit} keeps to what it may import BROKEN" in outcome.stdout
    assert outcome.stdout.count("BROKEN") == 1


CIRCLES = [
    {"core/src/cratedig/a.py": "import cratedig.b\n", "core/src/cratedig/b.py": "import cratedig.a\n"},
    {
        "core/src/cratedig/_engine/inner.py": "import cratedig.reading\n",
        "core/src/cratedig/reading.py": "def later() -> None:\n    import cratedig._engine.inner\n",
    },
    {
        "plugins/one/src/cratedig_one/a.py": "import cratedig_one.b\n",
        "plugins/one/src/cratedig_one/b.py": (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from cratedig_one.a import x\n"
        ),
    },
]


@pytest.mark.parametrize("files", CIRCLES)
def test_a_circle_is_found_and_named(tmp_path: Path, files: dict[str, str]) -> None:
    """Two modules or packages that import each other fail, be it in a function or for the type checker."""
    outcome = checked(planted(tmp_path, SOUND | files))
    assert outcome.returncode == 1, outcome.stdout
    culprit = next(iter(files)).split("/src/")[1].split("/")[0]
    assert f"{culprit} has no circle BROKEN" in outcome.stdout
    assert outcome.stdout.count("BROKEN") == 1
