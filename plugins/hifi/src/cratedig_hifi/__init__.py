"""Self-hosted HiFi instances as a source of cratedig: requests, failover and manifests."""

from cratedig_hifi.settings import HifiSettings
from cratedig_hifi.source import Source

__all__ = ["HifiSettings", "Source"]
