"""Which ports a request opens to others."""

from dataclasses import replace

import pytest

from occ.app.change.exposure import newly_exposed
from occ.domain.request import Found, Request, Version
from occ.domain.spec import Port, Spec
from occ.domain.versions import Ledger, Record


def spec(*addresses: str) -> Spec:
    ports = (Port(container=80, host=8000 + n, address=a) for n, a in enumerate(addresses))
    return Spec(ports=tuple(ports))


def ledger(*specs: Spec) -> Ledger:
    records = {
        n: Record(
            version=Version(number=n, image=f"sha256:{n}", reference="web:1", spec=each),
            created_at=n,
        )
        for n, each in enumerate(specs, 1)
    }
    return replace(Ledger(), versions=records, current=len(specs))


RUNS = Found(container="c", version=1)


@pytest.mark.parametrize(
    ("address", "exposed"),
    [
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("*", True),
        ("::", True),
        ("192.0.2.7", True),
        ("2001:db8::1", True),
    ],
)
def test_loopback_alone_is_not_exposed(address: str, exposed: bool) -> None:
    asked = Request(spec=spec(address))
    assert bool(newly_exposed(asked, Found(), ledger())) == exposed


def test_what_is_open_already_is_not_asked_about_again() -> None:
    there = ledger(spec("0.0.0.0"))
    assert newly_exposed(Request(spec=spec("0.0.0.0")), RUNS, there) == ()
    more = Request(spec=spec("0.0.0.0", "::"))
    assert newly_exposed(more, RUNS, there) == ("[::]:8001:80",)
    assert newly_exposed(more, Found(), there) == ("0.0.0.0:8000:80", "[::]:8001:80")


def test_a_rollback_to_an_open_version_opens_it_again() -> None:
    there = ledger(spec("127.0.0.1"), spec("0.0.0.0"))
    assert newly_exposed(Request(version=2), RUNS, there) == ("0.0.0.0:8000:80",)
    assert newly_exposed(Request(version=1), replace(RUNS, version=2), there) == ()
