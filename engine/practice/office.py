"""The back office: log-in, customers, orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.practice.pages import Html, link, options, page, pager, rows
from engine.practice.shop import PASSWORD, STATES, USER, Order, choices
from engine.practice.state import State, route
from engine.practice.web import Refused, Reply, Request, redirect

SESSION = "shop_session"
_A_PAGE = 20
_DELIVERIES = ("parcel", "pick-up", "courier")


@route("GET", "/login")
def login_page(state: State, request: Request) -> Reply:
    expired = "expired" in request.query
    problem = "Your session has ended. Please log in again." if expired else ""
    return _login(problem, inside(request.query.get("next", "/")), "")


@route("POST", "/login")
def log_in(state: State, request: Request) -> Reply:
    user, password = request.form.get("username", ""), request.form.get("password", "")
    target = inside(request.form.get("next", "/"))
    key = state.gate.enter(user, password)
    state.scoreboard.count("logins" if key else "failed_logins")
    if not key:
        return _login("The user name or the password is wrong.", target, user, status=401)
    return redirect(target, **{"Set-Cookie": f"{SESSION}={key}; Path=/; HttpOnly; SameSite=Lax"})


@route("POST", "/logout")
def log_out(state: State, request: Request) -> Reply:
    state.gate.leave(request.cookie(SESSION))
    return redirect("/login", **{"Set-Cookie": f"{SESSION}=; Path=/; Max-Age=0"})


def _login(problem: str, target: str, user: str, status: int = 200) -> Reply:
    values: dict[str, Any] = {"user": user, "next": target, "known_user": USER, "known_password": PASSWORD}
    return page("login", "Log in", problem=problem, status=status, **values)


def inside(address: str) -> str:
    """An address of this site to go on to, and the first page for any other."""
    return address if address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable() else "/"


@route("GET", "/", inner=True)
def overview(state: State, request: Request) -> Reply:
    orders = state.shop.orders()
    return page(
        "overview",
        "Overview",
        path="/",
        customers=len(state.shop.customers),
        open=sum(order.state == "open" for order in orders),
        sent=sum(order.state == "sent" for order in orders),
        revenue=f"{sum(order.total for order in orders):,.2f}",
        rows=rows(_order_line(order) for order in orders[:8]),
    )


@route("GET", "/customers", inner=True)
def customers(state: State, request: Request) -> Reply:
    text = request.query.get("q", "")[:100]
    found = state.shop.find(text)
    number, last, start = _turned(request, len(found))
    lines = [
        (link(f"/customers/{one.number}", one.number), one.name, one.email, one.town, one.since, f"{one.balance:,.2f}")
        for one in found[start : start + _A_PAGE]
    ]
    return page(
        "customers",
        "Customers",
        path="/customers",
        text=text,
        count=len(found),
        rows=rows(lines),
        pager=pager("/customers", {"q": text} if text else {}, number, last),
    )


@route("GET", "/customers/{number}", inner=True)
def customer(state: State, request: Request, number: str) -> Reply:
    found = state.shop.customer(int(number)) if number.isdecimal() else None
    if found is None:
        raise Refused(404, "There is no such customer.")
    orders = [order for order in state.shop.orders() if order.customer is found]
    return page(
        "customer",
        found.name,
        path="/customers",
        name=found.name,
        number=found.number,
        email=found.email,
        town=found.town,
        since=found.since,
        balance=f"{found.balance:,.2f}",
        rows=rows(_order_line(order) for order in orders),
    )


@route("GET", "/orders", inner=True)
def orders(state: State, request: Request) -> Reply:
    chosen = request.query.get("state", "")
    found = [order for order in state.shop.orders() if chosen in ("", order.state)]
    number, last, start = _turned(request, len(found))
    return page(
        "orders",
        "Orders",
        path="/orders",
        states=options({"": "all", **{state: state for state in STATES}}, chosen),
        count=len(found),
        rows=rows(_order_line(order) for order in found[start : start + _A_PAGE]),
        pager=pager("/orders", {"state": chosen} if chosen else {}, number, last),
    )


@route("GET", "/orders/new", inner=True)
def new_order(state: State, request: Request) -> Reply:
    return _order_form(state, {"customer": request.query.get("customer", "")}, "")


@route("POST", "/orders", inner=True)
def create_order(state: State, request: Request) -> Reply:
    given = request.form
    found = state.shop.customer(int(given["customer"])) if given.get("customer", "").isdecimal() else None
    product = next((one for one in state.shop.products if one.code == given.get("product")), None)
    quantity = int(given["quantity"]) if given.get("quantity", "").strip().isdecimal() else 0
    try:
        due = date.fromisoformat(given.get("due", ""))
    except ValueError:
        due = None
    delivery = given.get("delivery", "parcel")
    if found is None:
        problem = "There is no customer with that number."
    elif product is None:
        problem = "Choose a product."
    elif not 1 <= quantity <= 999:
        problem = "The quantity must be a whole number from 1 to 999."
    elif due is None:
        problem = "Give the day on which it is due, such as 2026-03-31."
    elif delivery not in _DELIVERIES:
        problem = "Choose how it is delivered."
    else:
        note = given.get("note", "")[:1000]
        order = state.shop.add(
            customer=found, product=product, quantity=quantity, due=due, urgent="urgent" in given,
            delivery=delivery, note=note,
        )  # fmt: skip
        if order is None:
            raise Refused(503, "The shop takes no more orders. Reset it first.")
        state.scoreboard.note(
            "orders", order=order.number, customer=found.number, product=product.code, quantity=quantity,
            due=due.isoformat(), urgent=order.urgent, delivery=delivery, note=note,
        )  # fmt: skip
        return redirect(f"/orders/{order.number}?created=1")
    return _order_form(state, given, problem)


@route("GET", "/orders/{number}", inner=True)
def order(state: State, request: Request, number: str) -> Reply:
    found = state.shop.order(int(number)) if number.isdecimal() else None
    if found is None:
        raise Refused(404, "There is no such order.")
    return page(
        "order",
        f"Order {found.number}",
        path="/orders",
        notice=f"Order {found.number} was created." if "created" in request.query else "",
        number=found.number,
        customer=link(f"/customers/{found.customer.number}", found.customer.name),
        product=f"{found.product.code} {found.product.name}",
        quantity=found.quantity,
        price=f"{found.product.price:,.2f}",
        total=f"{found.total:,.2f}",
        due=found.due,
        state=found.state,
        delivery=found.delivery,
        urgent="yes" if found.urgent else "no",
        note=found.note or "none",
    )


def _order_form(state: State, given: Mapping[str, str], problem: str) -> Reply:
    chosen = given.get("delivery", "parcel")
    ways = "".join(
        f'<label class="choice"><input type="radio" name="delivery" value="{way}"'
        f"{' checked' if way == chosen else ''}> {way.capitalize()}</label>"
        for way in _DELIVERIES
    )
    return page(
        "order_form",
        "New order",
        path="/orders/new",
        problem=problem,
        status=422 if problem else 200,
        customer=given.get("customer", ""),
        products=options({"": "Choose…", **choices(state.shop)}, given.get("product", "")),
        quantity=given.get("quantity", "1"),
        due=given.get("due", ""),
        urgent=Html("checked" if "urgent" in given else ""),
        deliveries=Html(ways),
        note=given.get("note", ""),
    )


def _order_line(order: Order) -> tuple[object, ...]:
    state = Html(f'<span class="chip {order.state}">{order.state}</span>')
    name = link(f"/orders/{order.number}", order.number)
    return name, order.customer.name, order.product.name, order.quantity, f"{order.total:,.2f}", order.due, state


def _turned(request: Request, count: int) -> tuple[int, int, int]:
    """The number of the page that is asked for, that of the last, and where it starts in the list."""
    last = max(1, -(-count // _A_PAGE))
    number = max(1, min(last, int(request.number("page", 1, 1e6))))
    return number, last, (number - 1) * _A_PAGE
