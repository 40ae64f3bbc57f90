"""``cratedig cancel``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session
from cratedig._errors import CratedigError

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine


@make_command("cancel")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--remove", is_flag=True, help="Forget the record, too.")
def command(session: Session, ids: tuple[str, ...], remove: bool) -> int:
    """Cancel downloads, whichever process works on them.

    An ID may be shortened as long as it is unique. The exit code is 0 when every one of them is cancelled
    now.
    """

    async def work(engine: DownloadEngine) -> int:
        from cratedig._cli.records import full_ids  # noqa: PLC0415

        told = [await _cancel(engine, one, remove=remove) for one in await full_ids(engine, ids)]
        if session.out.as_json:
            session.out.document({"downloads": told})
        else:
            for one in told:
                session.out.line(f"{str(one['id'])[:8]}  {one['outcome']}")
        return Exit.OK if all(one["cancelled"] for one in told) else Exit.FAILED

    return session.run(work)


async def _cancel(engine: DownloadEngine, download_id: str, *, remove: bool) -> dict[str, object]:
    from cratedig._model import DownloadState  # noqa: PLC0415

    try:
        changed = await engine.cancel_download(download_id, remove=remove)
    except CratedigError as error:
        return {"id": download_id, "cancelled": False, "outcome": str(error)}
    left = await engine.get_download_status(download_id)
    cancelled = changed or (left is not None and left.state is DownloadState.CANCELLED)
    ended = "cancelled" if cancelled else f"has ended before: {left.state if left else 'gone'}"
    return {"id": download_id, "cancelled": cancelled, "outcome": ended + (", forgotten" if remove else "")}
