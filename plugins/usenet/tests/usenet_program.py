"""A program that downloads the album until somebody kills it; its record's id is all that it prints."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from cratedig import DownloadEngine, Wanted


async def main(plan: dict[str, Any]) -> None:
    """Search, dispatch, say the id, wait."""
    async with DownloadEngine.open(plan["tree"], journal=Path(plan["journal"])) as engine:
        wanted = Wanted(artist="Mira Oldenburg", album="Glasshouse Songs")
        found = (await engine.search(wanted, sources=["usenet"])).results[0]
        download_id = await engine.dispatch_download(found, dest_dir=Path(plan["dest"]))
        sys.stdout.write(f"{download_id}\n")
        sys.stdout.flush()
        await engine.wait(download_id)


asyncio.run(main(json.loads(sys.argv[1])))
