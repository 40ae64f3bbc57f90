"""The real engine with the emulated Qobuz as ``api_base``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download
from cratedig_contracts import Bench
from cratedig_emulators.qobuz import QobuzEmulator


class QobuzBench(Bench):
    """Somebody with a login at the emulated Qobuz; without ``user_auth_token``, with e-mail and password."""

    source = "qobuz"

    def __init__(self, service: QobuzEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.service = service

    def tree(self, *, retries: int = 0, **settings: Any) -> dict[str, Any]:
        """Whole settings."""
        account = {"email": self.service.email, "password": self.service.password}
        by_password = "user_auth_token" in settings and settings["user_auth_token"] is None
        return super().tree(retries=retries, **{**(account if by_password else {}), **settings})

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.qobuz]``."""
        return {
            "api_base": self.service.api_base,
            "app_id": self.service.app_id,
            "app_secret": self.service.app_secret,
            "user_auth_token": self.service.token,
        }

    def id_of(self, title: str) -> str:
        """The target that a title of the emulator's is."""
        return str(self.service.song(title).id)

    def download(
        self,
        title: str,
        *,
        quality: Any = None,
        searched: bool = False,
        setting: int | None = None,
        **settings: Any,
    ) -> Download:
        """The record of one download of a title, or of a target's id.

        ``quality`` is the person's wish and ``setting`` the source's setting of that name.
        """
        target = self.id_of(title) if title[:1].isalpha() else title
        more = {"quality": setting} if setting else {}
        return self.fetch(target, wish=quality, searched=title if searched else "", **settings, **more)

    def asked(self, path: str) -> list[Any]:
        """The requests for one address of the API."""
        return self.service.log.all(f"/api.json/0.2/{path}")


@pytest.fixture(scope="session")
def qobuz_service() -> Iterator[QobuzEmulator]:
    with QobuzEmulator() as service:
        yield service


@pytest.fixture
def bench(qobuz_service: QobuzEmulator, tmp_path: Path) -> Iterator[QobuzBench]:
    qobuz_service.renew()
    qobuz_service.log.clear()
    yield QobuzBench(qobuz_service, tmp_path)
    assert qobuz_service.errors == []
