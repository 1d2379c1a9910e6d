"""The shop behind the pages: customers, products and orders that follow from a seed, and who is logged in."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

USER, PASSWORD = "clerk", "practice"
"""What the log-in page takes. It is printed there: this is no secret."""
CUSTOMERS, PRODUCTS, ORDERS = 237, 500, 64
MOST_ORDERS = 5_000
MOST_SESSIONS = 1_000
STATES = ("open", "packed", "sent", "cancelled")
_FIRST = (
    "Ada", "Boris", "Clara", "Daniel", "Elena", "Felix", "Gergana", "Hugo", "Iris", "Jonas", "Katya", "Leo", "Maria",
    "Nikola", "Olga", "Petar", "Rosa", "Stefan", "Tanya", "Victor",
)  # fmt: skip
_LAST = (
    "Adler", "Brook", "Costa", "Dimov", "Evans", "Fischer", "Green", "Hristov", "Ivanova", "Jensen", "Kolev", "Lund",
    "Marsh", "Novak", "Olsen", "Petrov", "Quinn", "Rossi", "Stone", "Todorov",
)  # fmt: skip
_TOWNS = ("Sofia", "Plovdiv", "Lyon", "Turin", "Ghent", "Leeds", "Graz", "Porto", "Aarhus", "Brno")
_THINGS = ("Lamp", "Desk", "Chair", "Shelf", "Clock", "Basket", "Mirror", "Kettle", "Blanket", "Stool")
_KINDS = ("oak", "walnut", "linen", "steel", "glass", "cork", "wool", "bamboo", "clay", "brass")


@dataclass(frozen=True)
class Customer:
    """Somebody who buys."""

    number: int
    name: str
    email: str
    town: str
    since: date
    balance: float


@dataclass(frozen=True)
class Product:
    """Something that is sold. `price` in euro."""

    code: str
    name: str
    price: float
    stock: int


@dataclass(frozen=True)
class Order:
    """What a customer ordered."""

    number: int
    customer: Customer
    product: Product
    quantity: int
    due: date
    state: str
    urgent: bool = False
    delivery: str = "parcel"
    note: str = ""

    @property
    def total(self) -> float:
        return round(self.quantity * self.product.price, 2)


class Shop:
    """The data. Safe to use from several threads."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """As on the first day."""
        chance = random.Random(self._seed)
        first_day = date(2026, 1, 5)
        self.customers = [_customer(number, chance) for number in range(1, CUSTOMERS + 1)]
        self.products = [
            Product(
                f"P-{number:04}",
                f"{chance.choice(_KINDS).capitalize()} {chance.choice(_THINGS).lower()} {number}",
                chance.randrange(500, 40_000) / 100,
                chance.randrange(0, 200),
            )
            for number in range(1, PRODUCTS + 1)
        ]
        with self._lock:
            self._orders = [
                Order(
                    1000 + number,
                    chance.choice(self.customers),
                    chance.choice(self.products),
                    chance.randrange(1, 12),
                    first_day + timedelta(days=number),
                    chance.choice(STATES),
                )
                for number in range(1, ORDERS + 1)
            ]

    def orders(self) -> list[Order]:
        """All orders, the newest first."""
        with self._lock:
            return self._orders[::-1]

    def order(self, number: int) -> Order | None:
        return next((order for order in self.orders() if order.number == number), None)

    def add(self, **what: object) -> Order | None:
        """A new order. None where there is no room for more."""
        with self._lock:
            if len(self._orders) >= MOST_ORDERS:
                return None
            order = Order(number=self._orders[-1].number + 1, state="open", **what)  # type: ignore[arg-type]
            self._orders.append(order)
            return order

    def customer(self, number: int) -> Customer | None:
        return self.customers[number - 1] if 1 <= number <= len(self.customers) else None

    def find(self, text: str) -> list[Customer]:
        """The customers whose name, address or town holds the text."""
        wanted = text.strip().casefold()
        return [one for one in self.customers if wanted in f"{one.name} {one.email} {one.town}".casefold()]


class Gate:
    """Who is logged in, by the text in their cookie. A session ends when it was not used for `lasts` seconds."""

    def __init__(self, lasts: float) -> None:
        self.lasts = lasts
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def enter(self, user: str, password: str) -> str:
        """The text for the cookie, or an empty one for a wrong name or password."""
        good = secrets.compare_digest(f"{user}\n{password}".encode(), f"{USER}\n{PASSWORD}".encode())
        if not good:
            return ""
        key = secrets.token_urlsafe(24)
        with self._lock:
            while len(self._until) >= MOST_SESSIONS:
                self._until.pop(next(iter(self._until)))
            self._until[key] = time.monotonic() + self.lasts
        return key

    def knows(self, key: str) -> bool:
        """Whether the session lasts; if so, it lasts longer from now."""
        now = time.monotonic()
        with self._lock:
            if self._until.get(key, 0.0) <= now:
                self._until.pop(key, None)
                return False
            self._until[key] = now + self.lasts
            return True

    def leave(self, key: str) -> None:
        with self._lock:
            self._until.pop(key, None)

    def reset(self) -> None:
        """Log everybody out."""
        with self._lock:
            self._until.clear()


def _customer(number: int, chance: random.Random) -> Customer:
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    return Customer(
        number,
        f"{first} {last}",
        f"{first}.{last}{number}@example.com".lower(),
        chance.choice(_TOWNS),
        date(2020, 1, 1) + timedelta(days=chance.randrange(2200)),
        chance.randrange(-50_000, 250_000) / 100,
    )


def choices(shop: Shop) -> Mapping[str, str]:
    """The products that a new order offers, by code."""
    return {product.code: f"{product.name} ({product.price:.2f} EUR)" for product in shop.products[:40]}
