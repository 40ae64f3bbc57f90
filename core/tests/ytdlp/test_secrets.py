"""A cookie file's path and lines stay out of errors and logs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig._errors import NotConfigured

SEARCH = "ytsearch5:brass lanterns"


def planted() -> str:
    return f"planted-{uuid4()}"


@pytest.fixture
def secret() -> str:
    return planted()


@pytest.mark.parametrize("content", ["{secret}", "[{{'domain': '{secret}'}}]", None, "\udcff{secret}"])
def test_a_cookie_file_that_cannot_be_used_says_so_without_itself(
    bench: Any, tmp_path: Path, secret: str, content: str | None, caplog: Any
) -> None:
    """Wrong format, missing, or not text: the setting is named, and nothing of the file."""
    file = tmp_path / f"{secret}.txt"
    if content is not None:
        file.write_bytes(content.format(secret=secret).encode("utf-8", "surrogateescape"))

    async def use(ytdlp: Any, _lane: Any) -> str:
        with pytest.raises(NotConfigured, match="cookies_file") as caught:
            await ytdlp.entries(SEARCH)
        return f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"

    with caplog.at_level(logging.DEBUG):
        said = bench(use, cookies_file=str(file))
    assert secret not in said + caplog.text


def test_a_login_is_not_logged(bench: Any, tmp_path: Path, secret: str, caplog: Any, first: str) -> None:
    """Neither by yt-dlp nor on its way through the lane, even with every logger at its loudest."""
    file = tmp_path / f"{planted()}.txt"
    line = "\t".join((".youtube.com", "TRUE", "/", "TRUE", "4102444800", "SID", secret))
    file.write_text(f"# Netscape HTTP Cookie File\n{line}\n")

    async def use(ytdlp: Any, _lane: Any) -> None:
        await ytdlp.entries(SEARCH)
        await ytdlp.info(first)

    with caplog.at_level(logging.DEBUG):
        bench(use, cookies_file=str(file))
    assert {"cratedig.source.sample", "httpcore.connection"} <= {record.name for record in caplog.records}
    assert secret not in caplog.text
    assert file.name not in caplog.text
