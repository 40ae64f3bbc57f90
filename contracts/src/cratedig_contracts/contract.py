"""The class that a source's author inherits from."""

from __future__ import annotations

from cratedig_contracts.checks.albums import AlbumChecks
from cratedig_contracts.checks.cancel import CancelChecks
from cratedig_contracts.checks.declarations import DeclarationChecks
from cratedig_contracts.checks.diagnosis import DiagnosisChecks
from cratedig_contracts.checks.download import DownloadChecks
from cratedig_contracts.checks.errors import ErrorChecks
from cratedig_contracts.checks.hygiene import HygieneChecks
from cratedig_contracts.checks.identity import IdentityChecks
from cratedig_contracts.checks.login import LoginChecks
from cratedig_contracts.checks.search import SearchChecks
from cratedig_contracts.checks.secrets import SecretChecks
from cratedig_contracts.checks.settings import SettingsChecks
from cratedig_contracts.checks.transfers import TransferChecks


class SourceContract(
    IdentityChecks,
    SettingsChecks,
    SearchChecks,
    DownloadChecks,
    AlbumChecks,
    CancelChecks,
    TransferChecks,
    ErrorChecks,
    LoginChecks,
    DiagnosisChecks,
    HygieneChecks,
    SecretChecks,
    DeclarationChecks,
):
    """Every check that a source has to pass.

    Inherit from it in a test module and give it what it asks for::

        class TestArchive(SourceContract):
            name = "archive"
            query = "slow tram home"

            @pytest.fixture
            def settings(self, emulator): return {"base_url": emulator.base_url}

    The source is found through its installed entry point. Files are written to temporary folders only,
    and home, working and temporary folder are others while a check runs.
    """
