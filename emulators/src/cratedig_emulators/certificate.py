"""The certificates with which an emulated proxy poses as any host. Made when it runs, kept nowhere.

trustme, because its purpose is this: an authority and a leaf for tests, in two lines.
"""

from __future__ import annotations

import ssl
from functools import cache

import trustme


@cache
def _authority() -> trustme.CA:
    return trustme.CA(organization_name="cratedig emulators")


@cache
def server_context(host: str) -> ssl.SSLContext:
    """Make a server's TLS context for ``host``, HTTP/1.1 only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority().issue_cert(host).configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    return context


def authority_pem() -> bytes:
    """Give the authority's certificate, for a client that wants to verify."""
    return bytes(_authority().cert_pem.bytes())
