"""Soulseek, through slskd, as a source of cratedig."""

from cratedig_soulseek.settings import SoulseekSettings
from cratedig_soulseek.source import Source

__all__ = ["SoulseekSettings", "Source"]
