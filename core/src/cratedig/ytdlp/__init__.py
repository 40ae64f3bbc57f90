"""What a source that stands on yt-dlp needs and should not write again.

    url ─▶ yt-dlp, in a thread of the lane ─▶ one format ─▶ context.fetch ─▶ file ─▶ (conversion, if asked)
              └─ each request goes back to the lane: permit, proxy, TLS, time-outs, cancel

yt-dlp extracts; the engine requests, transfers, retries and verifies. yt-dlp itself is imported on first
use, so importing this module, or a source that uses it, costs nothing.
"""

from cratedig.ytdlp._bytes import quality
from cratedig.ytdlp._choosing import chosen
from cratedig.ytdlp._client import YtDlp
from cratedig.ytdlp._sayings import Saying
from cratedig.ytdlp._titles import credited, split_title

__all__ = ["Saying", "YtDlp", "chosen", "credited", "quality", "split_title"]
