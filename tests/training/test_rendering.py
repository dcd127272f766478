"""Markdown tables."""

from training.rendering import markdown_table


def test_a_table_has_a_line_for_each_row() -> None:
    assert markdown_table(["", "hushd"], [["peak", "77 MB"], ["ready", ""]]).splitlines() == [
        "| | hushd |",
        "|---|---|",
        "| peak | 77 MB |",
        "| ready | |",
    ]
