"""Sources without manners."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from pathlib import Path
from typing import Any

from cratedig import AuthenticationFailed, SourceContext

from .good import Good
from .registry import breaks


@breaks("hygiene_loop", "blocks the loop")
class Sleeps(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        time.sleep(0.5)  # noqa: ASYNC251 - the defect
        return await super().bring(target_id, dest_dir, progress)


@breaks("hygiene_prints", "it prints 'downloading")
class Prints(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        print("downloading", target_id)  # noqa: T201 - the defect
        return await super().bring(target_id, dest_dir, progress)


@breaks("hygiene_threads", "keep-alive")
class StartsAThread(Good):
    async def ask(self, path: str) -> Any:
        if not hasattr(self, "thread"):
            self.thread = threading.Thread(target=time.sleep, args=(90,), name="keep-alive", daemon=True)
            self.thread.start()
        return await super().ask(path)


@breaks("hygiene_tasks", "sleep")
class StartsATask(Good):
    async def ask(self, path: str) -> Any:
        if not hasattr(self, "task"):
            self.task = asyncio.create_task(asyncio.sleep(3600))
        return await super().ask(path)


@breaks("hygiene_writes", "debug.json")
class WritesAFile(Good):
    async def ask(self, path: str) -> Any:
        answer = await super().ask(path)
        Path("debug.json").write_text(str(answer), encoding="utf-8")  # noqa: ASYNC240 - the defect
        return answer


def token(context: SourceContext) -> str:
    secret = context.settings.api_token
    return str(secret) if secret else ""


@breaks("hygiene_secrets", "can be read in a log line")
class LogsItsToken(Good):
    async def ask(self, path: str) -> Any:
        logging.getLogger("some.library").debug("token=%s", token(self.context))
        return await super().ask(path)


@breaks("hygiene_secrets", "can be read in a report, a record or a message")
class TellsItsToken(Good):
    async def ask(self, path: str) -> Any:
        try:
            return await super().ask(path)
        except AuthenticationFailed as error:
            raise AuthenticationFailed(f"the token {token(self.context)} is refused") from error
