"""Whole albums."""

from __future__ import annotations

from cratedig import Download, DownloadState, Kind, RawSearchResult, SearchResult, Wanted
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.rig import Rig, Session

ANY_ALBUM = Wanted(artist="The Planted", album="Frames")


class AlbumChecks(Given):
    """Where it says that it delivers albums, and nowhere else."""

    def test_albums_kind(self, rig: Rig) -> None:
        """Who claims albums answers with albums that download to a folder; who does not, has none."""
        if Kind.ALBUM not in rig.run(_claims):
            _demand_none(rig, self._album or ANY_ALBUM)
            return
        wish = self._album
        if wish is None:
            demand(False, "it claims albums: set `album_query` to a Wanted with an album that has results")
            return

        async def use(session: Session) -> tuple[list[SearchResult], str, Download | None]:
            results, outcome = await session.search(wish)
            albums = [one for one in results if one.kind is Kind.ALBUM]
            done = await session.download(result=albums[0]) if albums else None
            return albums, outcome.reason or str(outcome.status), done

        albums, told, done = rig.run(use)
        message = (
            f"it claims albums and has none for {wish.query!r} ({told}): say kind=Kind.ALBUM, or claim none"
        )
        demand(albums and done, message)
        if done:
            _demand_folder(done)

    @property
    def _album(self) -> Wanted | None:
        query = self.query
        own = query if isinstance(query, Wanted) and query.kind is Kind.ALBUM else None
        return self.album_query or own


async def _claims(session: Session) -> frozenset[Kind]:
    return session.delivers


def _demand_none(rig: Rig, wish: Wanted) -> None:
    async def use(session: Session) -> tuple[list[object], list[object]]:
        await session.search()
        usual = [call.result for call in session.spy.of("search_raw")]
        await session.search(wish)
        return usual, [call.result for call in session.spy.of("search_raw")][len(usual) :]

    usual, answers = rig.run(use)
    if _albums(usual):
        leave("it finds albums when it is asked for tracks; see search_results")
    demand(not _albums(answers), "it answers with albums: say delivers={Kind.ALBUM, …} in source_info")


def _albums(answers: list[object]) -> list[RawSearchResult]:
    found = [one for answer in answers if isinstance(answer, list) for one in answer]
    return [one for one in found if isinstance(one, RawSearchResult) and one.kind is Kind.ALBUM]


def _demand_folder(done: Download) -> None:
    demand(done.state is DownloadState.COMPLETED, f"the album ends as {done.state}: {done.detail}")
    folder = done.file_path
    whole = folder is not None and folder.is_dir() and folder.is_relative_to(done.dest_dir)
    demand(whole and done.kind is Kind.ALBUM, f"the album becomes {folder}, expected a folder of its own")
    inside = done.files and all(folder and file.path.is_relative_to(folder) for file in done.files)
    demand(inside, f"the album's files are {[str(file.path) for file in done.files]}")
    demand(not done.missing, f"the album lacks {', '.join(done.missing)}, and is called complete")
