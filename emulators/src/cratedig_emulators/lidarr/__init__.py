"""Lidarr over HTTP, with indexers, a download client and a music library behind it."""

from cratedig_emulators.lidarr.courses import COURSES, Course, End, Step
from cratedig_emulators.lidarr.emulator import LidarrEmulator

__all__ = ["COURSES", "Course", "End", "LidarrEmulator", "Step"]
