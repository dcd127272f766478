"""Pages from Jinja templates, and tables in Markdown."""

from collections.abc import Iterable, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def template_environment(package: str, folder: str = ".", *, trim_blocks: bool = True) -> Environment:
    """Return the environment of a package's templates: ``.html.j2`` is escaped, an unknown name is an error.

    ``trim_blocks`` removes the line end after a block.
    """
    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=trim_blocks,
    )


def render_template(package: str, template: str, **values: object) -> str:
    """Return a template of a package, filled in."""
    return template_environment(package).get_template(template).render(**values)


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, a line a row."""
    return "\n".join([_line(head), "|" + "---|" * len(head), *map(_line, rows)])


def _line(cells: Sequence[str]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"
