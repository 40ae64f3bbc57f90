"""slskd's listing of its own folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_DATE = "2026-08-22T10:05:00Z"


def listing(folder: Path, *, recursive: bool, root: Path | None = None) -> dict[str, Any]:
    """``folder`` as the API shows it; names are relative to the folder that was asked for."""
    root = root or folder
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return {
        "name": "" if folder == root else folder.name,
        "fullName": "" if folder == root else str(folder.relative_to(root)),
        "files": [_file(path, root) for path in entries if path.is_file()],
        "directories": [
            listing(path, recursive=True, root=root)
            if recursive
            else {"name": path.name, "fullName": str(path.relative_to(root))}
            for path in entries
            if path.is_dir()
        ],
    }


def _file(path: Path, root: Path) -> dict[str, Any]:
    return {
        "name": path.name,
        "fullName": str(path.relative_to(root)),
        "length": path.stat().st_size,
        "createdAt": _DATE,
        "modifiedAt": _DATE,
    }
