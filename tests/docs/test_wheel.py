"""The wheel holds the package and its migrations, manual pages, and nothing else at top level."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_what_it_should(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("occ_journal-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    (dist_info,) = (t for t in tops if t.endswith(".dist-info"))
    data = dist_info.replace(".dist-info", ".data")
    assert tops == {"occ", dist_info, data}
    pages = {name for name in names if name.startswith(f"{data}/")}
    assert f"{data}/data/share/man/man1/occ-config-schema.1" in pages
    assert {name.rpartition("/")[0] for name in pages} == {f"{data}/data/share/man/man1"}
    assert "occ/py.typed" in names
    doubles = [n for n in names if "double" in n or "memory" in n or n.startswith("tests")]
    assert doubles == []
    assert any(name.startswith("occ/migrations/versions/0001") for name in names)
    entry = zipfile.ZipFile(wheel).read(f"{dist_info}/entry_points.txt").decode()
    assert "occ = occ.cli:main" in entry
