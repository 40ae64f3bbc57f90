"""Where the segments were; they are in :mod:`cratedig_emulators.segments`."""

from cratedig_emulators.segments import Segmented, segmented

__all__ = ["Segmented", "segmented"]
