"""From the syntax tree to closures: what each node of an expression does.

A node that is not listed here does not exist in the language.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.access import admit, listed, meant, read
from engine.workflow.expressions.closures import (
    NAMES,
    SLOTS,
    THE_VALUE,
    Frame,
    Loop,
    Run,
    Test,
    comparison,
    default_call,
    function_call,
    key_text,
    list_of,
    located,
    loop_over,
    meter_of,
    nothing,
    placed,
    reader,
    unknown_name,
    variable,
)
from engine.workflow.expressions.functions import FUNCTIONS
from engine.workflow.expressions.limits import Limits
from engine.workflow.expressions.operators import (
    ARITHMETIC,
    NUMBERS,
    ORDER,
    contains,
    equal,
    negative,
    positive,
)
from engine.workflow.expressions.rendering import PLAIN, kind
from engine.workflow.expressions.source import Syntax

CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}

_FAST: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
}
_WORDS: dict[type[ast.AST], str] = {
    ast.Lambda: say("a function of one's own (lambda)"),
    ast.NamedExpr: say("an assignment"),
    ast.JoinedStr: say("an f-string"),
    ast.Set: say("a set"),
    ast.SetComp: say("a set"),
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}


class Compiler:
    """Compiles one expression. `run` is the closure; the rest says what the expression reads."""

    def __init__(self, syntax: Syntax, limits: Limits) -> None:
        self.syntax = syntax
        self.limits = limits
        self.slots = 0
        self.names: set[str] = set()
        self.paths: set[tuple[str, ...]] = set()
        self.steps: list[tuple[str, int, int]] = []
        """Each place that names a step: its id, and from where to where `.id` or `['id']` stands in the source."""
        self._scope: dict[str, int] = {}
        self._depth = 0
        self.run = self.compile(syntax.root)
        self.creates = _creates(syntax.root)

    def compile(self, node: ast.expr) -> Run:
        method = getattr(self, "_" + type(node).__name__, None)
        if method is None:
            what = _WORDS.get(type(node)) or say("this")
            raise self.error(node, say("{what} is not part of the expression language", what=what))
        self._depth += 1
        if self._depth > self.limits.depth:
            raise self.error(node, say("the expression nests deeper than {depth} levels", depth=self.limits.depth))
        run: Run = method(node)
        self._depth -= 1
        return run

    def column(self, node: ast.AST) -> int:
        return self.syntax.start(node) + 1

    def error(self, node: ast.AST, message: str, hint: str = "") -> ExpressionError:
        return ExpressionError(message, hint=hint, source=self.syntax.source, column=self.column(node))

    # Values

    def _Constant(self, node: ast.Constant) -> Run:
        value = node.value
        if type(value) not in (str, int, float, bool, type(None)):
            raise self.error(
                node, say("{source} is not a value of the expression language", source=ast.unparse(node)[:20])
            )
        if type(value) is int and value.bit_length() > self.limits.number_bits:
            raise self.error(node, say("the number is too large"))
        return lambda f: value

    def _List(self, node: ast.List | ast.Tuple) -> Run:
        column = self.column(node)
        if not any(isinstance(item, ast.Starred) for item in node.elts):
            parts = tuple(self.compile(item) for item in node.elts)

            size = 8 * len(parts)

            def display(f: Frame) -> Any:
                meter_of(f).create(size)
                return [part(f) for part in parts]

            return placed(display, column)
        mixed = [
            (isinstance(item, ast.Starred), self.compile(item.value if isinstance(item, ast.Starred) else item))
            for item in node.elts
        ]

        def spread(f: Frame) -> Any:
            out: list[Any] = []
            for many, part in mixed:
                value = part(f)
                if many and type(value) is not list:
                    raise ExpressionError(say("* needs a list, not {kind}", kind=kind(value)))
                meter_of(f).items(len(value) if many else 1)
                out.extend(value) if many else out.append(value)
            meter_of(f).items(len(out))
            return out

        return placed(spread, column)

    _Tuple = _List

    def _Dict(self, node: ast.Dict) -> Run:
        pairs = [
            (self.compile(key) if key is not None else None, self.compile(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]

        def display(f: Frame) -> Any:
            out: dict[str, Any] = {}
            for key, value in pairs:
                if key is None:
                    other = value(f)
                    if type(other) is not dict:
                        raise ExpressionError(say("** needs a mapping, not {kind}", kind=kind(other)))
                    meter_of(f).items(len(other))
                    out.update(other)
                else:
                    out[key_text(key(f))] = value(f)
            meter_of(f).items(len(out))
            return out

        return placed(display, self.column(node))

    # Reading

    def _Name(self, node: ast.Name) -> Run:
        return self._path(node)

    def _Attribute(self, node: ast.Attribute) -> Run:
        return self._path(node)

    def _Subscript(self, node: ast.Subscript) -> Run:
        return self._path(node)

    def _path(self, node: ast.expr) -> Run:
        """A name or any value, and the keys read from it one after another, in one closure where they are constant."""
        links: list[ast.Attribute | ast.Subscript] = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute) or (isinstance(base, ast.Subscript) and _constant(base) is not None):
            links.append(base)
            base = base.value
        links.reverse()
        keys = tuple(self._link(link) for link in links)
        columns = tuple(self._after(link.value) for link in links)
        if isinstance(base, ast.Name):
            return self._named(base, links, keys, columns)
        inner = self._indexed(base) if isinstance(base, ast.Subscript) else self.compile(base)
        return reader(inner, keys, columns, "") if keys else inner

    def _link(self, link: ast.Attribute | ast.Subscript) -> str | int:
        if isinstance(link, ast.Attribute):
            if link.attr.startswith("_"):
                raise self.error(link, say("a name cannot begin with '_': {name}", name=link.attr[:40]))
            return link.attr
        key = _constant(link)
        assert key is not None
        return key

    def _after(self, node: ast.AST) -> int:
        return self.syntax.end(node) + 1

    def _named(
        self,
        base: ast.Name,
        links: list[ast.Attribute | ast.Subscript],
        keys: tuple[str | int, ...],
        columns: tuple[int, ...],
    ) -> Run:
        name = base.id
        if name.startswith("_"):
            raise self.error(base, say("a name cannot begin with '_': {name}", name=name[:40]))
        slot = self._scope.get(name)
        if slot is not None:
            if not keys:
                return lambda f: f[slot]
            return reader(lambda f: f[slot], keys, columns, name)
        if name in CONSTANTS:
            value = CONSTANTS[name]
            return reader(lambda f: value, keys, columns, name) if keys else lambda f: value
        self.names.add(name)
        texts: list[str] = []
        for key in keys:
            if type(key) is not str:
                break
            texts.append(key)
        self.paths.add((name, *texts))
        if name == "steps" and texts:
            start = self.syntax.end(links[0].value)
            while self.syntax.source[start] in ") \t\r\n":
                start += 1
            self.steps.append((texts[0], start, self.syntax.end(links[0])))
        return variable(name, keys, (self.column(base), *columns))

    def _indexed(self, node: ast.Subscript) -> Run:
        column = self._after(node.value)
        if isinstance(node.slice, ast.Slice):
            bounds = [self.compile(part) if part else nothing for part in _bounds(node.slice)]
            whole = self.compile(node.value)

            def cut(f: Frame) -> Any:
                value = whole(f)
                start, stop, step = (bound(f) for bound in bounds)
                if type(value) not in (list, str, bytes):
                    raise ExpressionError(say("a part of {kind} cannot be taken", kind=kind(value)))
                for bound in (start, stop, step):
                    if bound is not None and type(bound) is not int:
                        raise ExpressionError(
                            say("the bounds of a slice are whole numbers, not {kind}", kind=kind(bound))
                        )
                if step == 0:
                    raise ExpressionError(say("the step of a slice cannot be 0"))
                size = len(range(*slice(start, stop, step).indices(len(value))))
                (meter_of(f).items if type(value) is list else meter_of(f).text)(size)
                return value[start:stop:step]

            return placed(cut, column)
        holder = self._holder(node.value)
        index = self.compile(node.slice)

        def item(f: Frame) -> Any:
            value = holder(f)
            key = index(f)
            if type(value) is dict and type(key) is str and key in value:
                found = value[key]
            else:
                found = read(value, key, THE_VALUE)
            return found if type(found) in PLAIN else admit(found, THE_VALUE)

        return placed(item, column)

    def _holder(self, node: ast.expr) -> Run:
        """Like `compile`, for what is read from at once: a lookup may stand here."""
        if isinstance(node, ast.Name) and node.id not in self._scope and node.id not in CONSTANTS:
            self.compile(node)
            name, column = node.id, self.column(node)

            def look(f: Frame) -> Any:
                try:
                    return f[NAMES][name]
                except KeyError:
                    raise unknown_name(name, f[NAMES], column) from None

            return look
        return self.compile(node)

    # Operators

    def _BoolOp(self, node: ast.BoolOp) -> Run:
        parts = tuple(self.compile(value) for value in node.values)
        if len(parts) == 2:
            first, second = parts
            if isinstance(node.op, ast.And):
                return lambda f: first(f) and second(f)
            return lambda f: first(f) or second(f)
        until = isinstance(node.op, ast.Or)

        def run(f: Frame) -> Any:
            value = None
            for part in parts:
                value = part(f)
                if bool(value) is until:
                    return value
            return value

        return run

    def _UnaryOp(self, node: ast.UnaryOp) -> Run:
        operand = self.compile(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda f: not operand(f)
        if isinstance(node.op, ast.Invert):
            raise self.error(node, say("'~' is not an operator of the expression language"))
        operate = negative if isinstance(node.op, ast.USub) else positive
        return placed(lambda f: operate(operand(f)), self.column(node))

    def _BinOp(self, node: ast.BinOp) -> Run:
        if isinstance(node.op, ast.BitOr):
            return self._pipe(node)
        name = type(node.op).__name__
        operate = ARITHMETIC.get(name)
        if operate is None:
            hint = say("Write pow(a, b)") if name == "Pow" else ""
            raise self.error(
                node, say("'{sign}' is not an operator of the expression language", sign=_SIGNS.get(name, name)), hint
            )
        left, right = self.compile(node.left), self.compile(node.right)
        column = self._after(node.left)
        fast = _FAST.get(name)

        def run(f: Frame) -> Any:
            a, b = left(f), right(f)
            try:
                if fast is not None and type(a) in NUMBERS and type(b) in NUMBERS:
                    return fast(a, b)
                return operate(a, b, meter_of(f))
            except Exception as error:
                raise located(error, column) from None

        if name != "Mult":
            return run
        most = self.limits.number_bits // 2

        def multiply(f: Frame) -> Any:
            a, b = left(f), right(f)
            if type(a) is float and type(b) is float:
                return a * b
            if type(a) is int and type(b) is int and a.bit_length() < most and b.bit_length() < most:
                return a * b
            try:
                return operate(a, b, meter_of(f))
            except Exception as error:
                raise located(error, column) from None

        return multiply

    def _Compare(self, node: ast.Compare) -> Run:
        operands = [node.left, *node.comparators]
        tests = [self._test(op, a, b) for op, a, b in zip(node.ops, operands, operands[1:], strict=False)]
        parts = tuple(self.compile(operand) for operand in operands)
        columns = [self._after(operand) for operand in operands]
        if len(tests) == 1:
            return comparison(type(node.ops[0]).__name__, tests[0], parts[0], parts[1], columns[0])

        def chain(f: Frame) -> Any:
            a = parts[0](f)
            for test, part in zip(tests, parts[1:], strict=True):
                b = part(f)
                if not test(a, b, f):
                    return False
                a = b
            return True

        return placed(chain, columns[0])

    def _test(self, op: ast.cmpop, a: ast.expr, b: ast.expr) -> Test:
        name = type(op).__name__
        if name in ("Is", "IsNot"):
            if not any(_fixed(side) for side in (a, b)):
                raise self.error(b, say("'is' compares with null, true or false only"), say("Write == instead"))
            return (lambda a, b, f: a is b) if name == "Is" else (lambda a, b, f: a is not b)
        if name == "Eq":
            return lambda a, b, f: equal(a, b, meter_of(f))
        if name == "NotEq":
            return lambda a, b, f: not equal(a, b, meter_of(f))
        if name == "In":
            return lambda a, b, f: contains(a, b, meter_of(f))
        if name == "NotIn":
            return lambda a, b, f: not contains(a, b, meter_of(f))
        order = ORDER[name]
        return lambda a, b, f: order(a, b)

    def _IfExp(self, node: ast.IfExp) -> Run:
        test, yes, no = self.compile(node.test), self.compile(node.body), self.compile(node.orelse)
        return lambda f: yes(f) if test(f) else no(f)

    # Loops

    def _ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> Run:
        before = dict(self._scope)
        loops = [self._loop(generator) for generator in node.generators]
        element = self.compile(node.elt)
        self._scope = before

        return placed(list_of(loops, element), self.column(node))

    _GeneratorExp = _ListComp

    def _DictComp(self, node: ast.DictComp) -> Run:
        before = dict(self._scope)
        loops = [self._loop(generator) for generator in node.generators]
        key, value = self.compile(node.key), self.compile(node.value)
        self._scope = before

        def run(f: Frame) -> Any:
            out: dict[str, Any] = {}

            def put(f: Frame) -> None:
                out[key_text(key(f))] = value(f)

            loop_over(loops, 0, f, put)
            meter_of(f).items(len(out))
            return out

        return placed(run, self.column(node))

    def _loop(self, node: ast.comprehension) -> Loop:
        if node.is_async:
            raise self.error(node.target, say("a loop cannot be asynchronous"))
        source = self.compile(node.iter)
        bind = self._target(node.target)
        return source, bind, tuple(self.compile(test) for test in node.ifs), self.column(node.iter)

    def _target(self, node: ast.expr) -> int | tuple[Any, ...]:
        """The places that an item goes to: one, or one for each part of it."""
        if isinstance(node, ast.Name):
            if node.id.startswith("_") or node.id in CONSTANTS:
                raise self.error(node, say("'{name}' cannot be the name of a loop variable", name=node.id[:40]))
            slot = self._scope[node.id] = SLOTS + self.slots
            self.slots += 1
            return slot
        if isinstance(node, (ast.Tuple, ast.List)):
            self._depth += 1
            if self._depth > self.limits.depth:
                raise self.error(node, say("the expression nests deeper than {depth} levels", depth=self.limits.depth))
            parts = tuple(self._target(part) for part in node.elts)
            self._depth -= 1
            return parts
        raise self.error(node, say("a loop variable is a plain name"))

    # Calls

    def _pipe(self, node: ast.BinOp) -> Run:
        right = node.right
        if isinstance(right, ast.Call) and isinstance(right.func, ast.Name):
            return self._calls(right, right.func.id, [node.left, *right.args], right.keywords)
        if isinstance(right, ast.Name):
            return self._calls(right, right.id, [node.left], [])
        raise self.error(
            right, say("a pipe leads into a function"), say("Write value | upper, or value | replace('a', 'b')")
        )

    def _Call(self, node: ast.Call) -> Run:
        if not isinstance(node.func, ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            hint = say("Write {name}(value) or value | {name}", name=name) if name in FUNCTIONS else ""
            raise self.error(node.func, say("only functions can be called"), hint)
        return self._calls(node, node.func.id, node.args, node.keywords)

    def _calls(self, node: ast.expr, name: str, given: list[ast.expr], named: list[ast.keyword]) -> Run:
        function = FUNCTIONS.get(name)
        if function is None:
            hint = meant(name, FUNCTIONS) or say("The functions are: {names}", names=listed(FUNCTIONS))
            raise self.error(node, say("there is no function '{name}'", name=name[:40]), hint)
        for item in given:
            if isinstance(item, ast.Starred):
                raise self.error(item, say("a list cannot be spread over the parameters of a function"))
        for keyword in named:
            if keyword.arg is None:
                raise self.error(keyword.value, say("a mapping cannot be spread over the parameters of a function"))
        problem = function.misfit(len(given), [keyword.arg or "" for keyword in named])
        if problem:
            raise self.error(
                node,
                say("{name}(): {problem}", name=name, problem=problem),
                say("It is written {signature}", signature=function.signature),
            )
        parts = tuple(self.compile(item) for item in given)
        options = tuple((keyword.arg or "", self.compile(keyword.value)) for keyword in named)
        if name == "default":
            return default_call(parts, dict(options))
        return function_call(function, parts, options, self.column(node))


_SIGNS = {"Pow": "**", "BitAnd": "&", "BitXor": "^", "LShift": "<<", "RShift": ">>", "MatMult": "@"}


def _bounds(node: ast.Slice) -> tuple[ast.expr | None, ...]:
    return node.lower, node.upper, node.step


def _constant(node: ast.Subscript) -> str | int | None:
    """The key of `x['key']`, `x[1]` or `x[-1]`; `None` where it is computed."""
    key = node.slice
    if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub) and isinstance(key.operand, ast.Constant):
        value = key.operand.value
        return -value if type(value) is int else None
    if isinstance(key, ast.Constant) and (type(key.value) is str or type(key.value) is int):
        return key.value
    return None


def _fixed(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id in CONSTANTS
    return isinstance(node, ast.Constant) and (node.value is None or type(node.value) is bool)


def _creates(node: ast.expr) -> bool:
    """Whether the result may be something other than data that was given."""
    if isinstance(node, ast.IfExp):
        return _creates(node.body) or _creates(node.orelse)
    if isinstance(node, ast.BoolOp):
        return any(_creates(value) for value in node.values)
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return _creates(node.value)
    return not isinstance(node, (ast.Name, ast.Constant, ast.Compare))
