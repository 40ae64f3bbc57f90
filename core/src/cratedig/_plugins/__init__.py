"""What a source implements and what it is lent."""

from cratedig._plugins.check import Check
from cratedig._plugins.delivery import AlbumFile, Delivery, OpenTransfer, Pending, TransferUpdate
from cratedig._plugins.hooks import CONTRACT_VERSION, ENTRY_POINT_GROUP, hookimpl, hookspec
from cratedig._plugins.info import Rate, RateLimits, SourceInfo, Transfer
from cratedig._plugins.login import LoginStep

__all__ = [
    "CONTRACT_VERSION",
    "ENTRY_POINT_GROUP",
    "AlbumFile",
    "Check",
    "Delivery",
    "LoginStep",
    "OpenTransfer",
    "Pending",
    "Rate",
    "RateLimits",
    "SourceInfo",
    "Transfer",
    "TransferUpdate",
    "hookimpl",
    "hookspec",
]
