"""A SOAP 1.1 service written by hand: its WSDL, and what it answers. Speaks the protocol, and knows no library of it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from xml.etree import ElementTree

USER, PASSWORD = "ada", "k0rrekt-Pferd#7"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SHOP = "urn:shop"
SECURITY = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
UTILITY = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"

WSDL = """<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="urn:shop" targetNamespace="urn:shop" name="Shop">
  <types>{schema}</types>
  <message name="AddIn"><part name="parameters" element="tns:Add"/></message>
  <message name="AddOut"><part name="parameters" element="tns:AddResponse"/></message>
  <message name="PlaceIn"><part name="parameters" element="tns:PlaceOrder"/></message>
  <message name="PlaceOut"><part name="parameters" element="tns:PlaceOrderResponse"/></message>
  <portType name="ShopPort">
    <operation name="Add"><input message="tns:AddIn"/><output message="tns:AddOut"/></operation>
    <operation name="PlaceOrder"><input message="tns:PlaceIn"/><output message="tns:PlaceOut"/></operation>
  </portType>
  <binding name="ShopBinding" type="tns:ShopPort">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Add"><soap:operation soapAction="urn:shop#Add"/>
      <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
    <operation name="PlaceOrder"><soap:operation soapAction="urn:shop#PlaceOrder"/>
      <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
  </binding>
  <service name="ShopService"><port name="Shop" binding="tns:ShopBinding"><soap:address location="{address}"/></port></service>
</definitions>"""

SCHEMA = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:shop" elementFormDefault="qualified"
    xmlns:tns="urn:shop">
  <xsd:element name="Add"><xsd:complexType><xsd:sequence>
    <xsd:element name="a" type="xsd:int"/><xsd:element name="b" type="xsd:int"/>
  </xsd:sequence></xsd:complexType></xsd:element>
  <xsd:element name="AddResponse"><xsd:complexType><xsd:sequence>
    <xsd:element name="sum" type="xsd:int"/>
  </xsd:sequence></xsd:complexType></xsd:element>
  <xsd:complexType name="Line"><xsd:sequence>
    <xsd:element name="article" type="xsd:string"/><xsd:element name="amount" type="xsd:decimal"/>
  </xsd:sequence></xsd:complexType>
  <xsd:element name="PlaceOrder"><xsd:complexType><xsd:sequence>
    <xsd:element name="day" type="xsd:date"/>
    <xsd:element name="customer" minOccurs="0"><xsd:complexType><xsd:sequence>
      <xsd:element name="name" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="line" type="tns:Line" maxOccurs="unbounded"/>
  </xsd:sequence></xsd:complexType></xsd:element>
  <xsd:element name="PlaceOrderResponse"><xsd:complexType><xsd:sequence>
    <xsd:element name="number" type="xsd:string"/><xsd:element name="day" type="xsd:date"/>
    <xsd:element name="total" type="xsd:decimal"/><xsd:element name="line" type="tns:Line" maxOccurs="unbounded"/>
  </xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>"""


@dataclass
class Shop:
    """What the service got: how many orders were placed, and as whom it was called."""

    orders: int = 0
    users: list[str] = field(default_factory=list)

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """The status and the envelope for a request."""
        envelope = ElementTree.fromstring(body)
        self._identify(envelope)
        (request,) = list(envelope.find(f"{{{ENVELOPE}}}Body") or [])
        name = request.tag.partition("}")[2]
        if name == "Add":
            a, b = (int(request.findtext(f"{{{SHOP}}}{one}") or 0) for one in "ab")
            return 200, _envelope(f'<AddResponse xmlns="{SHOP}"><sum>{a + b}</sum></AddResponse>')
        lines = request.findall(f"{{{SHOP}}}line")
        if not lines:
            return 500, fault("soap:Client", "an order needs a line", "<code>E17</code><text>no line</text>")
        self.orders += 1
        day = request.findtext(f"{{{SHOP}}}day")
        total = sum(float(line.findtext(f"{{{SHOP}}}amount") or 0) for line in lines)
        shown = "".join(
            f"<line><article>{line.findtext(f'{{{SHOP}}}article')}</article>"
            f"<amount>{line.findtext(f'{{{SHOP}}}amount')}</amount></line>"
            for line in lines
        )
        inner = f"<number>A-{self.orders}</number><day>{day}</day><total>{total:.2f}</total>{shown}"
        return 200, _envelope(f'<PlaceOrderResponse xmlns="{SHOP}">{inner}</PlaceOrderResponse>')

    def _identify(self, envelope: ElementTree.Element) -> None:
        token = envelope.find(f".//{SECURITY}UsernameToken")
        if token is None:
            self.users.append("")
            return
        given = token.findtext(f"{SECURITY}Password") or ""
        nonce = base64.b64decode(token.findtext(f"{SECURITY}Nonce") or "")
        created = (token.findtext(f"{UTILITY}Created") or "").encode()
        digest = base64.b64encode(hashlib.sha1(nonce + created + PASSWORD.encode()).digest()).decode()
        right = given in (PASSWORD, digest)
        self.users.append(f"{token.findtext(f'{SECURITY}Username')} {'in' if right else 'out'}")


def fault(code: str, reason: str, detail: str = "") -> bytes:
    """A fault as an envelope."""
    return _envelope(
        f"<soap:Fault><faultcode>{code}</faultcode><faultstring>{reason}</faultstring>"
        f"<detail>{detail}</detail></soap:Fault>"
    )


def _envelope(content: str) -> bytes:
    return (
        f'<?xml version="1.0"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>{content}</soap:Body></soap:Envelope>'
    ).encode()
