"""What Lidarr tells of itself and of how it is set up."""

from __future__ import annotations

from cratedig_emulators.lidarr.program import API, Lidarr
from cratedig_emulators.server import Request, Response, json_response, route


class AboutRoutes(Lidarr):
    """State, root folder and profiles."""

    @route("/ping")
    def ping(self, _request: Request) -> Response:
        """For anybody."""
        return json_response({"status": "OK"})

    @route(f"{API}/system/status")
    def status(self, _request: Request) -> Response:
        """Who it is."""
        return json_response({"appName": self.app, "instanceName": self.app, "version": self.version})

    @route(f"{API}/health")
    def troubles(self, _request: Request) -> Response:
        """What it finds wrong with itself."""
        return json_response(self.health)

    @route(f"{API}/rootfolder")
    def roots(self, _request: Request) -> Response:
        """Where its music is."""
        root = {
            "id": 1,
            "name": "Music",
            "path": self.there,
            "defaultMetadataProfileId": next(iter(self.profiles["metadata"])),
            "defaultQualityProfileId": next(iter(self.profiles["quality"])),
            "defaultMonitorOption": "all",
            "defaultNewItemMonitorOption": "all",
            "defaultTags": [],
            "accessible": self.accessible,
            "freeSpace": 10**11,
            "totalSpace": 5 * 10**11,
        }
        return json_response([root])

    @route(f"{API}/qualityprofile")
    def quality_profiles(self, _request: Request) -> Response:
        """Which files are good enough."""
        return json_response([{"id": key, "name": name} for key, name in self.profiles["quality"].items()])

    @route(f"{API}/metadataprofile")
    def metadata_profiles(self, _request: Request) -> Response:
        """Which albums count."""
        return json_response([{"id": key, "name": name} for key, name in self.profiles["metadata"].items()])
