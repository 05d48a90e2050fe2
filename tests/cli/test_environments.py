"""make, start_development.sh and start_production.sh, with a docker that is a script."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import Case, ROOT

# Says what it was called with; what `docker inspect` tells of the containers stands in a file, one line after each turn.
DOCKER = """#!/bin/bash
root=$(dirname "$(readlink -f "$0")")
echo "$COMPOSE_PROJECT_NAME|$COMPOSE_FILE|$CTI_STATUS_PORT|$CTI_IMAGE|$*" >>"$root/calls"
case "$1 $2" in
"version "*) echo 24.0 ;;
"compose version") exit 0 ;;
"ps "*) echo one ;;
"inspect "*)
    turn=$(cat "$root/turn" 2>/dev/null || echo 1)
    echo $((turn + 1)) >"$root/turn"
    if [[ -e $root/states.$turn ]]; then cat "$root/states.$turn"; else cat "$root/states"; fi ;;
"compose run") [[ $* != *import* ]] || cat >"$root/imported"; [[ $* != *sources ]] || echo "sources: []" ;;
esac
"""


class Checkout(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cti-environments.")
        self.addCleanup(folder.cleanup)
        self.bin = pathlib.Path(folder.name) / "bin"
        self.root = pathlib.Path(folder.name) / "check out"
        for made in (self.bin, self.root / "deploy"):
            made.mkdir(parents=True)
        for name in ("run_cli.sh", "Makefile", "start_development.sh", "start_production.sh", "deploy/environment.sh", "deploy/private_database.sh",
                     "deploy/run_in_docker.sh", "deploy/set_up_docker.sh", "deploy/env.example"):
            shutil.copy(ROOT / name, self.root / name)
        (self.bin / "docker").write_text(DOCKER)
        (self.bin / "docker").chmod(0o755)
        (self.bin / "states").write_text("postgres running healthy 0\nmigrate exited none 0\nmonitor running healthy 0\n")

    def run_here(self, *args, stdin="", **env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("CTI_", "POSTGRES_", "PG", "COMPOSE_", "MAKE", "DATABASE_"))}
        return subprocess.run(args, cwd=self.root, input=stdin, capture_output=True, text=True, timeout=60,
                              env={**clean, "PATH": "%s:%s" % (self.bin, clean["PATH"]), **env})

    def compose_calls(self):
        calls = [line.split("|") for line in (self.bin / "calls").read_text().splitlines()]
        return [(c[0], c[4].removeprefix("compose ")) for c in calls if c[4].startswith("compose ") and c[4] != "compose version"]


class Start(Checkout):
    def test_production_starts_waits_and_says_what_next_twice_in_a_row(self):
        (self.bin / "states.1").write_text("postgres running starting 0\n")
        (self.bin / "states.2").write_text("postgres running healthy 0\nmigrate exited none 0\nmonitor created none 0\n")
        for _ in range(2):
            done = self.run_here("./start_production.sh")
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
            self.assertIn("all is healthy: 3 containers of 'checkout'", done.stderr)
            self.assertIn("http://127.0.0.1:8080/health", done.stderr)
        self.assertGreaterEqual(int((self.bin / "turn").read_text()), 4)  # It asked until all were there.
        self.assertEqual(self.compose_calls(), [("checkout", "up -d --remove-orphans")] * 2)
        self.assertTrue((self.root / ".cti/secrets/postgres_password").is_file())

    def test_its_options_do_what_they_say_in_their_order(self):
        done = self.run_here("./start_production.sh", "--logs", "--migrate", "--build", "--replicas", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([words for _, words in self.compose_calls()],
                         ["build", "run --rm migrate", "up -d --remove-orphans --scale monitor=3", "logs -f --tail 50"])
        self.assertIn("|8080-8082|", (self.bin / "calls").read_text())  # a port for each
        (self.bin / "calls").unlink()
        self.assertEqual(self.run_here("./start_production.sh", "--stop").returncode, 0)
        self.assertEqual([words for _, words in self.compose_calls()], ["stop"])

    def test_development_stands_beside_it(self):
        self.assertEqual(self.run_here("./start_development.sh").returncode, 0)
        up = next(line for line in (self.bin / "calls").read_text().splitlines() if "|compose up" in line)
        self.assertEqual(up.split("|")[:4], ["checkout-dev", "docker-compose.yml:docker-compose.dev.yml", "8081", "cti:dev"])

    def test_what_will_not_come_up_ends_it_with_a_sentence(self):
        for state, said in (("monitor exited none 6", "the service 'monitor' ended with exit code 6"),
                            ("monitor exited none 137", "most often the memory did not suffice"),
                            ("monitor running unhealthy 0", "the service 'monitor' is not well")):
            (self.bin / "states").write_text(state + "\n")
            done = self.run_here("./start_production.sh")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(said, done.stderr)
            self.assertIn("deploy/environment.sh production logs monitor", done.stderr)
        (self.bin / "states").write_text("monitor running starting 0\n")
        done = self.run_here("./start_production.sh", CTI_START_WAIT="1")
        self.assertIn("not ready after 1 s: still waiting for monitor", done.stderr)

    def test_wrong_usage_starts_nothing(self):
        for args, said in ((["--buidl"], "unknown option '--buidl'"), (["--stop", "--build"], "--stop stands alone"),
                           (["--replicas", "0"], "--replicas must be a number from 1 to 99, not '0'")):
            done = self.run_here("./start_production.sh", *args)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(said, done.stderr)
        self.assertFalse((self.bin / "calls").exists())
        self.assertIn("--replicas N", self.run_here("./start_production.sh", "--help").stdout)

    def test_without_an_engine_one_sentence_says_so(self):
        (self.bin / "docker").write_text("#!/bin/sh\nexit 1\n")
        done = self.run_here("./start_production.sh")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 2), done.stderr)
        self.assertIn("error: the Docker engine does not answer", done.stderr)

    def test_seed_brings_the_labs_sources_in(self):
        self.assertEqual(self.run_here("deploy/environment.sh", "development", "seed").returncode, 0)
        self.assertEqual((self.bin / "imported").read_text(), "sources: []\n")
        self.assertIn("unknown environment 'test'", self.run_here("deploy/environment.sh", "test", "ps").stderr)


@unittest.skipUnless(shutil.which("make"), "there is no make here")
class Make(Checkout):
    def rules(self):
        """Each target with its lines."""
        text = (ROOT / "Makefile").read_text()
        return {name: body.strip().splitlines() for name, body in re.findall(r"(?m)^([a-z][a-z-]*):.*\n((?:\t.*\n)+)", text)}

    def test_help_lists_every_target(self):
        for args in ([], ["help"]):
            listed = re.findall(r"(?m)^  ([a-z-]+) +\S", self.run_here("make", *args).stdout)
            self.assertEqual(sorted(listed), sorted(self.rules()))
        # A file of a target's name does not stand in its way.
        phony = self.run_here("make", "-pn", "help").stdout
        self.assertEqual(sorted(re.search(r"(?m)^\.PHONY: (.*)", phony)[1].split()), sorted(self.rules()))

    def test_every_target_is_one_line_that_calls_what_is_there(self):
        for target, lines in self.rules().items():
            with self.subTest(target):
                self.assertEqual(len(lines), 1)
                done = self.run_here("make", "-n", target, "BACKUP=latest", "REPLICAS=2", "NAME=x")
                self.assertEqual(done.returncode, 0, done.stderr)
                for script in re.findall(r"(?:^|[\s;&])((?:\./|tests/|deploy/)[\w/-]+\.sh)", done.stdout):
                    self.assertTrue(os.access(ROOT / script, os.X_OK), "%s calls %s" % (target, script))

    def test_options_that_it_gives_exist(self):
        scripts = {"run_cli.sh": None, "start_production.sh": "./start_production.sh", "start_development.sh": "./start_development.sh"}
        for target, (line,) in self.rules().items():
            for script, option in re.findall(r"\./(start_\w+\.sh) (--\w+)", line):
                self.assertIn(option, self.run_here(scripts[script], "--help").stdout, target)

    def test_a_wrong_setting_is_one_sentence(self):
        for args, said in ((["prod-scale"], "--replicas must be a number from 1 to 99, not ''"), (["prod-scale", "REPLICAS=$(id)"], "not '"),
                           (["restore"], "say which: make restore BACKUP=latest")):
            done = self.run_here("make", *args)
            self.assertEqual((done.returncode, done.stdout.count("error")), (2, 0), done.stderr)
            self.assertIn(said, done.stderr)
        self.assertFalse((self.bin / "calls").exists())

    def test_containers_are_reached_by_one_word(self):
        for target, words in (("dev-logs", "logs -f --tail 100"), ("dev-db-shell", "exec postgres psql -U cti cti"), ("prod-build", "build"),
                              ("clean-dev", "down --volumes --remove-orphans"), ("prod-stop", "stop")):
            self.assertEqual(self.run_here("make", target).returncode, 0, target)
            self.assertEqual(self.compose_calls()[-1], ("checkout-dev" if "dev" in target else "checkout", words))

    def test_a_reset_asks_for_the_name(self):
        (self.root / "run_cli.sh").write_text('#!/bin/bash\nprintf "%s|" "$@" >args\n')
        self.assertEqual(self.run_here("make", "migrate-reset", stdin="mine\n").returncode, 0)
        self.assertEqual((self.root / "args").read_text(), "init|--reset|--confirm=mine|")
        self.assertEqual(self.run_here("make", "migrate-reset", "CONFIRM=other").returncode, 0)
        self.assertEqual((self.root / "args").read_text(), "init|--reset|--confirm=other|")
