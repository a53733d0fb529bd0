"""The names that occ gives to what an image asks for and nobody named."""

import pytest

from occ.operations.labels import number, volume_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data", "web.data"),
        ("/var/lib/Web_1.2/", "web.var-lib-Web_1.2"),
        ("XX", "web.XX"),
        ("/var/lib-web", "web.var-lib-web.90e33798"),
        ("/a b", "web.a-b.73c9c45d"),
    ],
)
def test_a_volume_is_called_by_its_path_and_an_ambiguous_one_by_a_digest_too(
    path: str, name: str
) -> None:
    assert volume_name("web", path) == name


@pytest.mark.parametrize(
    ("label", "read"), [("12", 12), ("0", 0), ("", 0), ("1.2", 0), ("-1", 0), ("\u0663", 0)]
)
def test_a_label_that_holds_no_number_is_read_as_none(label: str, read: int) -> None:
    assert number({"occ.version": label}, "occ.version") == read


def test_a_label_that_is_missing_is_read_as_none() -> None:
    assert number({"occ.operation": "7"}, "occ.version") == 0
