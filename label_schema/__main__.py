"""``python -m label_schema``: the guideline as text, as a page, its digest, the changes between versions."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from label_schema import changes, text
from label_schema.errors import GuidelineError
from label_schema.page import page
from label_schema.versions import load, versions


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 after printing an error as one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "show":
                print("\n".join(text.lines(load(options.version))))
            case "page":
                _write(page(load(options.version)), options.output)
            case "digest":
                for version in versions() if options.version is None else [options.version]:
                    print(f"{load(version).digest}  v{version}")
            case "diff":
                print("\n".join(changes.report(load(options.old), load(options.new))))
        sys.stdout.flush()
    except GuidelineError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of the output has closed it, as `head` does
        # Python flushes stdout again at exit, which must not raise a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _write(html: str, target: Path | None) -> None:
    if target is None:
        print(html)
    else:
        target.write_text(html, encoding="utf-8")
        print(target)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m label_schema", description="The labeling guideline.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="print the guideline as text")
    to_page = commands.add_parser("page", help="write the guideline as a page for labelers")
    to_page.add_argument("-o", "--output", type=Path, metavar="FILE", help="HTML file to write (default: stdout)")
    digest = commands.add_parser("digest", help="print the digest of each version, or of one")
    for command in (show, to_page, digest):
        command.add_argument("--version", type=int, metavar="N", help="version (default: the latest; for digest: all)")
    diff = commands.add_parser("diff", help="print the changes between two versions, and the labels that carry over")
    diff.add_argument("old", type=int, help="old version")
    diff.add_argument("new", type=int, help="new version")
    return parser


if __name__ == "__main__":
    sys.exit(main())
