"""Plain data to YAML text: block style, two spaces, one fixed way to write everything, and the comments put back."""

from __future__ import annotations

from typing import Any

from engine.workflow.comments import Comments, KeyPath, item_names
from engine.workflow.scalars import LONGEST_KEY, flow, literal, quoted, scalar


def emit(data: dict[str, Any], comments: Comments | None = None) -> str:
    """The text of a mapping of plain data, no deeper than `syntax.DEEPEST`."""
    emitter = _Emitter(comments or Comments())
    emitter.comment(emitter.comments.head, "")
    emitter.mapping(data, "", ())
    emitter.comment(emitter.comments.foot, "")
    emitter.lines.append("")
    return "\n".join(emitter.lines)


class _Emitter:
    def __init__(self, comments: Comments) -> None:
        self.comments = comments
        self.lines: list[str] = []

    def comment(self, lines: tuple[str, ...], pad: str) -> None:
        self.lines.extend(pad + line if line else "" for line in lines)

    def mapping(self, data: dict[str, Any], pad: str, path: KeyPath, dash: bool = False) -> None:
        """Write every key of `data` at `pad`; with `dash`, as an item of a list whose dash stands two to the left."""
        before, after = self.comments.before, self.comments.after
        for key, value in data.items():
            where = (*path, key)
            start = f"{pad[:-2]}- " if dash else pad
            if where in before:
                self.comment(before[where], pad[:-2] if dash else pad)
            dash = False
            text = quoted(key)
            if len(text) < LONGEST_KEY:
                self.entry(f"{start}{text}:", value, pad, where)
            else:
                self.lines.append(f"{start}? {text}")
                self.entry(f"{pad}:", value, pad, where)
            if where in after:
                self.comment(after[where], pad)

    def sequence(self, items: list[Any], pad: str, path: KeyPath) -> None:
        before, after, inline = self.comments.before, self.comments.after, self.comments.inline
        for name, item in zip(item_names(path, items), items, strict=True):
            where = (*path, name)
            if where in before:
                self.comment(before[where], pad)
            if isinstance(item, dict) and item:
                if where in inline:
                    self.comment((inline[where],), pad)
                self.mapping(item, f"{pad}  ", where, dash=True)
            else:
                self.entry(f"{pad}-", item, pad, where)
            if where in after:
                self.comment(after[where], pad)

    def entry(self, start: str, value: Any, pad: str, where: KeyPath) -> None:
        """Write `value` behind `start` (`key:` or a dash)."""
        inline = self.comments.inline.get(where)
        end = f"  {inline}" if inline else ""
        if isinstance(value, (dict, list)) and value and not _is_place(where):
            self.lines.append(start + end)
            if isinstance(value, dict):
                self.mapping(value, f"{pad}  ", where)
            else:
                self.sequence(value, f"{pad}  ", where)
            return
        block = literal(value, f"{pad}  ") if isinstance(value, str) else None
        if block is not None:
            self.lines.append(f"{start} {block[0]}{end}")
            self.lines.extend(block[1:])
        else:
            self.lines.append(f"{start} {flow(value) if _is_place(where) else scalar(value)}{end}")


def _is_place(where: KeyPath) -> bool:
    """Whether it is where a step stands on the canvas: always one line, so that a moved step is one changed line."""
    return len(where) == 3 and where[0] == "layout" and where[1] == "steps"
