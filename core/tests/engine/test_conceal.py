"""What a source conceals is masked like the secrets in its settings."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig import DownloadEngine, NotFound, SourceContext, SourceInfo, hookimpl


class Signed:
    """Learns of a signature in the middle of a download."""

    def __init__(self, context: SourceContext) -> None:
        self.context = context
        self.signature = f"planted-{uuid4()}"

    @hookimpl
    def source_info(self) -> SourceInfo:
        return SourceInfo(name="signed", display_name="Signed", contract_version="1.0")

    @hookimpl
    def is_configured(self) -> bool:
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        return True

    @hookimpl
    async def search_raw(self, query: str) -> list[Any]:
        return []

    @hookimpl
    async def download_raw(self, target_id: str) -> Any:
        self.context.conceal(self.signature)
        logging.getLogger("httpx").warning("GET /%s", self.signature)
        raise NotFound(f"nothing at /{self.signature}")


def test_concealed_text_is_in_no_log_and_no_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A signature that a service hands out is masked from the moment on that the source says so."""

    async def run() -> tuple[str, str]:
        engine = DownloadEngine({"engine": {"retries": 0}})
        engine.register_plugin(Signed, name="signed")
        async with engine:
            source: Any = engine.client("signed")
            done = await engine.wait(await engine.dispatch_download(("signed", "x"), dest_dir=tmp_path))
            return source.signature, repr(done)

    signature, told = asyncio.run(run())
    assert "nothing at /*" in told
    assert "GET /*" in caplog.text
    assert signature not in told + caplog.text
