"""What a source implements and what it is lent."""

from cratedig._contract.check import Check
from cratedig._contract.delivery import AlbumFile, Delivery, OpenTransfer, Pending, TransferUpdate
from cratedig._contract.hooks import CONTRACT_VERSION, ENTRY_POINT_GROUP, hookimpl, hookspec
from cratedig._contract.info import Rate, RateLimits, SourceInfo, Transfer
from cratedig._contract.login import LoginStep

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
