"""A table that is added at the end of a config, and taken out again."""

from pathlib import Path

from occ.settings.toml.config_text import append, take_out
from occ.settings.toml.edit import with_value

FIRST = "#:schema https://raw.githubusercontent.com/occ-journal/occ/main/docs/config.schema.json\n"
WEB = '[services.web]\nimage = "web"\n'


def test_a_config_that_occ_makes_begins_with_the_schema_and_goes_with_its_only_table(
    tmp_path: Path,
) -> None:
    config = tmp_path / "occ" / "config.toml"
    append(config, WEB)
    assert config.read_text() == f"{FIRST}\n{WEB}"
    assert take_out(config, WEB)
    assert not config.exists()


def test_a_second_table_adds_no_line_and_leaves_none_behind(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    append(config, WEB)
    append(config, WEB.replace("web", "db"))
    assert config.read_text().count("#:schema") == 1
    assert take_out(config, WEB.replace("web", "db"))
    assert config.read_text() == f"{FIRST}\n{WEB}"


def test_a_file_that_is_there_gets_no_such_line(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('journal = "j.db"\n')
    append(config, WEB)
    assert config.read_text() == f'journal = "j.db"\n\n{WEB}'
    assert take_out(config, WEB)
    assert config.read_text() == 'journal = "j.db"\n'


def test_a_key_of_the_file_comes_below_the_line_where_editors_look() -> None:
    assert with_value(f"{FIRST}\n{WEB}", ("journal",), "j.db") == (
        f'{FIRST}journal = "j.db"\n\n{WEB}'
    )
    assert with_value(f"# mine\n\n{WEB}", ("journal",), "j.db") == (
        f'journal = "j.db"\n\n# mine\n\n{WEB}'
    )
