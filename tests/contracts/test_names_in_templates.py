"""The list of what templates read, by which unused code is found, is the newest."""

from support.write_names_in_templates import WRITTEN, names_in, names_in_templates


def test_the_list_is_written_anew_after_a_template_changed():
    assert names_in_templates() == WRITTEN.read_text(encoding="utf-8"), (
        "python tests/support/write_names_in_templates.py"
    )


def test_what_a_template_reads_is_found():
    assert {"name", "values"} == names_in("{% for x in y.values() %}{{ x.name if x else t['key'] }}{% endfor %}")
