"""A source's small private store for tokens and the like."""

from cratedig._state.memory import MemoryState
from cratedig._state.state import State

__all__ = ["MemoryState", "State"]
