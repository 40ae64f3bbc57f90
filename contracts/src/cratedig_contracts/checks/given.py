"""What an author gives, and what the checks are lent: the attributes and fixtures of a contract."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cratedig import SourceError, UnexpectedResponse, Wanted
from cratedig_contracts.declaration import Deviation, Expected
from cratedig_contracts.elsewhere import elsewhere
from cratedig_contracts.rig import Rig


class Given:
    """Attributes and fixtures; every area of checks inherits from it."""

    name: ClassVar[str] = ""
    """The source's name. MUST be given."""
    query: ClassVar[str | Wanted] = ""
    """Something that has results. MUST be given."""
    missing_query: ClassVar[str] = "zqxwv jjkqz vvxkq"
    """Words that nothing is found for."""
    missing_target: ClassVar[str] = "cratedig-no-such-target"
    """A target id that the service does not have; its form may be right or wrong."""
    missing_transfer: ClassVar[str] = "cratedig-no-such-transfer"
    """A transfer id that the other program does not know; for sources that hand their work over."""
    album_query: ClassVar[Wanted | None] = None
    """An album that has results, where the source delivers albums; by default ``query``, if it is one."""
    expected: ClassVar[Expected] = Expected()
    """What is known of the recording."""
    page_means: ClassVar[type[SourceError]] = UnexpectedResponse
    """What a page with status 200 stands for; ``Unavailable`` where the service is known to answer so."""
    exceptions: ClassVar[tuple[Deviation, ...]] = ()
    """The checks that the source does not pass, each with its reason."""

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """What stands under ``[sources.<name>]``: override it to point the source at an emulator."""
        return {}

    @pytest.fixture
    def target(self) -> str | None:
        """A target id that downloads; by default that of the query's first result."""
        return None

    @pytest.fixture
    def faults(self) -> object | None:
        """An adapter that makes the service misbehave, see :class:`cratedig_contracts.Faults`."""
        return None

    @pytest.fixture
    def program(self) -> object | None:
        """An adapter of the program that does the downloading, see :class:`cratedig_contracts.Program`."""
        return None

    @pytest.fixture
    def other_settings(self, settings: Mapping[str, Any], tmp_path: Path) -> Mapping[str, Any]:
        """Settings with which the query finds nothing: addresses and paths lead nowhere."""
        return elsewhere(settings, tmp_path)

    @pytest.fixture
    def secrets(self) -> Iterable[str]:
        """What nobody may read besides the secret settings: a password in an address, tokens handed out.

        It is looked at after the source has worked, so it may be a collection that grows.
        """
        return ()

    @pytest.fixture
    def planted(self) -> Mapping[str, Any]:
        """Made-up values of secret settings where not any text will do: the right length and letters."""
        return {}

    @pytest.fixture
    def login(self) -> object | None:
        """How a person goes through a login, see :class:`cratedig_contracts.Login`; for ``login_raw``."""
        return None

    @pytest.fixture
    def login_settings(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Settings with which nobody is logged in."""
        return settings

    @pytest.fixture
    def rig(
        self,
        settings: Mapping[str, Any],
        target: str | None,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Rig:
        """Engines with the source in them; every common folder is an empty one."""
        for variable, folder in _FOLDERS.items():
            monkeypatch.setenv(variable, str(_made(tmp_path / "machine" / folder)))
        monkeypatch.chdir(_made(tmp_path / "machine" / "here"))
        monkeypatch.setattr(tempfile, "tempdir", str(_made(tmp_path / "machine" / "tmp")))
        monkeypatch.delenv("CRATEDIG_CONFIG", raising=False)
        return Rig(self.name, settings, tmp_path, query=self.query, target=target)


_FOLDERS = {
    "HOME": "home",
    "USERPROFILE": "home",
    "XDG_CACHE_HOME": "home",
    "XDG_CONFIG_HOME": "home",
    "XDG_DATA_HOME": "home",
    "XDG_STATE_HOME": "home",
    "TMPDIR": "tmp",
    "TEMP": "tmp",
    "TMP": "tmp",
}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
