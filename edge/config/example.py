"""The example configuration, generated from the settings: every key with its default and its docstring."""

import ast
import inspect
import textwrap
from dataclasses import fields, is_dataclass
from typing import Any

from edge.config.configuration import Configuration

_HEAD = """\
# hushd's configuration. Each commented line shows a default: remove its "#" to change it.
# `hushd check --config FILE` reports mistakes with their line; `systemctl reload hushd` applies the file.

"""


def render_example() -> str:
    """Return YAML in which every setting is a comment."""
    return _HEAD + _section(Configuration(), indent="")


def _section(settings: Any, indent: str) -> str:
    docstrings = _docstrings(type(settings))
    text = ""
    for setting in fields(settings):
        value = getattr(settings, setting.name)
        if is_dataclass(value):
            text += f"\n{indent}{setting.name}:\n" + _section(value, indent + "  ")
        else:
            comment = " ".join(docstrings[setting.name].replace("``", "`").split())
            text += textwrap.fill(comment, 110, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ") + "\n"
            text += f"{indent}#{setting.name}: {_yaml(value)}".rstrip() + "\n"
    return text


def _yaml(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(_yaml, value))}]"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _docstrings(cls: type) -> dict[str, str]:
    """Return field name -> the docstring below it, which Python does not keep at run time."""
    (declaration,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(declaration, ast.ClassDef)
    texts: dict[str, str] = {}
    for statement, following in zip(declaration.body, declaration.body[1:], strict=False):
        match statement, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                texts[name] = text
    return texts
