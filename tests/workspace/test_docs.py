"""The pages: every link leads somewhere, and every block of Python in them runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

from cratedig_emulators.archive import ArchiveEmulator

ROOT = Path(__file__).parents[2]
PATTERNS = (
    "*.md",
    "docs/**/*.md",
    "examples/**/*.md",
    "*/README.md",
    "plugins/*/README.md",
    "changelog.d/README.md",
)
PAGES = sorted({path for pattern in PATTERNS for path in ROOT.glob(pattern) if path.parent.name[0] != "."})
CODE = [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")]


def named(page: Path) -> str:
    """Return how a page is called in a test's id."""
    return page.relative_to(ROOT).as_posix()


def tokens(page: Path) -> list[Token]:
    """Return the parsed page."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """Return where the links and pictures of a page lead, web addresses left out."""
    inside = (child for token in tokens(page) for child in token.children or [])
    found = [str(child.attrs.get("href") or child.attrs.get("src") or "") for child in inside]
    return [unquote(link) for link in found if link and not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, made as the usual forges make them."""
    headings = [text.content for opening, text in pairwise(tokens(page)) if opening.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether the file is there and, where the link names one, the heading in it."""
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """A reader can follow every link inside of the repository, down to the heading."""
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


@pytest.fixture
def no_real_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty home whose settings turn every source off but one, and that one to an emulator."""
    monkeypatch.chdir(tmp_path)
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    others = {source.name for source in entry_points(group="cratedig.sources")} - {"archive"}
    with ArchiveEmulator() as archive:
        lines = [f"[sources.{name}]\nenabled = false\n" for name in sorted(others)]
        lines += [f'[sources.archive]\nbase_url = "{archive.base_url}"\n']
        (tmp_path / "settings.toml").write_text("".join(lines), encoding="utf-8")
        monkeypatch.setenv("CRATEDIG_CONFIG", str(tmp_path / "settings.toml"))
        yield


@pytest.mark.usefixtures("no_real_service")
@pytest.mark.parametrize("page", CODE, ids=named)
def test_every_block_of_python_runs(page: Path) -> None:
    """The blocks of a page run in order, as one program, in an empty home and folder."""
    sybil = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], path=str(ROOT))
    for example in sybil.parse(page).examples():
        example.evaluate()


def test_every_page_of_the_documentation_can_be_found() -> None:
    """No page in docs/ is left out of its index."""
    index = ROOT / "docs" / "index.md"
    reached = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    assert [
        named(page) for page in PAGES if page.parent.parts[-1] == "docs" and page not in {*reached, index}
    ] == []


def test_ci_runs_the_command_of_the_readme() -> None:
    """What a stranger is told to run is what CI runs, word for word."""
    told = re.findall(r"^    (\./run tests)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert told == ["./run tests"]
    assert re.search(r"^\./run tests\b", script, re.MULTILINE)
