"""Every task a person runs. `./run TASK` brings nox and uv along; where nox is, `nox -s TASK` is the same.

Each session has an environment of its own, installed from this folder in the versions of constraints.txt.
The distributions are found in the folder tree: a new folder below plugins/ takes part by being there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PINS = ROOT / "constraints.txt"
DISTRIBUTIONS = sorted(path.parent.relative_to(ROOT) for path in ROOT.glob("*/pyproject.toml")) + sorted(
    path.parent.relative_to(ROOT) for path in ROOT.glob("plugins/*/pyproject.toml")
)
DEVELOPMENT = nox.project.dependency_groups(nox.project.load_toml(ROOT / "pyproject.toml"), "dev")
TOOLS = [requirement for requirement in DEVELOPMENT if not requirement.startswith("cratedig")]
AT_ONCE = 6
SOURCES = [str(path / "src") for path in DISTRIBUTIONS]

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "docs", "tests"]


def install_workspace(session: nox.Session, *more: str) -> None:
    """Every distribution, editable, with the extras that people install; pinned."""
    editable = [item for path in DISTRIBUTIONS for item in ("-e", f"./{path.as_posix()}{extras(path)}")]
    session.install(*editable, *more, env=pinned())


def extras(distribution: Path) -> str:
    """``[a,b]`` with every extra that the distribution offers."""
    project = nox.project.load_toml(ROOT / distribution / "pyproject.toml")["project"]
    return f"[{','.join(names)}]" if (names := project.get("optional-dependencies", {})) else ""


def pinned() -> dict[str, str]:
    """Return the variables that make pip and uv keep to constraints.txt, in build environments too."""
    return {name: str(PINS) for name in ("PIP_CONSTRAINT", "UV_CONSTRAINT", "UV_BUILD_CONSTRAINT")}


def tools(*names: str) -> list[str]:
    """Return the development requirements of these names, with their bounds."""
    return [requirement for requirement in TOOLS if requirement.partition(">")[0] in names]


@nox.session
def demo(session: nox.Session) -> None:
    """Start the embedded services, search them all, download an album's worth while one source fails."""
    install_workspace(session)
    session.run("cratedig", "demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test; arguments after -- go to pytest.

    Most tests wait more than they compute, so several run at a time; those that are marked as ``alone`` come
    after them. None is run twice: a test that passes only sometimes has failed.
    """
    install_workspace(session, *TOOLS)
    run_tests(session)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the same with branch coverage, which takes twice as long; htmlcov/ has the lines."""
    install_workspace(session, *TOOLS)
    session.run("coverage", "erase", silent=True)
    try:
        run_tests(session, "--cov", "--cov-append", "--cov-report=")
    finally:
        session.run("coverage", "html", "--quiet", silent=True, success_codes=[0, 1])
        total = session.run("coverage", "report", "--format=total", silent=True, success_codes=[0, 1])
        session.log(f"branch coverage: {str(total).strip()} %")


@nox.session
def search(session: nox.Session) -> None:
    """Look for examples that break a property: other ones in each run; what is found fails once more."""
    install_workspace(session, *TOOLS)
    at_once = ["--numprocesses=auto", "--dist=loadscope"]
    session.run("pytest", "--hypothesis-profile=search", "-m", "hypothesis", *at_once, *session.posargs)


def run_tests(session: nox.Session, *options: str) -> None:
    """Start pytest as the arguments say; without any, first what may run at once and then what may not."""
    if session.posargs:
        session.run("pytest", *options, *session.posargs)
        return
    # In the order of testpaths: the few that make environments and start everything would else come last.
    at_once = (f"--numprocesses={AT_ONCE}", "--dist=loadscope", "--no-loadscope-reorder")
    try:
        session.run("pytest", *options, "-m", "not alone", *at_once)
    finally:
        session.run("pytest", *options, "-m", "alone")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format, import rules, changelog fragments."""
    session.install(*tools("ruff", "import-linter", "towncrier"), env=pinned())
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "tests/workspace/import_rules.py")
    session.run("towncrier", "build", "--draft", "--version", "next", silent=True)


@nox.session
def types(session: nox.Session) -> None:
    """Check every package, its tests and the workspace's own scripts with the strict type checker."""
    install_workspace(session, *TOOLS)
    folders = [*SOURCES, *(str(path / "tests") for path in DISTRIBUTIONS), "tests", "benchmarks", "examples"]
    checked = [folder for folder in folders if any((ROOT / folder).rglob("*.py"))]
    session.run("mypy", *checked, "noxfile.py", "conftest.py", env={"MYPYPATH": os.pathsep.join(SOURCES)})


@nox.session
def docs(session: nox.Session) -> None:
    """Check the links of every page and run its code blocks."""
    install_workspace(session, *TOOLS)
    session.run("pytest", "tests/workspace/test_docs.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed and memory, and print the ratios to the programs that are beside it."""
    install_workspace(session, *TOOLS)
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def lowest(session: nox.Session) -> None:
    """Run the core's tests with the lowest version of each dependency that its metadata allows."""
    install_workspace(session, *TOOLS)
    core = f"./core{extras(Path('core'))}"
    session.run("uv", "pip", "install", "--upgrade", "--resolution=lowest-direct", "-e", core)
    session.run("pytest", "core/tests", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Put a wheel and a source archive of every distribution into dist/."""
    session.install(*tools("uv"), env=pinned())
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("uv", "build", "--quiet", "--all-packages", "--out-dir", "dist", env=pinned())
    session.log("\n".join(sorted(built.name for built in (ROOT / "dist").iterdir())))


@nox.session
def constraints(session: nox.Session) -> None:
    """Write constraints.txt anew: the newest versions that everything here agrees on."""
    session.install(*tools("uv"))
    inputs = [f"{path.as_posix()}/pyproject.toml" for path in DISTRIBUTIONS]
    ours = [f"--no-emit-package={project_name(path)}" for path in DISTRIBUTIONS]
    what = ["--group=dev", "--all-extras", "--universal", "--python-version=3.11", "--upgrade", *ours]
    form = ["--quiet", "--no-annotate", "--custom-compile-command=./run constraints"]
    session.run("uv", "pip", "compile", *inputs, *what, *form, f"--output-file={PINS.name}")


def project_name(distribution: Path) -> str:
    """Return the name that a distribution is published under."""
    return str(nox.project.load_toml(ROOT / distribution / "pyproject.toml")["project"]["name"])


@nox.session
def changelog(session: nox.Session) -> None:
    """Collect changelog.d/ into CHANGELOG.md (`./run changelog -- 0.2.0`); without a version, show it."""
    session.install(*tools("towncrier"), env=pinned())
    how = ["--yes", "--version", *session.posargs] if session.posargs else ["--draft", "--version", "next"]
    session.run("towncrier", "build", *how)
