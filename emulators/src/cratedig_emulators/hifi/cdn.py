"""The CDN: signed addresses of files, playlists and segments, valid until :meth:`HifiCdn.expire`."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from attrs import evolve

from cratedig_emulators.catalogue import Track
from cratedig_emulators.hifi.recipes import HIGH, Preview, Recipe
from cratedig_emulators.hifi.sounds import claiming, segments, whole
from cratedig_emulators.hifi.tracks import Song
from cratedig_emulators.server import Request, Response, Service, file_response, json_response, route


class HifiCdn(Service):
    """Serves anybody whose address is signed; it asks for no login and should be shown none."""

    name = "hifi-cdn"

    def __init__(self, api: Any) -> None:
        super().__init__(parent=api)
        self._api = api
        self._signature = uuid4().hex

    def expire(self) -> None:
        """Refuse every address that has been handed out so far."""
        self._signature = uuid4().hex

    def signed(self, path: str) -> str:
        """Return the whole address of ``path``."""
        return f"{self.base_url}{path}{self.query}"

    @property
    def query(self) -> str:
        """What a signed address ends with."""
        return f"?token=1790000000~{self._signature}"

    @route("/mediatracks/{song}/{tier}/whole.{extension}")
    def whole(self, request: Request) -> Response:
        """Answer with one file."""
        song, recipe, refusal = self._asked(request)
        if refusal is not None:
            return refusal
        data = whole(shortened(song, recipe), request.params["tier"])
        lossy = request.params["extension"] == "mp4"
        if recipe.preview is Preview.DISGUISED and not lossy:
            data = claiming(data, song.track.seconds)
        return file_response(data, "audio/mp4" if lossy else "audio/flac")

    @route("/mediatracks/{song}/{tier}/{number}.mp4")
    def segment(self, request: Request) -> Response:
        """Answer with segment ``number``; 0 is the initialisation."""
        song, recipe, refusal = self._asked(request)
        if refusal is not None:
            return refusal
        parts = segments(song.track, request.params["tier"])
        number = int(request.params["number"])
        if number >= len(parts) or (recipe.missing_segment and number == len(parts) - 1):
            return Response(status=404, body=b"no such segment")
        return file_response(parts[number], "audio/mp4")

    @route("/1/manifests/{song}/{tier}/{kind}.m3u8")
    def playlist(self, request: Request) -> Response:
        """Answer with a master playlist, or with one of segments."""
        song, recipe, refusal = self._asked(request)
        if refusal is not None:
            return refusal
        if request.params["kind"] == "master":
            lines = [
                "#EXTM3U",
                '#EXT-X-STREAM-INF:BANDWIDTH=1000000,CODECS="flac"',
                f"media.m3u8{self.query}",
            ]
        else:
            lines = media_playlist(self, song, recipe, request.params["tier"])
        return Response(body="\n".join(lines).encode(), content_type="application/vnd.apple.mpegurl")

    def not_found(self, _request: Request) -> Response:
        """Answer as object stores do."""
        return Response(
            status=404, body=b"<Error><Code>NoSuchKey</Code></Error>", content_type="application/xml"
        )

    def _asked(self, request: Request) -> tuple[Song, Recipe, Response | None]:
        song: Song = self._api.songs[int(request.params["song"])]
        refusal = None
        if request.args.get("token") != self.query.partition("=")[2]:
            refusal = json_response({"error": "signature expired"}, 403)
        return song, self._api.recipe(song.id), refusal


def shortened(song: Song, recipe: Recipe) -> Track:
    """Return the track as long as the file that is served in one piece."""
    seconds = recipe.preview_seconds if recipe.preview else song.track.seconds
    return evolve(song.track, seconds=min(seconds, song.track.seconds))


def durations(song: Song, recipe: Recipe, tier: str) -> list[tuple[int, float]]:
    """Return number and seconds of each segment that a manifest lists.

    A preview ends after half a minute; a disguised one says that its few segments play for the whole song.
    """
    total, step = song.track.seconds, 4.0
    count = len(segments(song.track, tier)) - 1
    lengths = [step] * (count - 1) + [max(0.1, total - step * (count - 1))]
    kept = max(1, int(recipe.preview_seconds // step)) if recipe.preview else count
    if recipe.preview is Preview.DISGUISED:
        lengths = [total / kept] * kept
    return list(enumerate(lengths, 1))[:kept]


def media_playlist(cdn: HifiCdn, song: Song, recipe: Recipe, tier: str) -> list[str]:
    """Return the lines of a playlist with addresses relative to it."""
    base = f"../../../../mediatracks/{song.id}/{tier}"
    if recipe.data_uri:
        base = f"{cdn.base_url}/mediatracks/{song.id}/{tier}"
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-TARGETDURATION:4", "#EXT-X-PLAYLIST-TYPE:VOD"]
    lines.append(f'#EXT-X-MAP:URI="{base}/0.mp4{cdn.query}"')
    if recipe.hls_key:
        lines.append('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://planted"')
    for number, seconds in durations(song, recipe, tier):
        lines += [f"#EXTINF:{seconds:.3f},", f"{base}/{number}.mp4{cdn.query}"]
    return [*lines, "#EXT-X-ENDLIST"]


def dash(cdn: HifiCdn, song: Song, recipe: Recipe, tier: str) -> str:
    """Return an MPD with one representation, in the form that Tidal writes it."""
    base, query = f"{cdn.base_url}/mediatracks/{song.id}/{tier}", cdn.query
    listed = durations(song, recipe, tier)
    codec = "mp4a.40.2" if tier == HIGH else "flac"
    rows = []
    if len(listed) > 1:
        rows.append(f'<S d="{round(listed[0][1] * 1000)}" r="{len(listed) - 2}"/>')
    rows.append(f'<S d="{round(listed[-1][1] * 1000)}"/>')
    return (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-main:2011" '
        f'type="static" minBufferTime="PT4S" mediaPresentationDuration="PT{song.track.seconds}S">'
        '<Period id="0"><AdaptationSet id="0" contentType="audio" mimeType="audio/mp4">'
        f'<Representation id="0" codecs="{codec}" bandwidth="2000000" audioSamplingRate="96000">'
        f'<SegmentTemplate timescale="1000" initialization="{base}/0.mp4{query}" '
        f'media="{base}/$Number$.mp4{query}" startNumber="1"><SegmentTimeline>{"".join(rows)}'
        "</SegmentTimeline></SegmentTemplate><Label>FLAC_HIRES</Label></Representation>"
        "</AdaptationSet></Period></MPD>"
    )
