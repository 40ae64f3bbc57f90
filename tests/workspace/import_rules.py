"""The import rules, derived from the folder tree: a new plugin or private module is covered by being there.

    core        never imports a plugin, the kit or the emulators
    a plugin    imports only cratedig's public modules: no private one, no other plugin, not the kit
    the kit     imports only cratedig's public modules
    emulators   import none of the others
    each        has no circle between its packages or modules, imports for typing counted

Run as a program it checks the tree that it is given, or its own, and exits with 1 where a rule is broken.
import-linter does the checking: it reads the whole import graph and shows the line that breaks a rule.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

CORE, KIT, EMULATORS = "cratedig", "cratedig_contracts", "cratedig_emulators"


def source_folders(root: Path) -> list[Path]:
    """Return the `src` folder of every distribution below ``root``."""
    return sorted([*root.glob("*/src"), *root.glob("plugins/*/src")])


def packages(root: Path) -> list[str]:
    """Return the import names of everything in the workspace."""
    return [
        door.parent.name for folder in source_folders(root) for door in sorted(folder.glob("*/__init__.py"))
    ]


def modules_of_core(root: Path) -> list[str]:
    """Return the modules directly below ``cratedig``, public and private."""
    inside = sorted((root / "core" / "src" / CORE).iterdir())
    here = (path for path in inside if path.suffix == ".py" or (path / "__init__.py").exists())
    return [f"{CORE}.{path.stem}" for path in here if not path.stem.startswith("__")]


def private_modules(root: Path) -> list[str]:
    """Return the modules of core that only core may import."""
    return [name for name in modules_of_core(root) if name.startswith(f"{CORE}._")]


def rules(root: Path) -> dict[str, list[str]]:
    """Return, for each package, the modules that it must not import."""
    there = packages(root)
    plugins = [name for name in there if name not in {CORE, KIT, EMULATORS}]
    private = private_modules(root)
    forbidden = {
        CORE: [*plugins, KIT, EMULATORS],
        KIT: [*plugins, EMULATORS, *private],
        EMULATORS: [CORE, KIT, *plugins],
    }
    for plugin in plugins:
        others = [name for name in plugins if name != plugin]
        forbidden[plugin] = [*others, KIT, EMULATORS, *private]
    return {name: [module for module in forbidden[name] if module.split(".")[0] in there] for name in there}


def configuration(root: Path) -> str:
    """Return the rules as import-linter reads them."""
    lines = ["[importlinter]", "root_packages =", *(f"    {name}" for name in packages(root))]
    for name, forbidden in rules(root).items():
        lines += [f"[importlinter:contract:{name}]", f"name = {name} keeps to what it may import"]
        lines += ["type = forbidden", "allow_indirect_imports = True"]
        lines += ["source_modules =", f"    {name}"]
        lines += ["forbidden_modules =", *(f"    {module}" for module in forbidden)]
        lines += [f"[importlinter:contract:{name}-circles]", f"name = {name} has no circle"]
        lines += ["type = acyclic_siblings", "ancestors =", f"    {name}"]
    return "\n".join(lines) + "\n"


def check(root: Path) -> int:
    """Check every rule against the sources below ``root``; 0 when all are kept."""
    sys.path[:0] = [str(folder) for folder in source_folders(root)]
    from importlinter.cli import lint_imports  # noqa: PLC0415 - the path above must be set before

    options: dict[str, Any] = {"no_cache": True}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "importlinter.ini"
        file.write_text(configuration(root), encoding="utf-8")
        return lint_imports(config_filename=str(file), **options)


if __name__ == "__main__":
    sys.exit(check(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()))
