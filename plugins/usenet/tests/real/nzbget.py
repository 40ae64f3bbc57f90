"""The real NZBGet."""

from __future__ import annotations

import base64
import json
import shutil
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from plugins.usenet.tests.real.processes import PATIENCE, Process, until

TEMPLATE = Path("/usr/share/nzbget/webui/nzbget.conf")
"""Where Debian's package has the file that NZBGet compares its settings with."""


def program() -> str | None:
    """Where NZBGet is, ``None`` on a machine without it."""
    return shutil.which("nzbget") if TEMPLATE.exists() else None


class NZBGet(Process):
    """``nzbget -s``, a reader of the news server on port ``news``.

    ``seen_as`` is what it calls ``folder`` where it keeps downloads, as if it ran in a container.
    """

    def __init__(self, folder: Path, news: int, *, seen_as: str = "") -> None:
        super().__init__(folder)
        self._news = news
        self._seen_as = seen_as or folder
        self.username = "cratedig"
        self.password = f"planted-{uuid4()}"
        self.dest = folder / "dst"
        self.inter = folder / "inter"

    @property
    def base_url(self) -> str:
        """Its address for the settings."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        """With plain text for output, not a screen."""
        conf = self.folder / "nzbget.conf"
        options = {**self._places(), **self._control(), **self._reader()}
        conf.write_text("".join(f"{key}={value}\n" for key, value in options.items()))
        return [program() or "nzbget", "-s", "-c", str(conf), "-o", "OutputMode=loggable"]

    def _places(self) -> Mapping[str, object]:
        below = {"NzbDir": "nzb", "QueueDir": "queue", "TempDir": "tmp", "ScriptDir": "scripts"}
        below |= {"LockFile": "lock", "LogFile": "log.txt"}
        return {
            "MainDir": self.folder,
            "DestDir": f"{self._seen_as}/{self.dest.name}",
            "InterDir": f"{self._seen_as}/{self.inter.name}",
            "DiskSpace": 0,
            **{key: self.folder / name for key, name in below.items()},
        }

    def _control(self) -> Mapping[str, object]:
        return {
            "WebDir": "",
            "ConfigTemplate": TEMPLATE,
            "ControlIP": "127.0.0.1",
            "ControlPort": self.port,
            "ControlUsername": self.username,
            "ControlPassword": self.password,
            "UpdateCheck": "none",
        }

    def _reader(self) -> Mapping[str, object]:
        server = {"Active": "yes", "Host": "127.0.0.1", "Port": self._news, "Encryption": "no"}
        server |= {"Username": "reader", "Password": "planted", "Connections": 4}
        options: dict[str, object] = {f"Server1.{key}": value for key, value in server.items()}
        return {**options, "Category1.Name": "audio", "ArticleRetries": 0}

    def answers(self) -> bool:
        """Whether it takes requests."""
        try:
            return bool(self.call("version"))
        except OSError:
            return False

    def call(self, method: str, *params: object) -> Any:
        """The result of one request to its JSON-RPC."""
        body = json.dumps({"version": "1.1", "method": method, "params": params, "id": 1}).encode()
        login = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
        request = urllib.request.Request(f"{self.base_url}/jsonrpc", body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["result"]

    def ended(self, name: str, nzb: bytes) -> dict[str, Any]:
        """Somebody else's job: what the history says of it in the end."""
        content = base64.b64encode(nzb).decode()
        job = self.call("append", f"{name}.nzb", content, "audio", 0, False, False, "", 0, "FORCE", [])
        entries = until(lambda: [entry for entry in self.history() if entry["NZBID"] == job])
        return dict(entries[0])

    def queue(self) -> list[dict[str, Any]]:
        """What it is working on."""
        return list(self.call("listgroups", 0))

    def history(self) -> list[dict[str, Any]]:
        """What it has ended, well or badly, hidden entries included."""
        return list(self.call("history", True))

    def files(self) -> list[Path]:
        """Whatever lies where it keeps downloads, done or not."""
        return [path for root in (self.dest, self.inter) for path in root.rglob("*") if path.is_file()]
