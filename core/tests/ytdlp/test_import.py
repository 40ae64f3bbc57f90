"""A source that stands on yt-dlp is cheap to import."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_module_imports_neither_yt_dlp_nor_httpx() -> None:
    """Both are loaded with the first extraction."""
    code = "import sys, cratedig.ytdlp; print(sorted({'yt_dlp', 'httpx'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
