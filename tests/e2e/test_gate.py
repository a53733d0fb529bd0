"""The gate on a real engine: it waits for what may still come, and tells what it was answered."""

import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.box import FAST, HEALTH, Box, serves
from tests.host import client
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

# occ on a machine whose clock is off by so many seconds: the engine's own is right
OFF = """
import runpy, sys, time
right, off = time.time_ns, int(sys.argv.pop(1)) * 10**9
time.time_ns = lambda: right() + off
runpy.run_module("occ", run_name="__main__")
"""
TEN_YEARS = 10 * 365 * 24 * 3_600
HASTY = HEALTH + FAST.replace("8s", "3s")
PASSWORD = "correct-horse-battery"


def test_a_healthcheck_that_fails_during_a_slow_start_is_waited_for(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("healthcheck", "1.0", name=box.service).ref
    slow = 'env = { START_AFTER = "4" }\n'  # its HEALTHCHECK says unhealthy after two seconds
    patient = HEALTH + FAST.replace("8s", "30s")
    box.configure(ref, port, health=patient, more=slow)
    box.well("start", "--yes")
    assert serves(port) == "1.0"
    assert box.status()["health"] == "healthy"


def test_an_answer_that_takes_longer_than_two_seconds_has_a_key(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    slow = 'env = { ANSWER_AFTER = "2.2" }\n'
    box.configure(ref, port, health=HASTY, more=slow)
    failed = box.well("start", "--yes", status=6)
    assert "/health did not answer within 2 s (health.probe_timeout)" in failed.err
    patient = HEALTH + FAST + 'probe_timeout = "6s"\n'
    box.configure(ref, port, health=patient, more=slow)
    box.well("start", "--yes")
    assert box.status()["health"] == "healthy"


def test_a_probe_carries_the_login_and_nobody_is_told_it(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    secrets = 'secrets = ["OPENCODE_SERVER_PASSWORD"]\n'
    box.configure(ref, port, health=HASTY, more=secrets)
    (box.folder / f"{box.service}.secrets").write_text(f"OPENCODE_SERVER_PASSWORD={PASSWORD}\n")
    (box.folder / f"{box.service}.secrets").chmod(0o600)
    said = [box.well("start", "--yes", status=6)]
    assert "/health answered 401, not 200: wants a login: health.auth" in said[0].err

    auth = 'auth = { user = "opencode", secret = "OPENCODE_SERVER_PASSWORD" }\n'
    box.configure(ref, port, health=HASTY + auth, more=secrets)
    said += [
        box.well("start", "--yes"),
        box.well("status"),
        box.well("doctor"),
        box.well("show", "2"),
    ]
    assert "reports version 1.0" in said[1].err
    assert box.status()["health"] == "healthy"
    # the value was changed since: the container has the one that it was made with
    (box.folder / f"{box.service}.secrets").write_text("OPENCODE_SERVER_PASSWORD=another-horse\n")
    assert box.status()["health"] == "healthy"
    said += [box.well("update", "--yes"), box.well("config", "show")]
    assert box.status()["health"] == "healthy"

    kept = b"".join(file.read_bytes() for file in box.folder.glob("journal*"))
    told = "".join(done.out + done.err for done in said).encode()
    for password in (PASSWORD, "another-horse"):
        for sent in (password.encode(), b64encode(f"opencode:{password}".encode())):
            assert sent not in kept
            assert sent not in told


def test_a_login_page_that_is_expected_tells_no_version(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    asked = 'env = { OPENCODE_SERVER_PASSWORD = "{{secret:PW}}" }\nsecrets = ["PW"]\n'
    box.configure(ref, port, health=f"expect_status = 401\n{HASTY}", more=asked)
    (box.folder / f"{box.service}.secrets").touch(0o600)
    (box.folder / f"{box.service}.secrets").write_text(f"PW={PASSWORD}\n")
    started = box.well("start", "--yes")
    assert "the answer of /health holds no version" in started.err
    assert box.status()["health"] == "healthy"


def test_one_that_is_out_of_memory_or_hears_no_signal_is_told_as_such(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("deaf", "1.0", name=box.service).ref
    grace = 'stop_timeout = "1s"\n'
    eats = 'env = { ALLOCATE = "300" }\n[services.NAME.limits]\nmemory = "32m"\n'
    box.configure(ref, port, more=grace + eats.replace("NAME", box.service))
    failed = box.well("start", "--yes", status=6)
    assert "is not healthy: killed: out of memory (limit 32 MiB)" in failed.err
    box.configure(ref, port, more=grace)
    box.well("start", "--yes")
    stopped = box.well("stop", "--yes")
    assert "killed after 1 s: it does not hear SIGTERM" in stopped.err
    assert f"occ config set services.{box.service}.engine.Init true" in stopped.err
    number = box.well("history", "-o", "json").result()[0]["operation"]
    assert "killed after 1 s: it does not hear SIGTERM" in box.well("show", str(number)).out


def test_a_service_that_speaks_tls_is_asked_by_its_name_and_its_own_ca(
    box: Box, images: Images, port: int, tmp_path: Path
) -> None:
    tls = tmp_path / "tls"
    tls.mkdir()
    (tls / "health").write_text('{"version": "1.0", "state": "ready"}')
    made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    named = ("-subj", "/CN=web", "-addext", "subjectAltName=DNS:web.example.test")
    files = ("-nodes", "-keyout", str(tls / "key.pem"), "-out", str(tls / "cert.pem"))
    subprocess.run((*made, *named, *files), check=True, capture_output=True)
    ref = images.publish("good", "1.0", name=box.service).ref
    serve = (
        "openssl",
        "s_server",
        "-accept",
        "3000",
        "-cert",
        "cert.pem",
        "-key",
        "key.pem",
        "-WWW",
    )
    # the image has no program for TLS: it runs that of this machine
    more = (
        f'mounts = ["/usr:/usr:ro", "{tls}:/tls:ro"]\ncommand = {list(serve)}\n'
        'stop_timeout = "1s"\nengine = { WorkingDir = "/tls" }\n'
    )
    asked = HASTY + 'scheme = "https"\nhost = "web.example.test"\n'
    box.configure(ref, port, health=asked, more=more)
    assert (
        "its certificate is not trusted (self-signed certificate)"
        in box.well("start", "--yes", status=6).err
    )
    trusted = asked + f'ca_file = "{tls}/cert.pem"\nexpect_body = "ready"\n'
    box.configure(ref, port, health=trusted, more=more)
    box.well("start", "--yes")
    assert (box.status()["health"], box.status()["reported"]) == ("healthy", "1.0")


def test_a_program_that_was_replaced_within_its_container_is_drift(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("bare", "1.0", name=box.service).ref
    box.configure(ref, port, health=HASTY)
    box.well("start", "--yes")
    assert box.status()["drift"] == []
    told = """echo '{"version":"1.1"}' > /www/health"""
    with client(private_engine) as one:
        run = one.exec_create(box.service, ["/bin/busybox", "sh", "-c", told])
        one.exec_start(run["Id"])
    line = "it reports version 1.1; version 1 reported 1.0 when it was proven"
    assert box.status()["drift"] == [line]


@dataclass(frozen=True)
class Off(Box):
    """A box whose clock is off by `seconds`."""

    seconds: int = 0

    def command(self, *words: str) -> list[str]:
        """The command line of occ, by that clock."""
        return [sys.executable, "-c", OFF, str(self.seconds), *words]


def test_a_clock_that_is_ten_years_off_is_in_no_downtime(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    behind = Off(box.folder, box.engine, box.service, seconds=-TEN_YEARS)
    ahead = Off(box.folder, box.engine, box.service, seconds=TEN_YEARS)
    behind.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)
    behind.well("update", "--yes")
    ahead.well("restart", "--yes")
    restarted, updated, _ = box.well("history", "-o", "json").result()
    assert (restarted["kind"], updated["kind"]) == ("restart", "update")
    for row in (restarted, updated):
        assert 0 < row["downtime_ms"] < 60_000
    for one in (behind, ahead):
        assert 0 <= one.status()["uptime_ms"] < 600_000


class _Stranger(BaseHTTPRequestHandler):
    """Another program of the host, which says that it is well."""

    def do_GET(self) -> None:
        body = b'{"version": "9.9"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def test_the_answer_of_another_program_of_the_host_proves_nothing(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    (box.folder / "config.toml").write_text(
        f'[services.{box.service}]\nimage = "{ref}"\nnetworks = ["host"]\n'
        f'env = {{ PORT = "{port}" }}\nstop_timeout = "1s"\n'
        'command = ["/bin/sh", "-c", "/usr/local/bin/service; sleep 60"]\n'
        f"[services.{box.service}.health]\nport = {port}\n{HASTY}"
    )
    with ThreadingHTTPServer(("127.0.0.1", port), _Stranger) as stranger:
        thread = Thread(target=stranger.serve_forever, args=(0.01,))
        thread.start()
        failed = box.well("start", "--yes", status=6)
        stranger.shutdown()
        thread.join()
    assert f"port {port} of the host's network is held by another program" in failed.err
    box.well("start", "--yes")
    assert (box.status()["health"], box.status()["reported"]) == ("healthy", "1.0")
