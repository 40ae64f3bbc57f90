"""The shape of core in numbers: ``python -m tests.workspace.shape [folder of another checkout]``.

How many modules there are, how they import each other, how many private functions have one caller, and what a
search, a download, a job of another program and a cancel run through. Read from the syntax trees, and from a
traced run.
"""

from __future__ import annotations

import ast
import asyncio
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[2]
CORE = "cratedig"
RUNS = 7
"""Traced runs of each kind; the one with the fewest moves counts, as nothing else happened to run then."""

Graph = dict[str, set[str]]


# -- what stands in the files ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Module:
    """One file of core. ``package`` is the first name below ``cratedig`` where that is a folder."""

    name: str
    path: Path
    tree: ast.Module
    is_door: bool

    @property
    def package(self) -> str:
        """The package that it belongs to; a module directly below the root is one by itself."""
        return ".".join(self.name.split(".")[:2])


def modules_of(root: Path) -> dict[str, Module]:
    """Every module of core below ``root``, under its name."""
    source = root / "core" / "src"
    found = {}
    for path in sorted((source / CORE).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        is_door = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_door else parts)
        found[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")), is_door)
    return found


def imports(module: Module, names: Iterable[str], *, typing: bool, lazy: bool) -> set[str]:
    """The modules of core that it imports when it is loaded; if asked, for ``typing`` or in functions."""
    known = set(names)
    found = set()
    for node in _statements(module.tree, typing=typing, lazy=lazy):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inside & known
            if inside - known and node.module in known:
                found.add(node.module)
    return found - {module.name}


def _statements(tree: ast.AST, *, typing: bool, lazy: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not typing:
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not lazy:
            continue
        yield node
        yield from _statements(node, typing=typing, lazy=lazy)


def groups(graph: Graph) -> list[list[str]]:
    """The nodes, those that reach each other together, each group after all that it reaches (Tarjan)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            at = stack.index(node)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return found


def circles(graph: Graph) -> list[list[str]]:
    """The groups of more than one node that reach each other."""
    return [group for group in groups(graph) if len(group) > 1]


def longest_chain(graph: Graph) -> list[str]:
    """The longest way along imports; a circle counts with all that are in it."""
    chains: dict[str, list[str]] = {}
    for group in groups(graph):
        below = {other for node in group for other in graph[node]} - set(group)
        rest = max((chains[other] for other in sorted(below)), key=len, default=[])
        chains.update({node: [*group, *rest] for node in group})
    return max(chains.values(), key=len)


def private_functions(modules: Mapping[str, Module]) -> tuple[int, int]:
    """How many functions of modules have an underscore, and how many of those are named at one place only."""
    total = once = 0
    for module in modules.values():
        named = Counter(node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name))
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("_"):
                total += not node.name.startswith("__")
                once += not node.name.startswith("__") and named[node.name] == 1
    return total, once


def constructor_callbacks(modules: Mapping[str, Module]) -> int:
    """Arguments of constructors that are functions."""
    aliases = {
        target.id
        for module in modules.values()
        for node in module.tree.body
        if isinstance(node, ast.Assign) and "Callable" in ast.dump(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    count = 0
    for module in modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                arguments = [*node.args.args, *node.args.kwonlyargs]
                count += sum(_is_function(one.annotation, aliases) for one in arguments)
    return count


def _is_function(annotation: ast.expr | None, aliases: set[str]) -> bool:
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)} if annotation else set()
    return bool(names & {"Callable", *aliases})


def lines_of_code(paths: Iterable[Path]) -> int:
    """Lines without blank ones, comments and docstrings."""
    return sum(_lines_of_code(path) for path in paths)


def _lines_of_code(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    kept = {
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and _is_text(node.value):
            kept -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(kept)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


# -- what runs ---------------------------------------------------------------------------------------------


@dataclass
class Trace:
    """What one operation has run through."""

    modules: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    moves: int = 0


class Tracer:
    """Notes each call of a function of core while it records, on all threads begun after it was installed."""

    def __init__(self, root: Path) -> None:
        self._source = str(root / "core" / "src") + "/"
        self._seen: dict[int, FrameType] = {}
        self._trace: Trace | None = None

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Be called for what happens on this thread and on those that it starts."""
        threading.setprofile(self)
        sys.setprofile(self)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    @contextmanager
    def recording(self) -> Iterator[Trace]:
        """Note what happens from now on."""
        self._seen = {}
        self._trace = trace = Trace()
        try:
            yield trace
        finally:
            self._trace = None

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """Take a call into account; a coroutine that goes on after a wait is no new one."""
        trace, seen = self._trace, self._seen
        if trace is None or event != "call" or id(frame) in seen:
            return
        module = self._module(frame)
        if module is None:
            return
        seen[id(frame)] = frame
        trace.modules.add(module)
        qualified = frame.f_code.co_qualname.split(".<locals>")[0].split(".")
        if len(qualified) > 1:
            trace.classes.add(f"{module}.{qualified[0]}")
        caller = frame.f_back
        while caller is not None and self._module(caller) is None:
            caller = caller.f_back
        trace.moves += caller is not None and self._module(caller) != module

    def _module(self, frame: FrameType) -> str | None:
        file = frame.f_code.co_filename
        if not file.startswith(self._source):
            return None
        name = file.removeprefix(self._source).removesuffix(".py").replace("/", ".")
        return name.removesuffix(".__init__")


async def _searched(tracer: Tracer, folder: Path) -> Trace:
    from core.tests.fakes import Fake, running  # noqa: PLC0415

    async with running(Fake(), engine=_QUIET) as engine:
        await engine.search("warm up")
        with tracer.recording() as trace:
            await engine.search("artist - title")
    return trace


async def _downloaded(tracer: Tracer, folder: Path) -> Trace:
    from core.tests.fakes import Fake, running  # noqa: PLC0415

    async with running(Fake(), engine=_QUIET) as engine:
        await engine.wait(await engine.dispatch_download(("fake", "warm up"), dest_dir=folder))
        with tracer.recording() as trace:
            await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=folder))
    return trace


async def _delegated(tracer: Tracer, folder: Path) -> Trace:
    from core.tests.fakes import until  # noqa: PLC0415
    from core.tests.otherprogram import Program, delegating  # noqa: PLC0415

    program = Program(folder / "program", interval=0.3)
    async with delegating(program, engine=_QUIET) as engine:
        for target in ("warm up", "1"):
            with tracer.recording() as trace:
                download_id = await engine.dispatch_download(("fake", target), dest_dir=folder)
                await until(lambda job=f"job-{target}": job in program.jobs)  # type: ignore[misc]
                program.bring(f"job-{target}", name=f"{target}.wav")
                await engine.wait(download_id)
                await until(lambda job=f"job-{target}": job in program.asked("tidy"))  # type: ignore[misc]
    return trace


async def _cancelled(tracer: Tracer, folder: Path) -> Trace:
    from core.tests.fakes import Fake, forever, running, until  # noqa: PLC0415

    source = Fake(download=forever)
    async with running(source, engine=_QUIET) as engine:
        for number, target in enumerate(("warm up", "1")):
            download_id = await engine.dispatch_download(("fake", target), dest_dir=folder)
            await until(lambda count=number + 1: len(source.calls) == count)  # type: ignore[misc]
            with tracer.recording() as trace:
                await engine.cancel_download(download_id)
                await engine.wait(download_id)
                await asyncio.sleep(0.05)
    return trace


_QUIET = {"retries": 0}
KINDS: dict[str, Callable[[Tracer, Path], Awaitable[Trace]]] = {
    "a search": _searched,
    "a file": _downloaded,
    "a job of another program": _delegated,
    "a cancel": _cancelled,
}


def traced(root: Path, kind: str) -> Trace:
    """What one operation of that kind runs through, at its quietest."""
    tracer = Tracer(root)
    runs = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder, tracer.installed():
            runs.append(asyncio.run(_awaited(KINDS[kind], tracer, Path(folder))))
    return min(runs, key=lambda trace: (trace.moves, len(trace.modules)))


async def _awaited(work: Callable[[Tracer, Path], Awaitable[Trace]], tracer: Tracer, folder: Path) -> Trace:
    return await work(tracer, folder)


# -- the report --------------------------------------------------------------------------------------------


def report(root: Path) -> Iterator[str]:
    """One line for each number."""
    modules = modules_of(root)
    graph = {name: imports(module, modules, typing=False, lazy=True) for name, module in modules.items()}
    every = {name: imports(module, modules, typing=True, lazy=True) for name, module in modules.items()}
    packages: Graph = defaultdict(set)
    for name, others in every.items():
        own = modules[name].package
        packages[own] |= {modules[other].package for other in others} - {own, CORE}
    total, once = private_functions(modules)
    chain = longest_chain(graph)
    yield f"modules of core, without __init__    {sum(not module.is_door for module in modules.values())}"
    yield f"lines of code of core                {lines_of_code(module.path for module in modules.values())}"
    yield f"longest chain of imports             {len(chain)}  ({' > '.join(name[9:] for name in chain)})"
    yield f"circles between modules              {circles(graph)}"
    yield f"circles between packages             {circles({**packages})}"
    yield f"private functions named once         {once} of {total} ({100 * once / total:.0f} %)"
    yield f"functions in constructors            {constructor_callbacks(modules)}"
    for kind in KINDS:
        trace = traced(root, kind)
        yield (
            f"{kind:<36} {len(trace.modules)} modules, {len(trace.classes)} classes,"
            f" {trace.moves} moves between modules"
        )
    for source in sorted((root / "plugins").glob("*/src")):
        yield f"lines of code of {source.parent.name:<19} {lines_of_code(source.rglob('*.py'))}"


if __name__ == "__main__":
    checkout = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    sys.path[:0] = [str(checkout / "core" / "src"), str(checkout)]
    for line in report(checkout):
        print(line, flush=True)
