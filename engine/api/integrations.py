"""The integrations of a home folder. Nothing of them is imported or read before the first is asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.secrets import SecretSource, Use
from engine.core.settings import Settings
from engine.sdk.integration import Integration

if TYPE_CHECKING:
    from engine.integrations.registry import IntegrationRegistry
    from engine.vault.keys import Ask


class HomeIntegrations:
    """Keeps `engine.runtime.supplies.Integrations`. Used on one event loop."""

    def __init__(self, home: Path, secrets: SecretSource) -> None:
        self._home = home
        self._secrets = secrets

    @cached_property
    def registry(self) -> IntegrationRegistry:
        from engine.integrations.registry import IntegrationRegistry

        return IntegrationRegistry(self._home, self._secrets)

    async def get(self, name: str, use: Use) -> Integration:
        return await self.registry.get(name, use)

    async def close(self) -> None:
        """Close what was opened."""
        if "registry" in self.__dict__:
            await self.registry.close()


def open_integrations(settings: Settings, ask: Ask | None = None) -> IntegrationRegistry:
    """The integrations of this machine without an engine; to be closed. `ask` is that of `open_engine`."""
    from engine.integrations.registry import IntegrationRegistry
    from engine.vault.source import VaultSecrets

    return IntegrationRegistry(settings.home, VaultSecrets(settings.home, ask=ask))
