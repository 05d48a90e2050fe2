"""tests/security.sh: what it finds, what it leaves out and until when, and what it says of what it did not run."""
import datetime
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from harness import Case, ROOT

# Put together here, so that this file holds none.
PLANTED = {
    "aws-key": "AKIA" + "QX7T2LMNP4RSUVWY",
    "github-token": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "gitlab-token": "glpat-" + "x9Yz8Wv7Ut6Sr5Qp4On3",
    "slack": "xoxb-" + "123456789012-abcdefABCDEF",
    "google-key": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "stripe-key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "age-key": "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE",
    "private-key-line": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "url-password": "postgresql://cti:" + "Zq8vT3xLm0Rk5Wn2" + "@db.example/cti",
    "assignment": "api_key = \"" + "Zq8vT3xLm0Rk5Wn2Yb7Hc4Jd" + "\"",
}


@unittest.skipUnless(shutil.which("git"), "there is no git here")
class Secrets(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cti-secrets.")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.git("init", "-q")
        (self.root / "tests/security").mkdir(parents=True)

    def git(self, *args):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(self.root), *args], check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def scan(self, *args):
        done = subprocess.run([sys.executable, str(ROOT / "tests/security/find_secrets.py"), *args, str(self.root)], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def test_each_kind_of_secret_is_found_and_never_shown(self):
        for rule, secret in PLANTED.items():
            with self.subTest(rule):
                (self.root / "settings.py").write_text("# first\n%s\n" % secret)
                code, out, _ = self.scan()
                self.assertEqual(code, 1, out)
                self.assertRegex(out, r"(?m)^secret %s settings\.py:2 [0-9a-f]{16} " % rule)
                self.assertNotIn(secret, out)

    def test_what_was_removed_is_found_in_the_history(self):
        (self.root / "a").write_text(PLANTED["github-token"])
        self.commit()
        (self.root / "a").write_text("clean\n")
        self.commit()
        self.assertEqual(self.scan("--tree")[0], 0)
        code, out, _ = self.scan("--history")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"^secret github-token [0-9a-f]{7,}:a ")
        # Also on a branch that is not checked out.
        self.git("checkout", "-q", "-b", "other")
        (self.root / "b").write_text(PLANTED["aws-key"])
        self.commit()
        self.git("checkout", "-q", "-")
        self.assertIn("aws-key", self.scan("--history")[1])

    def test_what_only_looks_like_one_is_none(self):
        (self.root / "a.py").write_text("password = os.environ['DATABASE_PASSWORD_FROM_THE_ENVIRONMENT']\ntoken: my_token_is_in_a_file_somewhere\n"
                                        "url = 'postgresql://user:password@host/db'\nurl = f'https://{user}:{a_long_password}@x'\nsha256 = '%s'\n" % ("0a" * 32))
        self.assertEqual(self.scan(), (0, "", ""))

    def test_an_ignored_one_comes_back_when_its_day_has_passed(self):
        (self.root / "a").write_text(PLANTED["aws-key"])
        key = self.scan()[1].split()[3]
        today = datetime.date.today()
        for day, code in ((today + datetime.timedelta(days=2), 0), (today - datetime.timedelta(days=2), 1)):
            (self.root / "tests/security/ignore").write_text("# why\nsecret %s %s a reason\n" % (key, day))
            self.assertEqual(self.scan()[0], code)
        (self.root / "tests/security/ignore").write_text("secret %s a reason\n" % key)
        self.assertIn("not 'KIND KEY UNTIL reason'", self.scan()[2])

    def test_odd_files_are_survived(self):
        (self.root / "long").write_bytes(b"token=" + b"x" * 3_000_000)
        (self.root / "binary").write_bytes(os.urandom(100_000))
        os.symlink("/dev/zero", self.root / "endless")
        (self.root / "na\nme").write_text("x")
        self.assertEqual(self.scan()[:2], (0, ""))


class Dockerfiles(Case):
    def rules(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".Dockerfile") as file:
            file.write(text)
            file.flush()
            done = subprocess.run([sys.executable, str(ROOT / "tests/security/check_dockerfile.py"), file.name], capture_output=True, text=True)
        rules = [line.split()[1] for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 1 if rules else 0, done.stderr)
        return rules

    END = "USER 10001\nHEALTHCHECK CMD true\n"

    def test_each_rule(self):
        for text, rule in (("FROM debian\n", "base-without-tag"), ("FROM debian:latest\n", "base-without-tag"),
                           ("FROM debian:12\nADD https://x.example/a /a\n", "add-from-network"),
                           ("FROM debian:12\nENV API_TOKEN=abc\n", "secret-in-layer"),
                           ("FROM debian:12\nRUN curl -s https://x.example | sh\n", "pipe-to-shell"),
                           ("FROM debian:12\nRUN apt-get update && \\\n  apt-get install -y x && rm -rf /var/lib/apt/lists/*\n", "recommended-packages"),
                           ("FROM debian:12\nRUN apt-get install -y --no-install-recommends x\n", "lists-left-in-layer"),
                           ("FROM debian:12\nRUN sudo true\n", "sudo"), ("FROM debian:12\nRUN chmod -R 777 /x\n", "writable-by-all")):
            self.assertEqual(self.rules(text + self.END), [rule], text)
        self.assertEqual(self.rules("FROM debian:12\n"), ["root", "no-healthcheck"])

    def test_what_is_right_is_not_told(self):
        self.assertEqual(self.rules("ARG D=12\nFROM debian:${D} AS build\nENV PASSWORD_FILE=/run/secrets/x\nFROM build\n# RUN sudo\n" + self.END), [])


class Script(Case):
    def run_script(self, *args, **env):
        return subprocess.run([str(ROOT / "tests/security.sh"), *args], capture_output=True, text=True, timeout=300, env={**os.environ, **env})

    def test_an_unknown_check_is_refused(self):
        done = self.run_script("secretz")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("unknown check 'secretz'; it is one of: cppcheck shell", done.stderr)

    def test_what_cannot_be_run_is_told_and_an_error_where_it_was_asked_for(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name in ("bash", "dirname", "awk", "date", "env"):
            os.symlink(shutil.which(name), os.path.join(folder.name, name))
        done = self.run_script("image", PATH=folder.name)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("not run: neither trivy nor grype is installed", done.stdout)
        self.assertIn("found something: nothing; not run: image", done.stdout)

    def test_this_checkout_passes(self):
        done = self.run_script("dockerfile")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        if (ROOT / ".git").exists() and shutil.which("git"):
            done = subprocess.run([sys.executable, "tests/security/find_secrets.py", "--tree"], cwd=ROOT, capture_output=True, text=True, timeout=120)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
