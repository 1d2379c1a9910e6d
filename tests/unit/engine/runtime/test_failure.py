"""What happens when a step fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.api import Engine
from engine.core import events
from tests.unit.engine.runtime.conftest import Run, history


async def test_retry_tries_again_and_says_so(engine: Engine, run: Run) -> None:
    outcome = await run("""
steps:
  - {id: a, activity: ledger.fail, with: {times: 2}, retry: {attempts: 3, delay: 1ms}}
outputs: {tries: "{{ steps.a.output }}"}
""")
    assert outcome.output == {"tries": 3}
    failed = [event for event in await history(engine, outcome.execution) if isinstance(event, events.StepFailed)]
    assert [event.attempt for event in failed] == [1, 2] and all(event.retry_at for event in failed)


@pytest.mark.parametrize(
    ("on", "business", "tries"),
    [
        ("[system]", False, 3),
        ("[system]", True, 1),
        ("[business]", True, 3),
        ("[any]", True, 3),
        ("['no luck']", True, 3),
        ("[timeout]", False, 1),
    ],
)
async def test_which_errors_are_worth_another_try(
    engine: Engine, run: Run, on: str, business: bool, tries: int
) -> None:
    outcome = await run(f"""
steps:
  - {{id: a, activity: ledger.fail, with: {{business: {str(business).lower()}}}, retry: {{attempts: 3, delay: 1ms, on: {on}}}}}
""")
    assert outcome.status == "failed"
    failed = [event for event in await history(engine, outcome.execution) if isinstance(event, events.StepFailed)]
    assert len(failed) == tries


async def test_error_port_continue_on_error_try_and_handler_in_that_order(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: a, activity: ledger.fail}
  - {id: saved, activity: ledger.give, with: {value: "{{ steps.a.error.message }}"}}
  - {id: never, activity: ledger.give}
  - {id: b, activity: ledger.fail, continue_on_error: true}
  - {id: after, activity: ledger.give, with: {value: "{{ steps.b.output }}"}}
outputs: {saved: "{{ steps.saved.output }}", after: "{{ steps.after.output }}", never: "{{ steps.never.status }}"}
edges: [a.error -> saved, a.next -> never, b.next -> after]
""")
    assert outcome.output == {"saved": "no luck", "after": None, "never": "skipped"}


TRY = """
steps:
  - {id: guard, activity: control.try, with: {catch: %s}}
  - {id: a, activity: ledger.give, with: {value: 1}}
  - {id: bad, activity: ledger.fail, with: {business: %s}}
  - {id: saved, activity: ledger.give, with: {value: "{{ error.step }}"}}
  - {id: always, activity: control.set, with: {values: {cleaned: true}}}
  - {id: after, activity: ledger.give, with: {value: "{{ steps.guard.output.output }}"}}
variables: {cleaned: false}
outputs: {after: "{{ steps.after.output }}", cleaned: "{{ vars.cleaned }}", ok: "{{ steps.guard.output.ok }}"}
on_error: handler
edges: [guard.body -> a, a.next -> bad, guard.catch -> saved, guard.finally -> always, guard.next -> after]
"""
HANDLER = """
  - {id: handler, activity: ledger.again, with: {ledger: "{{ inputs.ledger }}", value: "{{ error.message }} {{ vars.cleaned }}"}}
"""


async def test_try_catches_cleans_up_and_goes_on(run: Run) -> None:
    text = TRY.replace("on_error: handler\n", "")
    caught = await run(text % ("any", "false"))
    assert caught.output == {"after": "guard/bad", "cleaned": True, "ok": False}
    assert (await run(text % ("system", "false"))).status == "succeeded"
    assert (await run(text % ("business", "true"))).status == "succeeded"
    missed = await run(text % ("business", "false"))
    assert missed.status == "failed" and missed.error is not None and missed.error["step"] == "guard/bad"


async def test_the_workflow_error_handler_sees_the_error(engine: Engine, run: Run, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    text = (TRY % ("business", "false")).replace("variables:", HANDLER.strip("\n") + "\nvariables:")
    outcome = await run("inputs: {ledger: {type: file}}\n" + text, ledger=str(ledger))
    assert outcome.status == "failed"
    assert ledger.read_text() == "again handler no luck true\n"


async def test_a_handler_that_stops_well_saves_the_execution(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: bad, activity: ledger.fail}
  - {id: rescue, activity: control.stop, with: {output: saved}}
on_error: rescue
""")
    assert (outcome.status, outcome.output) == ("succeeded", "saved")


async def test_a_timeout_is_an_error_that_stops_the_step(engine: Engine, run: Run) -> None:
    outcome = await run("""
steps:
  - {id: slow, activity: ledger.slow, timeout: 30ms, with: {seconds: 60}}
""")
    assert outcome.status == "failed" and outcome.error is not None
    assert outcome.error["kind"] == "timeout" and "longer than 30ms" in outcome.error["message"]


async def test_a_once_step_that_timed_out_is_not_repeated_by_itself(run: Run, engine: Engine) -> None:
    outcome = await run("""
steps:
  - {id: slow, activity: ledger.slow, timeout: 30ms, retry: {attempts: 5, delay: 1ms}, with: {seconds: 60}}
""")
    started = [event for event in await history(engine, outcome.execution) if isinstance(event, events.StepStarted)]
    assert len(started) == 1 and outcome.error is not None and "may have had its effect" in outcome.error["hint"]


async def test_a_timeout_of_the_workflow_fails_the_execution(run: Run) -> None:
    outcome = await run("""
settings: {timeout: 50ms}
steps:
  - {id: a, activity: control.delay, with: {length: 30s}}
""")
    assert (
        outcome.status == "failed"
        and outcome.error is not None
        and "workflow took longer than 50ms" in outcome.error["message"]
    )


async def test_steps_beside_a_failed_one_are_let_finish(engine: Engine, run: Run) -> None:
    outcome = await run("""
steps:
  - {id: bad, activity: ledger.fail}
  - {id: beside, activity: ledger.slow, with: {seconds: 0.05}}
  - {id: never, activity: ledger.give}
edges: [beside.next -> never]
""")
    assert outcome.status == "failed"
    seen = await history(engine, outcome.execution)
    assert any(isinstance(event, events.StepSucceeded) and event.address == "beside" for event in seen)
    assert not any(isinstance(event, events.StepStarted) and event.address == "never" for event in seen)


async def test_wrong_parameters_and_expressions_say_where(run: Run) -> None:
    wrong = await run("""
steps:
  - {id: a, activity: ledger.give, with: {value: {x: 1}}}
  - {id: each, activity: control.foreach, with: {items: [1], concurrency: "{{ steps.a.output.x - 1 }}"}}
  - {id: b, activity: ledger.give}
edges: [a.next -> each, each.body -> b]
""")
    assert wrong.error is not None and wrong.error["message"].startswith("At once: ")
    missing = await run("""
steps:
  - {id: a, activity: ledger.give, with: {value: {total: 1}}}
  - {id: b, activity: ledger.give, with: {value: "{{ steps.a.output.totl }}"}}
edges: [a.next -> b]
""")
    assert missing.error is not None
    assert "step 'b', parameter value" in missing.error["message"] and missing.error["column"] > 0
    assert "total" in missing.error["message"] + missing.error.get("hint", "")


async def test_retry_of_a_loop_begins_it_anew(run: Run, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    outcome = await run(f"""
variables: {{tries: 0}}
steps:
  - {{id: each, activity: control.foreach, with: {{items: [1, 2]}}, retry: {{attempts: 2, delay: 1ms}}}}
  - {{id: count, activity: control.set, with: {{values: {{tries: "{{{{ vars.tries + 1 }}}}"}}}}}}
  - {{id: note, activity: ledger.again, with: {{ledger: {ledger}, value: "{{{{ item }}}}"}}}}
  - {{id: check, activity: control.condition, with: {{condition: "{{{{ vars.tries == 2 }}}}"}}}}
  - {{id: bad, activity: ledger.fail}}
edges: [each.body -> count, count.next -> note, note.next -> check, check.true -> bad]
""")
    assert outcome.status == "succeeded"
    assert [line.split()[-1] for line in ledger.read_text().splitlines()] == ["1", "2", "1", "2"]


@pytest.mark.parametrize("kind", ["object", "endless", "long"])
async def test_an_output_that_cannot_be_kept_does_not_repeat_the_effect(run: Run, tmp_path: Path, kind: str) -> None:
    ledger = tmp_path / "ledger"
    outcome = await run(f"""
steps:
  - {{id: a, activity: ledger.odd, retry: {{attempts: 3, delay: 1ms}}, with: {{ledger: {ledger}, kind: {kind}}}}}
""")
    assert outcome.status == "failed" and outcome.error is not None
    assert "ledger.odd gave what cannot be kept" in outcome.error["message"]
    assert len(ledger.read_text().splitlines()) == 1
