"""Files on their way: taken up again, over another connection, where the last one broke."""

from __future__ import annotations

import asyncio
import fnmatch
import posixpath
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from engine.activities.ftp.server import Entry, Remote, Server, absent, connected
from engine.core import durations
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Param, SystemFault
from engine.sdk.partial import Damaged

T = TypeVar("T")
IfExists = Literal["replace", "skip", "fail"]
Retries = Annotated[int, Param("Retries", "It goes on where the connection broke, after a pause.", advanced=True)]
_LONGEST_PAUSE = 30.0
_MAGIC = re.compile(r"[*?[]")


@dataclass
class Transfer:
    """What a step transfers. `moved` bytes made it so far; `hopeless` once a retry cannot help."""

    ctx: Context
    server: Server
    retries: int
    moved: int = 0
    hopeless: bool = False

    async def run(self, work: Callable[[Remote], Awaitable[T]]) -> T:
        """Do `work` on a connection, and again on another one when that breaks, as long as it gets on."""
        tries = 0
        while True:
            tries += 1
            before = self.moved
            try:
                async with connected(self.server) as remote:
                    return await work(remote)
            except SystemFault as fault:
                if self.moved > before:
                    tries = 1
                if tries > self.retries or self.hopeless or isinstance(fault, Damaged):
                    raise
                pause = min(_LONGEST_PAUSE, 0.5 * 2.0 ** (tries - 1)) * random.uniform(0.75, 1.25)
                self.ctx.log(f"{fault.message}; trying again in {durations.text(pause)}", "warning")
                await asyncio.sleep(pause)


def is_pattern(name: str) -> bool:
    """Whether it means several: it holds `*`, `?` or `[`."""
    return bool(_MAGIC.search(name))


async def meant(remote: Remote, server: Server, path: str) -> list[Entry]:
    """The files that a path means: that one, or those in its folder that fit its last part.

    Raises `BusinessError` for one that is not there, and for names that lead out of a folder.
    """
    place = server.at(path)
    folder, name = posixpath.split(place)
    if is_pattern(folder):
        raise BusinessError(
            say("{path} has a pattern in the name of a folder", path=path),
            hint=say("Only the last part can have * and ?."),
        )
    if not is_pattern(name):
        there = await remote.look(place)
        if there is None:
            raise absent(place, server.shown)
        if there.folder:
            raise BusinessError(
                say("{path} is a folder, not a file", path=place), hint=say("Write {path}/*", path=place)
            )
        return [there]
    found = [one for one in await remote.entries(folder or ".") if fnmatch.fnmatchcase(one.name, name)]
    return sorted((checked(one) for one in found if not one.folder), key=lambda one: one.name)


def checked(entry: Entry) -> Entry:
    """The entry. Raises `BusinessError` if its name could lead to another folder of this machine."""
    if any(sign in entry.name for sign in "/\\\0:") or entry.name in ("", ".", ".."):
        raise BusinessError(
            say("the server has a file with a name that no file should have: {name!a}", name=entry.name)
        )
    return entry
