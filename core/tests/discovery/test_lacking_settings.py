"""A source can say which settings it lacks, and what it keeps for itself is as secret as its settings."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig import DownloadEngine, NotConfigured, SourceContext, SourceInfo, SourceState, hookimpl


class Needy:
    """Lacks what ``says`` says; keeps a token when it is asked."""

    says: Exception | None = None
    token = ""

    def __init__(self, context: SourceContext) -> None:
        self.context = context

    @hookimpl
    def source_info(self) -> SourceInfo:
        return SourceInfo(name="needy", display_name="Needy", contract_version="1.0")

    @hookimpl
    def is_configured(self) -> bool:
        if self.says:
            raise self.says
        return bool(self.token)

    @hookimpl
    async def check_connection(self) -> bool:
        self.context.state.set("login", {"token": self.token})
        self.context.log.warning("the answer was %s", self.token)
        return True

    @hookimpl
    async def search_raw(self, query: str) -> list[Any]:
        return []

    @hookimpl
    async def download_raw(self, target_id: str) -> Path:
        raise AssertionError(target_id)


def engine_with(folder: Path, **members: Any) -> DownloadEngine:
    engine = DownloadEngine({"engine": {"state_dir": str(folder)}})
    engine.register_plugin(type("Told", (Needy,), members), name="needy")
    return engine


def test_source_says_what_it_lacks(tmp_path: Path) -> None:
    """What is_configured raises is the reason, and its hint says what to do."""
    status = engine_with(tmp_path, says=NotConfigured("app_id is missing", hint="ask for one")).sources()[0]
    assert (status.state, status.reason) == (SourceState.NOT_CONFIGURED, "app_id is missing")
    assert status.hint == "ask for one"


def test_hint_is_not_needed(tmp_path: Path) -> None:
    """Without a hint of the source's own, it is said where settings stand."""
    status = engine_with(tmp_path, says=NotConfigured("app_id is missing")).sources()[0]
    assert "[sources.needy]" in status.hint


def test_false_is_enough(tmp_path: Path) -> None:
    """A source that says nothing is not configured either."""
    status = engine_with(tmp_path).sources()[0]
    assert (status.state, status.reason) == (SourceState.NOT_CONFIGURED, "a setting that it needs is missing")


def test_token_that_is_kept_is_in_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A token that a source writes into its state is masked in logs from then on."""
    token = f"planted-{uuid4()}"

    async def use() -> None:
        async with engine_with(tmp_path, token=token) as engine:
            await engine.diagnose(["needy"])

    with caplog.at_level(logging.DEBUG):
        asyncio.run(use())
    assert "the answer was" in caplog.text
    assert token not in caplog.text
