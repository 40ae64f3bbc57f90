"""Who the source is, and what its distribution says of it."""

from __future__ import annotations

import re
import sys
from importlib.metadata import EntryPoint
from typing import ClassVar

from cratedig import CONTRACT_VERSION, DownloadEngine, SourceInfo, SourceState, SourceStatus, Transfer
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.imported import Imported, import_alone
from cratedig_contracts.rig import GROUP, Rig, Session, entry_points_of
from cratedig_contracts.spy import Spy

_ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,63}")
IMPORT_LIMIT = 1.0
"""Seconds of the processor, far above what an import may take; a busy machine takes no more of them."""


class IdentityChecks(Given):
    """Entry point, metadata, version of the contract, names, cost of the import."""

    heavy: ClassVar[frozenset[str]] = frozenset(
        {
            *("aiohttp", "bs4", "Crypto", "Cryptodome", "cryptography", "curl_cffi", "httpx", "lxml"),
            *("mutagen", "numpy", "pandas", "PIL", "pydantic", "rapidfuzz", "requests", "selenium"),
            *("sqlite3", "tidalapi", "urllib3", "yt_dlp"),
        }
    )
    """Top-level modules that take long to import: they are imported where they are used."""

    def test_identity_entry_point(self, rig: Rig) -> None:
        """One installed distribution declares the source under the name that the source gives itself."""
        demand(self.name, "the contract class does not say which source it is for: set `name`")
        points = entry_points_of(self.name)
        demand(points, f"no installed distribution has the entry point {self.name!r} in the group {GROUP!r}")
        values = {point.value for point in points}
        demand(len(values) == 1, f"several distributions want the name {self.name!r}: {sorted(values)}")
        told = _spied(rig).info
        if isinstance(told, SourceInfo):
            message = f"source_info() calls it {told.name!r}, its entry point is {self.name!r}"
            demand(told.name == self.name, message)

    def test_identity_loads(self, rig: Rig) -> None:
        """An engine imports it, builds it and finds all its hooks."""
        if not entry_points_of(self.name):
            leave("the source is not installed; see identity_entry_point")
        status = _among_all(rig)
        if status.state is SourceState.BROKEN and _is_said_elsewhere(rig):
            return
        message = f"broken at {status.stage}: {status.reason}. {status.hint}\n{status.traceback}"
        demand(status.state is not SourceState.BROKEN, message)

    def test_identity_contract_version(self, rig: Rig) -> None:
        """It was written for a version of the contract that this engine speaks."""
        wanted = [int(part) for part in _info(rig).contract_version.split(".")]
        spoken = [int(part) for part in CONTRACT_VERSION.split(".")]
        sound = wanted[0] == spoken[0] and wanted <= spoken
        demand(
            sound, f"contract_version is {_info(rig).contract_version}, the engine speaks {CONTRACT_VERSION}"
        )

    def test_identity_aliases(self, rig: Rig) -> None:
        """Aliases are a tuple of names, none of them its own, and each leads to it."""
        given = _spied(rig).given_aliases
        if given is None:
            return
        demand(
            isinstance(given, tuple), f"aliases() returns {type(given).__name__}, expected a tuple of names"
        )
        wrong = [alias for alias in given if not isinstance(alias, str) or not _ALIAS.fullmatch(alias)]
        demand(not wrong, f"aliases are lower-case names: {wrong}")
        demand(self.name not in given, f"{self.name!r} is its name, not an alias")
        engine, spy = rig.build(rig.tree())
        lost = [alias for alias in given if engine.client(alias) is not spy.source]
        demand(not lost, f"these aliases do not lead to it: {lost}")
        taken = _among_all(rig)
        demand(taken.stage != "registration", f"an alias is taken: {taken.reason}")

    def test_identity_metadata(self) -> None:
        """Its distribution has version and summary, and requires cratedig."""
        found = _point(self.name).dist
        if found is None:
            leave("the entry point belongs to no distribution")
        facts = found.metadata
        demand("Version" in facts, "the distribution has no version")
        demand("Summary" in facts, "the distribution has no summary: set `description` in pyproject.toml")
        names = {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower() for line in found.requires or ()}
        demand("cratedig" in names, "the distribution does not require cratedig; set `dependencies`")

    def test_identity_capabilities(self, rig: Rig) -> None:
        """What it claims it has, and what it has it claims."""
        info, source = _info(rig), _spied(rig).source
        claims = info.transfer is Transfer.EVENTS
        has = hasattr(source, "watch_raw")
        demand(has or not claims, "transfer is `events`, but there is no watch_raw")
        demand(claims or not has, "it implements watch_raw: say transfer=Transfer.EVENTS in source_info")
        demand(info.delivers, "delivers is empty: say what it delivers, tracks or albums")

    def test_identity_cheap_import(self) -> None:
        """Importing it brings no heavy library along and starts no thread."""
        done = _imported(self.name)
        heavy = sorted({name.partition(".")[0] for name in done.modules} & self.heavy)
        demand(
            not heavy, f"importing it imports {', '.join(heavy)}; import that in the function that uses it"
        )
        demand(not done.threads, f"importing it starts threads: {', '.join(done.threads)}")
        demand(done.took < IMPORT_LIMIT, f"importing it takes {done.took:.2f} s")

    def test_identity_silent_import(self) -> None:
        """Importing it prints nothing."""
        printed = _imported(self.name).printed
        demand(not printed, f"importing it prints {printed[:200]!r}")


def _point(name: str) -> EntryPoint:
    points = entry_points_of(name)
    return points[0] if points else leave("the source is not installed; see identity_entry_point")


def _imported(name: str) -> Imported:
    done = import_alone(_point(name).value, tuple(sys.path))
    return leave("the source cannot be imported; see identity_loads") if done.error else done


def _among_all(rig: Rig) -> SourceStatus:
    """How it stands in an engine that has every installed source."""
    statuses = DownloadEngine.open(rig.tree()).sources()
    return next(status for status in statuses if status.name == rig.name)


def _spied(rig: Rig) -> Spy:
    async def nothing(session: Session) -> Spy:
        return session.spy

    return rig.run(nothing, ready=False)


def _info(rig: Rig) -> SourceInfo:
    info = _spied(rig).info
    return info if isinstance(info, SourceInfo) else leave("there is no SourceInfo; see identity_loads")


def _is_said_elsewhere(rig: Rig) -> bool:
    """Whether all that is wrong is its name, its version or its aliases, for which there are checks."""
    try:
        rig.build(rig.tree())
    except Exception:  # noqa: BLE001 - whatever it is, it is broken
        return False
    return True
