"""The news server that is part of NZBGet, and its maker of NZBs."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from plugins.usenet.tests.real.nzbget import program
from plugins.usenet.tests.real.processes import PATIENCE, Process

from cratedig_emulators.usenet.posts import ARTICLE


class NServ(Process):
    """``nzbget --nserv``: every file below ``data`` as articles."""

    @property
    def data(self) -> Path:
        """Each folder in it is a release."""
        return self.folder / "data"

    def command(self) -> list[str]:
        """On 127.0.0.1 alone; it would take every address."""
        self.data.mkdir(exist_ok=True)
        return self._nserv("-b", "127.0.0.1", "-p", str(self.port), "-v", "0")

    def _nserv(self, *options: str) -> list[str]:
        return [program() or "nzbget", "--nserv", "-d", str(self.data), *options]

    def answers(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def post(self, name: str, files: Mapping[str, bytes]) -> bytes:
        """Serve a release from now on; its NZB."""
        folder = self.data / name
        folder.mkdir()
        for file, data in files.items():
            (folder / file).write_bytes(data)
        maker = self._nserv("-z", str(ARTICLE), "-q")
        # NZBGet 21.0 crashes now and then on its way out, when the NZB is written: 1 time of 48 when busy.
        made = subprocess.run(maker, cwd=self.folder, capture_output=True, check=False, timeout=PATIENCE)
        assert made.returncode in {0, -signal.SIGSEGV}, made
        nzb = (self.data / f"{name}.nzb").read_bytes()
        assert nzb.rstrip().endswith(b"</nzb>"), nzb[-200:]
        return nzb
