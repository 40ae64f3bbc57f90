"""The service that the gallery's sources talk to: search, one track, its file."""

from __future__ import annotations

from uuid import uuid4

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Request, Response, file_response, json_response, route
from cratedig_emulators.switches import Switches

from .daemon import ALBUM, Daemon, DaemonProgram, DaemonSwitches

TRACKS = {
    "t1": Track(artist="The Planted", title="Gallery Walk", album="Frames", seconds=3.0),
    "t2": Track(artist="The Planted", title="Gallery Run", album="Frames", seconds=3.0),
}


class Gallery(Daemon):
    """``/search?q=``, ``/albums?q=``, ``/tracks/<id>`` (an unknown one is null), files, a login, jobs."""

    name = "gallery"
    tracks = TRACKS

    def __init__(self) -> None:
        super().__init__()
        self.handed_out: list[str] = []
        self.confirmed = False

    @route("/login")
    def login(self, _request: Request) -> Response:
        """Begin a login."""
        return json_response({"path": "/activate", "code": "PLAN-TED", "device": "d1"})

    @route("/login/{device}")
    def token(self, _request: Request) -> Response:
        """A token, when somebody has confirmed the login."""
        if not self.confirmed:
            return json_response({})
        self.handed_out.append(f"planted-{uuid4()}")
        return json_response({"access_token": self.handed_out[-1]})

    def hold(self) -> None:
        """Let every login wait."""
        self.confirmed = False

    def confirm(self) -> None:
        """Confirm the one that waits."""
        self.confirmed = True

    def secrets(self) -> list[str]:
        """Every token so far."""
        return self.handed_out

    @route("/search")
    def search(self, request: Request) -> Response:
        """Tracks that have every word of the query."""
        words = request.args.get("q", "").casefold().split()
        found = [self._row(key) for key in TRACKS if all(word in _text(TRACKS[key]) for word in words)]
        return json_response({"items": found if words else []})

    @route("/albums")
    def albums(self, request: Request) -> Response:
        """The album, where every word of the query is in artist and title."""
        words = request.args.get("q", "").casefold().split()
        fits = words and all(word in "the planted frames" for word in words)
        album = {"id": ALBUM, "title": "Frames", "artist": "The Planted", "album": "Frames", "tracks": 2}
        return json_response({"items": [album] if fits else []})

    @route("/tracks/{id}")
    def track(self, request: Request) -> Response:
        """One track, or the album."""
        key = request.params["id"]
        known = {"id": ALBUM} if key == ALBUM else self._row(key) if key in TRACKS else None
        return json_response({"track": known})

    @route("/files/{id}")
    def file(self, request: Request) -> Response:
        """The bytes of one."""
        return file_response(make_audio(TRACKS[request.params["id"]]), "audio/flac")

    @route("/clip")
    def clip(self, _request: Request) -> Response:
        """A second of something else."""
        return file_response(make_audio(TRACKS["t2"], seconds=1.0), "audio/flac")

    def switches(self) -> Switches:
        """Faults by the kit's names."""
        return DaemonSwitches(self)

    def program(self) -> DaemonProgram:
        """The side of it that does the downloading."""
        return DaemonProgram(self)

    def _row(self, key: str) -> dict[str, object]:
        track = TRACKS[key]
        return {"id": key, "title": track.title, "artist": track.artist, "seconds": track.seconds}


def _text(track: Track) -> str:
    return f"{track.artist} {track.title}".casefold()
