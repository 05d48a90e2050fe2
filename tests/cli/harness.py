"""What the black-box tests share: the binary, a database of their own, the feed lab on loopback.

Only the standard library. The environment says where things are (tests/run.sh sets it): CTI_BINARY, PGHOST, PGPORT,
PGUSER, and CTI_COMPAT_DIR where the web service's DDL lies.
"""
import datetime
import fcntl
import hashlib
import hmac
import http.server
import itertools
import json
import os
import pathlib
import pty
import re
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("CTI_BINARY", str(ROOT / "build/dev/cli/cti"))
FEEDLAB = ROOT / "tests/lab/feedlab.py"
DATA = ROOT / "tests/data"
# The newest entry of each feed is this old at most: a fixed date would one day be older than every lookback.
NOW = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
# The sanitized binary is several times slower than the shipped one, and the machine may be busy.
TIMEOUT_S = 300

_numbers = itertools.count(1)


class Result:
    def __init__(self, args, rc, out, err):
        self.args, self.rc, self.raw, self.err = args, rc, out, err

    @property
    def out(self):
        return self.raw.decode("utf-8")

    def json(self):
        return json.loads(self.raw)

    def __str__(self):
        return "cti %s\n-> %s\n--- stdout\n%s\n--- stderr\n%s" % (
            " ".join(self.args), self.rc, self.raw.decode("utf-8", "replace")[:2000], self.err[:4000])


def environment(url=None, **extra):
    """The caller's environment without anything of the tool's configuration, but with the tests' own."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("POSTGRES_", "CTI_", "LLM_", "AWS_", "OTEL_", "WEBSCAN_"))
           and k not in ("DATABASE_URL", "DATABASE_URL_FILE", "SOURCES_CONFIG", "NO_COLOR", "TRACEPARENT")}
    env.update(TERM="dumb", CTI_ALLOW_PRIVATE="1", CTI_LISTEN="127.0.0.1:0", CTI_NO_PAGES="1", CTI_SETTINGS="none", LC_ALL="C.UTF-8", TZ="Asia/Kathmandu")  # no result may depend on the zone
    if url:
        env["DATABASE_URL"] = url
    env.update(extra)
    return env


def sanitizer_options(*options):
    """The caller's options of AddressSanitizer and these: a value of ASAN_OPTIONS, which a build without it does not read."""
    return ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), *options)))


# What has run here already. To look for leaks at the end takes longer than most commands do, so each class of tests has it done
# once for each of its commands; whoever runs for long (start_cti) always does.
_looked_for_leaks = set()


def leak_check(args):
    words = tuple(itertools.takewhile(lambda word: re.fullmatch("[a-z_-]+", word), args))
    if words in _looked_for_leaks:
        return {"ASAN_OPTIONS": sanitizer_options("detect_leaks=0")}
    _looked_for_leaks.add(words)
    return {}


def cti(*args, url=None, env=None, stdin=b"", timeout=TIMEOUT_S, cwd=None):
    args = [str(a) for a in args]
    done = subprocess.run([BINARY, *args], input=stdin, capture_output=True, timeout=timeout, cwd=cwd,
                          env=environment(url, **{**leak_check(args), **(env or {})}))
    return Result(args, done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def start_cti(*args, url=None, env=None, **popen):
    return subprocess.Popen([BINARY, *[str(a) for a in args]], stdin=subprocess.DEVNULL,
                            env=environment(url, **(env or {})), **popen)


def draw(columns, *args, url=None, **env):
    """What the tool draws on a terminal of this width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([BINARY, *args], stdin=slave, stdout=slave, stderr=slave, env=environment(url, TERM="xterm", **env))
    os.close(slave)
    drawn = b""
    try:
        while chunk := os.read(master, 65536):
            drawn += chunk
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(master)
    if process.wait(60) != 0:
        raise AssertionError(drawn)
    return drawn.decode()


def build_shim(source, folder):
    """Builds a library of tests/data; the value of LD_PRELOAD that puts it before the others, but behind a sanitizer, which wants to be first."""
    shim = pathlib.Path(folder) / (pathlib.Path(source).stem + ".so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, DATA / source, "-ldl"], check=True, timeout=60)
    linked = subprocess.run(["ldd", BINARY], capture_output=True, text=True, timeout=60).stdout.splitlines()
    return ":".join([line.split("=>")[1].split()[0] for line in linked if "libasan" in line or "libtsan" in line] + [str(shim)])


def wait_until(condition, timeout=60, what="the condition"):
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("%s did not come true within %d s" % (what, timeout))
        time.sleep(0.02)


class Database:
    """A database that is made by the test and dropped after it."""

    def __init__(self, template=None):
        self.name = "cti_test_%d_%d" % (os.getpid(), next(_numbers))
        self._admin("CREATE DATABASE %s STRATEGY file_copy%s" % (self.name, " TEMPLATE " + template if template else ""))

    @staticmethod
    def _psql(database, *args, stdin=None):
        done = subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", database, *args],
                              input=stdin, capture_output=True, text=True, timeout=TIMEOUT_S)
        if done.returncode:
            raise AssertionError("psql: " + done.stderr)
        return done.stdout

    def _admin(self, sql):
        self._psql("postgres", "-c", sql)

    def url(self, user=None, password=None):
        who = urllib.parse.quote(user or os.environ["PGUSER"]) + (":" + urllib.parse.quote(password) if password else "")
        return "postgresql://%s@/%s?host=%s&port=%s" % (
            who, self.name, urllib.parse.quote(os.environ["PGHOST"]), os.environ.get("PGPORT", "5432"))

    def execute(self, sql):
        return self._psql(self.name, "-f", "-", stdin=sql)

    def rows(self, sql):
        return json.loads(self._psql(self.name, "-c", "SELECT coalesce(json_agg(t), '[]') FROM (%s) t" % sql))

    def value(self, sql):
        return next(iter(self.rows(sql)[0].values()))

    def load(self, path):
        self._psql(self.name, "-f", str(path))

    def drop(self):
        self._admin("DROP DATABASE IF EXISTS %s WITH (FORCE)" % self.name)


def free_port():
    with socket.socket() as s:
        s.bind(("", 0))
        return s.getsockname()[1]


class Lab:
    """feedlab.py on a free port; leaves nothing behind."""

    def __init__(self, sources=40, entries=50, hosts="multi", options=()):
        self.port = free_port()
        self.args = ["--sources", str(sources), "--entries", str(entries), "--hosts", hosts,
                     "--port", str(self.port), "--now", NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), *options]

    def _run(self, command):
        return subprocess.run([sys.executable, str(FEEDLAB), command, *self.args], check=True, capture_output=True,
                              timeout=TIMEOUT_S).stdout.decode()

    def start(self):
        self.process = subprocess.Popen([sys.executable, str(FEEDLAB), "serve", *self.args], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line.startswith(b"READY"):
            raise AssertionError("feedlab: " + self.process.stderr.read().decode())
        self.directory = tempfile.TemporaryDirectory(prefix="cti-lab-")
        self.yaml = pathlib.Path(self.directory.name) / "sources.yaml"
        self.yaml.write_text(self._run("sources"))
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()
        self.directory.cleanup()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def get(self, path):
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path), timeout=30) as answer:
            return answer.read()

    def stats(self, reset=False):
        return json.loads(self.get("/__stats" + ("?reset=1" if reset else "")))

    def control(self, **what):
        self.get("/__ctl?" + urllib.parse.urlencode(what))

    def truth(self):
        return {a["url"]: a for a in map(json.loads, self._run("truth").splitlines())}

    def identifiers(self):
        return re.findall(r'^  - id: "([^"]+)"', self.yaml.read_text(), re.M)


def serve_http(case, handler):
    """A server on loopback until the test ends."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    case.addCleanup(server.server_close)
    case.addCleanup(server.shutdown)
    return server


class Receiver:
    """Takes what a webhook posts; answers with the codes that it is given, then 204."""

    def __init__(self, case, codes=()):
        codes = list(codes)
        self.posts = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((dict(self.headers), body))
                self.send_response(codes.pop(0) if codes else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = serve_http(case, Handler)
        self.url = "http://127.0.0.1:%d/hook/s3cr3t" % self.server.server_port

    def events(self):
        return [json.loads(body) for _, body in self.posts]

    def verify(self, secret):
        """That all that was posted is signed with it."""
        for headers, body in self.posts:
            expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            if headers.get("X-Hub-Signature-256") != expected:
                raise AssertionError("not signed with %r: %r" % (secret, headers))


class Case(unittest.TestCase):
    longMessage = True
    maxDiff = 4000

    def assertRan(self, result, code=0):
        self.assertEqual(result.rc, code, result)
        self.assertIsHarmless(result)
        return result

    def assertRefused(self, result, code, *fragments):
        """Exit code, one line that says what, nothing on stdout."""
        self.assertEqual(result.rc, code, result)
        self.assertEqual(result.raw, b"", result)
        lines = result.err.splitlines()
        self.assertTrue(any(l.startswith("cti: error: ") for l in lines), result)
        for fragment in fragments:
            self.assertIn(fragment, result.err, result)
        self.assertIsHarmless(result)

    def assertIsHarmless(self, result):
        self.assertNotIn("cti: bug", result.err, result)
        self.assertNotIn("Sanitizer", result.err, result)
        self.assertNotIn("runtime error", result.err, result)
        self.assertNotRegex(result.err, r"[\x00-\x08\x0b-\x1f\x7f]")


class DatabaseCase(Case):
    """One database for the class."""

    @classmethod
    def setUpClass(cls):
        cls.db = Database()
        cls.addClassCleanup(cls.db.drop)

    def cti(self, *args, **more):
        more.setdefault("url", self.db.url())
        return cti(*args, **more)


class LabCase(DatabaseCase):
    """And one feed lab, with the sources of it in the database."""
    lab_options = dict(sources=6, entries=10)
    prepare = staticmethod(lambda db: None)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lab = Lab(**cls.lab_options).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.prepare(cls.db)
        done = cti("init", "--config", cls.lab.yaml, url=cls.db.url())
        if done.rc:
            raise AssertionError(done)

    def setUp(self):
        super().setUp()
        # A process that the test before this one killed may have left its leases, which would live for two minutes.
        self.db.execute("UPDATE cti.source_state SET lease_token = NULL, lease_owner = '', lease_until = NULL WHERE lease_until IS NOT NULL")


def compat_schemas():
    """name -> path of the web service's DDL: the original where it lies beside the checkout, and our own short form."""
    found = {}
    for year in ("2025", "2026"):
        original = pathlib.Path(os.environ.get("CTI_COMPAT_DIR", "/nonexistent")) / ("web-schema-%s.sql" % year)
        own = sorted((DATA / "db").glob("*%s*.sql" % year)) if (DATA / "db").is_dir() else []
        if original.exists():
            found[year] = original
        elif own:
            found[year] = own[0]
    return found


def words(text):
    return text.split()


def share_of_words_in_order(expected, got):
    """How many of the expected words stand in the text in the same order, 0 to 1; extra words count against it too."""
    a, b = words(expected), words(got)
    if a == b:
        return 1.0
    import difflib
    same = sum(m.size for m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks())
    return same / max(len(a), len(b), 1)
