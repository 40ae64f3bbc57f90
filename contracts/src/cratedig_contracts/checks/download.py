"""What it delivers, and where."""

from __future__ import annotations

import asyncio
import re

from cratedig import Download, DownloadState, NotFound, Pending, SourceBug
from cratedig_contracts.call import Call
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.rig import Rig, Session

HOSTILE_TARGETS = (
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "nul\x00byte",
    "<script>alert(1)</script>",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "a b?c#d&e=f",
    "夜/../🎺",
    "x" * 3000,
)
LENGTH_TOLERANCE = 5.0


class DownloadChecks(Given):
    """Complete, inside, with progress, alone in its folder, side by side, refused where there is nothing."""

    def test_download_completes(self, rig: Rig) -> None:
        """The target ends as Completed, and the file is the recording that was expected."""
        done, call = rig.run(_one_download)
        if call is not None and not _inside(call):
            leave("what it delivers is outside of dest_dir; see download_inside")
        demand(done.state is DownloadState.COMPLETED, f"it ends as {done.state}: {done.detail}")
        file, expected = done.files[0], self.expected
        if expected.duration is not None:
            off = abs((file.duration or 0.0) - expected.duration)
            demand(off <= LENGTH_TOLERANCE, f"it plays {file.duration} s, expected {expected.duration} s")
        codec = file.quality.codec if file.quality else ""
        demand(expected.codec in ("", codec), f"its codec is {codec!r}, expected {expected.codec!r}")

    def test_download_inside(self, rig: Rig) -> None:
        """The file that download_raw returns lies in the dest_dir that it was given."""
        _, call = rig.run(_one_download)
        if call is not None and isinstance(call.result, Pending):
            leave("the engine fetches the file from where the other program has put it")
        if call is None or call.delivered is None:
            leave("download_raw has delivered no file; see download_completes")
        place = call.arguments["dest_dir"]
        demand(_inside(call), f"it returns {call.delivered}, which is not below dest_dir ({place})")

    def test_download_progress(self, rig: Rig) -> None:
        """Progress is told in bytes, never goes back, and ends at the size of the file."""

        async def use(session: Session) -> tuple[Download, Call | None, bool]:
            done = await session.completed()
            calls = session.spy.of("download_raw")
            return done, calls[-1] if calls else None, session.delegates

        done, call, events = rig.run(use)
        if call is None or events:
            leave("it tells its progress through watch_raw")
        told = [report[0] for report in call.progress]
        demand(told, "it tells no progress: call progress(transferred, total) as the bytes come in")
        whole = all(isinstance(number, int) and not isinstance(number, bool) for number in told)
        demand(whole, f"progress is a whole number of bytes, not {told[:5]}")
        demand(told == sorted(told), "progress goes back: it is the sum of all bytes so far")
        size = done.files[0].size
        demand(told[-1] == size, f"the last progress is {told[-1]}, the file has {size} bytes")

    def test_download_nothing_left(self, rig: Rig) -> None:
        """Beside the published file, nothing stays where the downloads go to."""

        async def use(session: Session) -> tuple[Download, list[str]]:
            return await session.completed(), session.files()

        done, files = rig.run(use)
        published = {str(file.path.relative_to(done.dest_dir)) for file in done.files}
        more = sorted(set(files) - published)
        demand(not more, f"it leaves {', '.join(more)} behind; write into dest_dir only")

    def test_download_two_at_once(self, rig: Rig) -> None:
        """The same target into two folders at once gives two whole files."""

        async def use(session: Session) -> tuple[Download, Download]:
            await session.completed(folder="before")
            session.spy.hold_downloads(2)
            one, other = await asyncio.gather(
                session.download(folder="one"), session.download(folder="other")
            )
            return one, other

        for done in rig.run(use):
            demand(done.state is DownloadState.COMPLETED, f"one of two ends as {done.state}: {done.detail}")
            reasons = [attempt.reason for attempt in done.attempts if attempt.reason]
            demand(not reasons, f"one of two fails at first: {'; '.join(reasons)}")

    def test_download_unknown_target(self, rig: Rig) -> None:
        """A target that the service does not have is NotFound."""

        async def use(session: Session) -> Download:
            return await session.download(self.missing_target)

        done = rig.run(use)
        demand(
            (done.state, done.code) == (DownloadState.ERRORED, NotFound.code),
            f"{self.missing_target!r} ends as {done.state} {done.code}, expected NotFound: {done.detail}",
        )

    def test_download_hostile_target(self, rig: Rig) -> None:
        """A target id that was made up to do harm brings nothing in, and is no reason to fall over."""

        async def use(session: Session) -> list[Download]:
            return await asyncio.gather(*(session.download(target) for target in HOSTILE_TARGETS))

        for target, done in zip(HOSTILE_TARGETS, rig.run(use), strict=True):
            shown = re.sub(r"[^ -~]", "?", target[:60])
            demand(done.state is DownloadState.ERRORED, f"the target {shown!r} ends as {done.state}")
            demand(done.code != SourceBug.code, f"the target {shown!r} makes it raise: {done.detail}")


async def _one_download(session: Session) -> tuple[Download, Call | None]:
    done = await session.download()
    calls = session.spy.of("download_raw")
    return done, calls[-1] if calls else None


def _inside(call: Call) -> bool:
    """Whether what was delivered lies in the folder; true where nothing was."""
    path = call.delivered
    return path is None or path.resolve().is_relative_to(call.arguments["dest_dir"].resolve())
