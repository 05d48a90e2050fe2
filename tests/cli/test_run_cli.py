"""run_cli.sh itself: what it installs, builds and passes on."""
import os
import pathlib
import pty
import shlex
import shutil
import subprocess
import tempfile
import time

from checkout import Checkout, clean_environment
from harness import ROOT


class PassThrough(Checkout):
    def setUp(self):
        super().setUp()
        self.forget()
        self.addCleanup(self.forget)

    def forget(self):
        """What a set-up leaves: the next test begins with a new checkout."""
        shutil.rmtree(self.root / ".cti/secrets", True)
        shutil.rmtree(self.root / ".cti/pgdata", True)
        (self.root / ".env").unlink(missing_ok=True)

    ARGS = ["search", "", "two words", "quote's \"double\"", "line\nbreak", "$HOME `id` *", "--", "-x", "日本語", "\\"]

    def test_arguments_reach_the_tool_unchanged(self):
        done = self.run_cli(*self.ARGS, DATABASE_URL="postgresql://nobody@127.0.0.1:1/x")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "data\n", "words\n"))
        self.assertEqual([c["args"] for c in self.calls()], [self.ARGS])

    def test_the_exit_code_is_the_tools(self):
        for code in (0, 1, 2, 3, 4, 7, 130):
            self.assertEqual(self.run_cli("collect", TOOL_EXIT=str(code), DATABASE_URL="x").returncode, code)

    def test_a_database_that_is_named_is_used(self):
        for env in (dict(DATABASE_URL="x"), dict(DATABASE_URL_FILE="f"), dict(POSTGRES_HOST="h"), dict(PGHOST="h"), dict(PGSERVICE="s")):
            self.run_cli("collect", **env)
        self.run_cli("--database-url", "y", "collect")
        self.run_cli("collect", "--database-url=z")
        self.assertEqual([c["url"] for c in self.calls()], ["x"] + [None] * 6)
        self.assertFalse((self.root / ".cti/pgdata").exists())

    def test_what_needs_no_database_starts_none(self):
        for args in ([], ["--help"], ["collect", "--help"], ["-q", "version"], ["--version"], ["inspect", "feed", "-"],
                     ["completion", "bash"], ["help", "collect"], ["--color", "never", "inspect", "page", "-"]):
            with self.subTest(" ".join(args)):
                self.assertEqual(self.run_cli(*args).returncode, 0)
        self.assertEqual({c["url"] for c in self.calls()}, {None})
        self.assertFalse((self.root / ".cti/pgdata").exists())

    def test_the_default_sources_are_found_from_other_folders(self):
        self.run_cli("collect", DATABASE_URL="x", cwd="/")
        self.run_cli("collect", DATABASE_URL="x", cwd="/", SOURCES_CONFIG="mine.yaml")
        self.run_cli("collect", DATABASE_URL="x")
        self.assertEqual([c["config"] for c in self.calls()], [str(self.root / "config/sources.yaml"), "mine.yaml", None])

    def test_it_works_through_a_symbolic_link(self):
        link = pathlib.Path(self.temporary.name) / "cti-link"
        link.symlink_to(self.root / "run_cli.sh")
        done = subprocess.run([str(link), "version"], capture_output=True, text=True, timeout=60, env={**os.environ, "CTI_MODE": "native"})
        self.assertEqual((done.returncode, done.stdout), (0, "data\n"), done.stderr)

    def test_few_programs_run_before_the_tool(self):
        """Each costs a start of a process at every call; what is built already asks neither git nor a compiler."""
        with tempfile.NamedTemporaryFile("r", prefix="cti-programs-") as told:
            # No program is found by name, so the shell hands each to this function, which notes it and runs it.
            handler = "() { echo \"$1\" >>%s; PATH=/usr/bin:/bin:/usr/sbin command \"$@\"\n}" % told.name
            done = subprocess.run(["/bin/bash", str(self.root / "run_cli.sh"), "version"], capture_output=True, text=True, timeout=60,
                                  env={**clean_environment(), "PATH": "/nowhere", "CTI_MODE": "native", "BASH_FUNC_command_not_found_handle%%": handler})
            programs = told.read().split()
        self.assertEqual((done.returncode, done.stdout), (0, "data\n"), done.stderr)
        self.assertEqual(sorted(programs), ["dirname", "find", "readlink"])

    def test_its_own_commands_are_in_the_help_and_explain_themselves_without_running(self):
        for args in (["--help"], ["help"], ["setup", "--help"], ["demo", "-h"], ["db", "--help"]):
            done = self.run_cli(*args)
            self.assertEqual(done.returncode, 0, done)
            for word in ("setup", "db stop", "demo", "--no-install"):
                self.assertIn(word, done.stdout, args)
        self.assertEqual([c["args"] for c in self.calls()], [["--help"], ["help"]])
        self.assertFalse((self.root / ".env").exists())

    def test_an_unknown_mode_is_refused(self):
        done = self.run_cli("collect", CTI_MODE="cloud")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn("'cloud'", done.stderr)

    def fake_docker(self, script):
        folder = tempfile.TemporaryDirectory(prefix="cti-docker-")
        self.addCleanup(folder.cleanup)
        docker = pathlib.Path(folder.name) / "docker"
        docker.write_text("#!/bin/sh\n" + script + "\n")
        docker.chmod(0o755)
        return "%s:%s" % (folder.name, os.environ["PATH"])

    def test_a_file_that_two_settings_name_is_mounted_once(self):
        # CURL_CA_BUNDLE and SSL_CERT_FILE, as a rule; Docker refuses a place that is taken.
        said = subprocess.run(["bash", "-euo", "pipefail", "-c", 'root=/; source "$0"; mounts=(); for f in /etc/passwd /etc/group /etc/passwd /etc/group; do use_file "$f"; '
                               'done; echo "$in_container"; printf "%s\\n" "${mounts[@]}"', str(ROOT / "deploy/run_in_docker.sh")],
                              capture_output=True, text=True, timeout=30, check=True).stdout.splitlines()
        self.assertEqual(said[0], "/host/etc/group")
        self.assertEqual([line for line in said[1:] if line != "--mount"],
                         ['type=bind,readonly,"src=/etc/%s","dst=/host/etc/%s"' % (name, name) for name in ("passwd", "group")])

    def test_an_engine_that_does_not_answer_is_told_or_not_needed(self):
        path = self.fake_docker("exit 1")
        done = self.run_cli("collect", CTI_MODE="docker", PATH=path)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertIn("CTI_MODE=native", done.stderr)
        done = self.run_cli("version", CTI_MODE="", PATH=path)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "data\n", "words\n"))

    def test_a_silent_engine_begins_no_second_database(self):
        self.assertFalse((self.root / ".cti/pgdata").exists())
        for words, told in (("Cannot connect to the Docker daemon", "systemctl start docker"),
                            ("permission denied while trying to connect", "usermod -aG docker")):
            path = self.fake_docker("echo '%s' >&2; exit 1" % words)
            done = self.run_cli("sources", "list", CTI_MODE="", PATH=path)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertIn(told, done.stderr)
            self.assertIn("CTI_MODE=native", done.stderr)
        self.assertEqual(self.calls(), [])
        self.assertFalse((self.root / ".cti/pgdata").exists())

    def test_what_setup_began_stays_in_containers(self):
        self.assertEqual(self.run_cli("setup", CTI_MODE="").returncode, 0)
        self.run_cli("setup", CTI_MODE="")
        self.assertEqual((self.root / ".env").read_text().splitlines().count("CTI_MODE=docker"), 1)
        for pinned in (True, False):
            if not pinned:
                (self.root / ".env").unlink()
            done = self.run_cli("version", CTI_MODE="", PATH=self.fake_docker("exit 1"))
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertIn("systemctl start docker", done.stderr)
        # A database that an earlier version began beside it.
        cluster = self.root / ".cti/pgdata"
        cluster.mkdir()
        (cluster / "PG_VERSION").write_text("15\n")
        for args in (("sources", "list"), ("db", "status")):
            done = self.run_cli(*args, CTI_MODE="", PATH=self.fake_docker("exit 0"))
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn("two databases", done.stderr)
            self.assertIn(str(cluster), done.stderr)
        done = self.run_cli("version", CTI_MODE="native")
        self.assertEqual((done.returncode, done.stdout), (0, "data\n"), done.stderr)

    def test_setup_leaves_a_native_checkout_alone(self):
        cluster = self.root / ".cti/pgdata"
        cluster.mkdir(parents=True)
        (cluster / "PG_VERSION").write_text("15\n")
        done = self.run_cli("setup", CTI_MODE="")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn("CTI_MODE=docker ./run_cli.sh setup", done.stderr)
        self.assertFalse((self.root / ".cti/secrets").exists())

    def test_an_engine_that_answers_is_used_unless_a_database_is_named(self):
        asked = self.root / "docker-was-asked"
        path = self.fake_docker("case $1 in version) exit 0 ;; esac; touch %s; exit 1" % shlex.quote(str(asked)))
        done = self.run_cli("stats", CTI_MODE="", PATH=path, DATABASE_URL="x")
        self.assertEqual((done.returncode, done.stdout, asked.exists()), (0, "data\n", False), done.stderr)
        done = self.run_cli("--no-install", "stats", CTI_MODE="", PATH=path)
        self.assertEqual((done.returncode, done.stdout, asked.exists()), (2, "", True), done.stderr)
        self.assertIn("docker compose build", done.stderr)
        self.assertEqual([c["args"] for c in self.calls()], [["stats"]])

    def test_setup_makes_a_password_once_and_shows_it_to_nobody(self):
        secrets = self.root / ".cti/secrets"
        made = []
        for _ in range(2):
            done = self.run_cli("setup")
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
            made.append((secrets / "postgres_password").read_text())
            self.assertNotIn(made[-1], done.stderr)
        self.assertEqual(made[0], made[1])
        self.assertRegex(made[0], "^[0-9a-f]{48}$")
        self.assertEqual(secrets.stat().st_mode & 0o777, 0o700)
        (secrets / "postgres_password").unlink()
        self.run_cli("setup", POSTGRES_PASSWORD="of my own")
        self.assertEqual((secrets / "postgres_password").read_text(), "of my own")

    def test_setup_tells_compose_where_the_password_lies_and_what_is_built(self):
        for revision in ("0123456789ab", "ba9876543210"):
            done = self.run_cli("setup", CTI_REVISION=revision, CTI_SOURCE_DATE_EPOCH="1790000000")
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = [l for l in (self.root / ".env").read_text().splitlines() if not l.startswith("#")]
            self.assertEqual(sorted(lines), ["CTI_MODE=docker", "CTI_REVISION=" + revision, "CTI_SOURCE_DATE_EPOCH=1790000000",
                                             "POSTGRES_PASSWORD_FILE=./.cti/secrets/postgres_password"])
        self.assertTrue((self.root / ".cti/secrets/postgres_password").is_file())

    def test_setup_keeps_the_operators_own_password_file(self):
        (self.root / "secret").write_text("s")
        (self.root / ".env").write_text("POSTGRES_PASSWORD_FILE=./secret\nX=1")
        self.assertEqual(self.run_cli("setup", CTI_REVISION="0123456789ab").returncode, 0)
        lines = (self.root / ".env").read_text().splitlines()
        self.assertEqual(lines[:3], ["POSTGRES_PASSWORD_FILE=./secret", "X=1", "CTI_MODE=docker"])
        self.assertFalse((self.root / ".cti/secrets/postgres_password").exists())
        (self.root / "secret").unlink()
        done = self.run_cli("setup")
        self.assertEqual(done.returncode, 2)
        self.assertIn("secret', which POSTGRES_PASSWORD_FILE names, is missing", done.stderr)

    def test_completing_starts_nothing_and_says_nothing(self):
        for mode in ("native", "docker"):
            done = self.run_cli("__complete", "sources", CTI_MODE=mode, PATH=self.fake_docker("exit 1"))
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertFalse((self.root / ".cti/pgdata").exists())

    def test_an_unknown_database_command_is_exit_2(self):
        done = self.run_cli("db", "strat")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("strat", done.stderr)

    def fake_programs(self, **programs):
        """A PATH on which these are shell scripts; the checkout does not count as built meanwhile."""
        folder = tempfile.TemporaryDirectory(prefix="cti-bin-")
        self.addCleanup(folder.cleanup)
        for name, script in programs.items():
            path = pathlib.Path(folder.name) / name.replace("_", "-")
            path.write_text("#!/bin/sh\n" + script + "\n")
            path.chmod(0o755)
        built = self.root / "build/release/.built"
        built.unlink()
        self.addCleanup(built.touch)
        return "%s:%s" % (folder.name, os.environ["PATH"])

    def test_no_install_refuses_and_says_the_line(self):
        path = self.fake_programs(dpkg_query="exit 1", apt_get="touch '%s'" % (self.root / "apt-was-called"))
        done = self.run_cli("--no-install", "collect", PATH=path)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertRegex(done.stderr, r"Run: (sudo )?apt-get install .*cmake")
        self.assertFalse((self.root / "apt-was-called").exists())
        self.assertEqual(self.calls(), [])

    def test_what_is_missing_is_installed_and_built_and_stdout_stays_clean(self):
        log = shlex.quote(str(self.root / "programs"))
        path = self.fake_programs(dpkg_query="echo 'g++ installed'; echo 'cmake not-installed'; exit 1", sudo='exec "$@"',
                                  apt_get="echo noise; echo apt-get $* >> " + log, cmake="echo noise; echo cmake $* >> " + log)
        done = self.run_cli("collect", PATH=path, DATABASE_URL="x")
        self.assertEqual((done.returncode, done.stdout), (0, "data\n"), done.stderr)
        self.assertIn("run_cli: installing cmake ninja-build", done.stderr)
        self.assertIn("run_cli: building", done.stderr)
        update, install, configure, build = (self.root / "programs").read_text().splitlines()
        self.assertRegex(update, "update$")
        self.assertRegex(install, "install -y --no-install-recommends cmake ")
        self.assertNotIn("g++", install)
        self.assertEqual(configure, "cmake --preset release")
        self.assertIn("--build --preset release", build)
        self.assertEqual(self.run_cli("collect", DATABASE_URL="x").stderr, "words\n")

    def test_on_a_terminal_a_build_shows_how_far_it_is_and_no_word_of_the_compiler(self):
        go = self.root / "build-may-end"
        path = self.fake_programs(dpkg_query="exit 1", apt_get="echo Unpacking", sudo='exec "$@"',
                                  cmake="echo '[7/9] x.cpp: warning: odd'; until [ -e %s ]; do sleep 0.1; done" % shlex.quote(str(go)))
        ours, theirs = pty.openpty()
        clean = clean_environment()
        process = subprocess.Popen([str(self.root / "run_cli.sh"), "version"], stdin=theirs, stdout=theirs, stderr=theirs,
                                   env={**clean, "CTI_MODE": "native", "PATH": path, "TERM": "xterm"})
        os.close(theirs)
        drawn = b""
        try:
            while chunk := os.read(ours, 65536):
                drawn += chunk
                if b"step 7/9, 0:0" in drawn:
                    go.touch()
        except OSError:  # how Linux says that the other side is closed
            pass
        os.close(ours)
        go.unlink(missing_ok=True)
        self.assertEqual(process.wait(60), 0, drawn)
        self.assertIn(b"step 7/9, 0:0", drawn)
        self.assertNotIn(b"warning", drawn)
        self.assertNotIn(b"Unpacking", drawn)

    def test_it_builds_again_when_a_source_is_newer_and_tells_a_failure(self):
        path = self.fake_programs(dpkg_query="exit 1", apt_get="true", sudo='exec "$@"', cmake="echo 'x.cpp:1: error: broken'; exit 1")
        (self.root / "build/release/.built").touch()
        self.assertEqual(self.run_cli("version", PATH=path).returncode, 0)
        later = time.time() + 5
        (self.root / "core/new.cpp").touch()
        os.utime(self.root / "core/new.cpp", (later, later))
        done = self.run_cli("version", PATH=path)
        (self.root / "core/new.cpp").unlink()
        os.utime(self.root / "core", (1, 1))
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertIn("x.cpp:1: error: broken", done.stderr)


class LongPath(Checkout):
    folder_name = "a" * 60 + "/" + "b" * 60

    def test_the_socket_moves_where_its_name_fits(self):
        done = self.run_cli("db", "psql", "-XAtc", "SELECT 1")
        self.assertEqual((done.returncode, done.stdout), (0, "1\n"), done.stderr)


class OwnInitFirst(Checkout):
    def test_whoever_begins_with_init_gets_only_that(self):
        done = self.run_cli("init", "--config", "mine.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.run_cli("collect")
        self.assertEqual([c["args"] for c in self.calls()], [["init", "--config", "mine.yaml"], ["collect"]])
