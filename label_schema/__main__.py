"""``python -m label_schema``: read the guideline, make its page, name its digest, compare versions."""

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
    """Do one verb; 0 when done, 1 with one line on stderr when not."""
    options = _parser().parse_args(arguments)
    try:
        match options.verb:
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
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more at the end
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
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = verbs.add_parser("show", help="the guideline as text")
    to_page = verbs.add_parser("page", help="the guideline as a page for the people who label")
    to_page.add_argument("-o", "--output", type=Path, metavar="FILE", help="HTML file to write (default: to stdout)")
    digest = verbs.add_parser("digest", help="the digest of each version, or of one")
    for verb in (show, to_page, digest):
        verb.add_argument("--version", type=int, metavar="N", help="which version; the latest by default")
    diff = verbs.add_parser("diff", help="what changed between two versions, and what it costs")
    diff.add_argument("old", type=int)
    diff.add_argument("new", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
