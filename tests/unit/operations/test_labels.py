"""The names that occ gives to what an image asks for and nobody named."""

import pytest

from occ.operations.labels import volume_name


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
