"""A SOAP service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.core.sentences import say
from engine.integrations.web import Web


@dataclass(frozen=True, kw_only=True)
class Soap(Web):
    """A SOAP service; the address is that of its WSDL, which is what a check asks for."""

    kind: ClassVar = "soap"
    label: ClassVar = say("SOAP")
    icon: ClassVar = "brackets-angle"
    example: ClassVar = "https://erp.example.com/orders?wsdl"
