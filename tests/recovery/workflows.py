"""Random valid workflows whose result is no matter of chance.

A flow is a chain of blocks: steps, branches, loops, tries, and random graphs of steps that run side by side. Where
steps run side by side nothing fails unhandled, leaves a loop or sets a variable; everywhere else all of that happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from engine.workflow.model import Edge, Retry, Settings, Step, Workflow

LEDGER = "{{ inputs.ledger }}"
Exit = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Around:
    """What may happen here, and how deep it is."""

    fail: bool = True
    set: bool = True
    leave: bool = False
    stop: bool = True
    loop: bool = False
    depth: int = 0

    @property
    def inside(self) -> Around:
        return replace(self, depth=self.depth + 1)

    @property
    def beside(self) -> Around:
        """For steps that run beside others."""
        return Around(False, False, False, False, self.loop, self.depth + 1)


class Builder:
    """Draws the steps and edges of one workflow. A block has one entry, and exits that lead to the next block."""

    def __init__(self, draw: Any, most: int, naps: Sequence[float | str]) -> None:
        self.draw = draw
        self.naps = naps
        self.most = most
        self.steps: list[Step] = []
        self.edges: list[Edge] = []

    def step(self, activity: str, parameters: dict[str, Any] | None = None, **options: Any) -> str:
        id = f"s{len(self.steps)}"
        if activity in ("ledger.once", "ledger.again", "ledger.thread"):
            parameters = {"ledger": LEDGER, **(parameters or {})}
        self.steps.append(Step(id=id, activity=activity, parameters=parameters or {}, **options))
        return id

    def connect(self, exits: list[Exit], entry: str) -> None:
        self.edges += [Edge(source, port, entry) for source, port in exits]

    def chain(self, around: Around, longest: int = 4) -> tuple[str, list[Exit]]:
        entry, exits = self.block(around)
        for _ in range(self.draw(st.integers(0, longest - 1))):
            if not exits or len(self.steps) >= self.most:
                break
            following, after = self.block(around)
            self.connect(exits, following)
            exits = after
        return entry, exits

    def block(self, around: Around) -> tuple[str, list[Exit]]:
        kinds = ["effect", "effect", "give", "retried", "handled", "careless", "nap"]
        if around.depth < 3 and len(self.steps) < self.most:
            kinds += ["branch", "graph", "foreach", "foreach", "while", "parallel", "try"]
        if around.set:
            kinds += ["set"]
        if around.fail:
            kinds += ["failing"]
        if around.leave:
            kinds += ["leaving", "leaving"]
        if around.stop:
            kinds += ["stopping"]
        return getattr(self, f"_{self.draw(st.sampled_from(kinds))}")(around)  # type: ignore[no-any-return]

    def _effect(self, around: Around) -> tuple[str, list[Exit]]:
        activity = self.draw(st.sampled_from(["ledger.once", "ledger.once", "ledger.again", "ledger.thread"]))
        id = self.step(activity, {"value": f"e{len(self.steps)}" + ("-{{ index }}" if around.loop else "")})
        return id, [(id, "next")]

    def _give(self, around: Around) -> tuple[str, list[Exit]]:
        values = [None, 7, "text", [1, 2], {"k": 1}]
        value = self.draw(st.sampled_from(values + ["{{ index + 1 }}"] * around.loop + ["{{ vars.n }}"] * around.set))
        id = self.step("ledger.give", {"value": value})
        return id, [(id, "next")]

    def _set(self, around: Around) -> tuple[str, list[Exit]]:
        id = self.step("control.set", {"values": {"n": f"{{{{ (vars.n * 3 + {len(self.steps)}) % 1009 }}}}"}})
        return id, [(id, "next")]

    def _nap(self, around: Around) -> tuple[str, list[Exit]]:
        nap = self.step("control.delay", {"length": self.draw(st.sampled_from(self.naps))})
        after = self.step("ledger.give", {"value": "rested"})
        self.connect([(nap, "next")], after)
        return nap, [(after, "next")]

    def _retried(self, around: Around) -> tuple[str, list[Exit]]:
        times = self.draw(st.integers(0, 2))
        id = self.step("ledger.fail", {"times": times}, retry=Retry(attempts=3, delay="0s"))
        return id, [(id, "next")]

    def _handled(self, around: Around) -> tuple[str, list[Exit]]:
        id = self.step("ledger.fail", {"business": self.draw(st.booleans()), "times": self.draw(st.integers(0, 1))})
        handler = self.step("ledger.once", {"value": f"h{{{{ steps.{id}.error.kind }}}}"})
        self.connect([(id, "error")], handler)
        return id, [(handler, "next"), (id, "next")]

    def _careless(self, around: Around) -> tuple[str, list[Exit]]:
        id = self.step("ledger.fail", {}, continue_on_error=True)
        return id, [(id, "next")]

    def _failing(self, around: Around) -> tuple[str, list[Exit]]:
        if self.draw(st.booleans()):
            id = self.step("ledger.fail", {"business": self.draw(st.booleans())})
        else:
            id = self.step("ledger.give", {"value": "{{ vars.n.missing }}"})
        return id, [(id, "next")]

    def _leaving(self, around: Around) -> tuple[str, list[Exit]]:
        check = self.step("control.condition", {"condition": f"{{{{ index == {self.draw(st.integers(0, 2))} }}}}"})
        self.connect([(check, "true")], self.step(self.draw(st.sampled_from(["control.break", "control.continue"]))))
        return check, [(check, "false")]

    def _stopping(self, around: Around) -> tuple[str, list[Exit]]:
        check = self.step("control.condition", {"condition": self.draw(st.sampled_from([False, False, True]))})
        self.connect(
            [(check, "true")], self.step("control.stop", {"output": self.draw(st.sampled_from([None, "early"]))})
        )
        return check, [(check, "false")]

    def _branch(self, around: Around) -> tuple[str, list[Exit]]:
        check = self.step("control.condition", {"condition": self.draw(st.booleans())})
        exits: list[Exit] = []
        for port in ("true", "false"):
            if self.draw(st.booleans()):
                entry, after = self.chain(around.inside, 2)
                self.connect([(check, port)], entry)
                exits += after
            else:
                exits.append((check, port))
        return check, exits

    def _graph(self, around: Around) -> tuple[str, list[Exit]]:
        """Steps in layers, with edges from any earlier one; dead paths and both kinds of joins come by themselves."""
        first = self.step("ledger.give", {"value": 0})
        nodes: list[list[Exit]] = [[(first, "next")]]
        for _ in range(self.draw(st.integers(2, 6))):
            sources = self.draw(st.lists(st.sampled_from(range(len(nodes))), min_size=1, max_size=3, unique=True))
            edges = [self.draw(st.sampled_from(nodes[source])) for source in sources]
            entry, exits = self.block(around.beside)
            self.connect(edges, entry)
            if len(edges) > 1 and self.draw(st.booleans()):
                self._change(entry, join="any")
            nodes.append([*exits, (exits[0][0], "error")] if self.draw(st.booleans()) else exits)
            if not self.draw(st.booleans()):
                continue
            check = self.step("control.condition", {"condition": self.draw(st.booleans())})
            self.connect([exits[0]], check)
            nodes.append([(check, "true"), (check, "false")])
        last = self.step("ledger.give", {"value": "met"})
        self.connect(list(dict.fromkeys(exit for node in nodes for exit in node)), last)
        return first, [(last, "next")]

    def _change(self, id: str, **changes: Any) -> None:
        place = int(id[1:])
        self.steps[place] = replace(self.steps[place], **changes)

    def _body(self, container: str, port: str, around: Around) -> None:
        entry, _ = self.chain(around.inside, 3)
        self.connect([(container, port)], entry)

    def _foreach(self, around: Around) -> tuple[str, list[Exit]]:
        mode = self.draw(st.sampled_from(["fail", "continue", "collect"]))
        concurrency = self.draw(st.sampled_from([1, 1, 3]))
        items = self.draw(st.lists(st.integers(0, 5), max_size=3))
        id = self.step("control.foreach", {"items": items, "concurrency": concurrency, "on_item_error": mode})
        fail = mode == "continue" or (around.fail and (mode == "collect" or concurrency == 1))
        alone = concurrency == 1
        self._body(
            id,
            "body",
            replace(around, loop=True, fail=fail, leave=alone, set=around.set and alone, stop=around.stop and alone),
        )
        return id, [(id, "done")]

    def _while(self, around: Around) -> tuple[str, list[Exit]]:
        id = self.step("control.while", {"condition": f"{{{{ index < {self.draw(st.integers(0, 3))} }}}}"})
        self._body(id, "body", replace(around, loop=True, leave=True))
        return id, [(id, "done")]

    def _parallel(self, around: Around) -> tuple[str, list[Exit]]:
        id = self.step("control.parallel")
        for _ in range(self.draw(st.integers(1, 3))):
            self._body(id, "body", around.beside)
        return id, [(id, "done")]

    def _try(self, around: Around) -> tuple[str, list[Exit]]:
        id = self.step("control.try")
        self._body(id, "body", replace(around, fail=True))
        for port in ("catch", "finally"):
            if self.draw(st.booleans()):
                self._body(id, port, around)
        return id, [(id, "next")]


@st.composite
def workflows(draw: st.DrawFn, most: int = 30, naps: Sequence[float | str] = (0, 0.001)) -> Workflow:
    """A workflow of up to some more than `most` steps, with delays of those lengths. It has the input `ledger` and the variable `n`."""
    from engine.workflow.model import Input

    builder = Builder(draw, most, naps)
    builder.chain(Around(), 6)
    timed = [step for step in builder.steps if step.activity != "control.delay"]
    outputs = {step.id: f"{{{{ default(steps.{step.id}.output, 'none') }}}}" for step in timed}
    return Workflow(
        name="random",
        inputs=(Input("ledger", "file"),),
        variables={"n": 1},
        outputs={**outputs, "n": "{{ vars.n }}"},
        settings=Settings(max_parallel=draw(st.sampled_from([1, 2, 100]))),
        steps=tuple(builder.steps),
        edges=tuple(dict.fromkeys(builder.edges)),
    )
