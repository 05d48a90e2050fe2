"""The profiles of the compose files, and the configurations that they mount, read by the programs that they are for: nginx, promtool,
amtool, PostgreSQL. Where one of these is not here, its test is skipped and says so; tests/run.sh unpacks them."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from deploy_files import read, yaml
from harness import BINARY, Case, ROOT, cti, environment, wait_until


def program(name, variable):
    """Its path, or None."""
    for found in (os.environ.get(variable), shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin"), ROOT / "build/tools/usr/bin" / name,
                  ROOT / "build/tools/usr/sbin" / name):
        if found and os.access(found, os.X_OK):
            return str(found)
    return None


PROMTOOL, AMTOOL, NGINX = program("promtool", "CTI_PROMTOOL"), program("amtool", "CTI_AMTOOL"), program("nginx", "CTI_NGINX")
INOTIFYWAIT = program("inotifywait", "CTI_INOTIFYWAIT")
POSTGRES = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), default=None, key=lambda p: int(p.parts[-3]))
COMPOSE = [c for c in (["docker", "compose"], ["docker-compose"]) if shutil.which(c[0]) and not subprocess.run([*c, "version"], capture_output=True).returncode]


def services(name):
    return yaml.safe_load(read(name))["services"]


def merged():
    """Each service of development with what production says of it."""
    whole = {name: dict(what) for name, what in services("docker-compose.yml").items()}
    for name, what in services("docker-compose.dev.yml").items():
        whole[name] = {**whole.get(name, {}), **what}
    return whole


class Files(Case):
    def test_the_profiles_are_those_that_the_documents_name(self):
        profiles = {p for what in merged().values() for p in what.get("profiles", [])}
        self.assertEqual(profiles, {"worker", "backup", "tools", "proxy", "monitoring", "llm", "watch", "adminer", "mail"})
        text = read("docs/install.md")
        for profile in profiles:
            self.assertIn("`%s`" % profile, text)

    def test_every_service_of_development_is_locked_in_too(self):
        for service, what in merged().items():
            with self.subTest(service):
                self.assertTrue(what["read_only"])
                self.assertEqual((what["cap_drop"], what["security_opt"]), (["ALL"], ["no-new-privileges:true"]))
                for limit in ("mem_limit", "cpus", "pids_limit", "logging", "ulimits"):
                    self.assertIn(limit, what)
                self.assertIn("nofile", what["ulimits"])

    def test_ports_are_published_on_loopback_unless_someone_says_otherwise(self):
        for service, what in merged().items():
            for port in what.get("ports", []):
                self.assertRegex(port, r"^(127\.0\.0\.1|\$\{CTI_PROXY_ADDRESS:-127\.0\.0\.1\}):\$\{\w+:-\d+\}:\d+$", service)
        self.assertNotIn("ports", merged()["ollama"])
        self.assertNotIn("ports", services("docker-compose.yml")["postgres"])

    def test_development_shares_no_volume_with_production(self):
        production = set(yaml.safe_load(read("docker-compose.yml"))["volumes"])
        development = set(yaml.safe_load(read("docker-compose.dev.yml"))["volumes"])
        for volume in production:
            self.assertIn(volume + "_dev", development)
        for service, what in services("docker-compose.dev.yml").items():
            named = [v.split(":")[0] for v in what.get("volumes", []) if not v.startswith((".", "/", "$"))]
            self.assertTrue(all(v.endswith("_dev") for v in named), service)

    def test_every_image_has_a_version_and_a_line_where_its_digest_goes(self):
        lock = {line.split()[0]: line.split()[1:] for line in read("deploy/images.lock").splitlines() if not line.startswith("#")}
        found = {}
        for what in merged().values():
            if match := re.fullmatch(r"\$\{(\w+):-([^}]+)\}", what["image"]):
                found[match[1]] = match[2]
            else:
                self.assertEqual(what["image"], "cti-lab")  # built here
        for own in ("CTI_IMAGE", "CTI_WATCH_IMAGE"):
            found.pop(own)
        for variable, image in found.items():
            self.assertRegex(image, r"^[\w./-]+:v?\d+\.?[\w.-]*$")
            self.assertEqual(lock[variable][0], image)
        self.assertEqual(set(lock) - set(found), {"CTI_DEBIAN_DIGEST"})
        for image, digest in lock.values():
            self.assertRegex(digest, r"^(-|sha256:[0-9a-f]{64})$")

    def test_no_service_has_a_password_of_its_own_making(self):
        for name in ("docker-compose.yml", "docker-compose.dev.yml"):
            for service, what in services(name).items():
                for key, value in (what.get("environment") or {}).items():
                    if re.search(r"PASS|SECRET|TOKEN|KEY", key):
                        self.assertTrue(key.endswith("_FILE"), "%s: %s" % (service, key))
        grafana = services("docker-compose.yml")["grafana"]["environment"]
        self.assertEqual((grafana["GF_AUTH_ANONYMOUS_ENABLED"], grafana["GF_USERS_ALLOW_SIGN_UP"]), ("false", "false"))

    def test_what_services_mount_is_there(self):
        for service, what in merged().items():
            for volume in what.get("volumes", []):
                source = volume.split(":")[0] if volume.startswith(".") else re.match(r"\$\{\w+:-(\./[^}]*)\}", volume)
                if source:
                    path = source if isinstance(source, str) else source[1]
                    self.assertTrue((ROOT / path).exists(), "%s mounts %s" % (service, path))

    def test_grafana_is_given_our_dashboard_and_a_source_for_it(self):
        source, = yaml.safe_load(read("deploy/grafana/provisioning/datasources/prometheus.yaml"))["datasources"]
        self.assertEqual((source["type"], source["url"], source["isDefault"]), ("prometheus", "http://prometheus:9090", True))
        folder = yaml.safe_load(read("deploy/grafana/provisioning/dashboards/cti.yaml"))["providers"][0]["options"]["path"]
        self.assertIn("./deploy/grafana/cti.json:%s/cti.json:ro" % folder, services("docker-compose.yml")["grafana"]["volumes"])
        variables = {v["name"]: v["type"] for v in json.loads(read("deploy/grafana/cti.json"))["templating"]["list"]}
        self.assertEqual(variables["datasource"], "datasource")

    @unittest.skipUnless(COMPOSE, "there is no Compose here")
    def test_compose_reads_every_profile_of_both_environments(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("POSTGRES_", "CTI_", "COMPOSE_"))}
        with tempfile.NamedTemporaryFile(suffix=".env") as empty:
            for command in COMPOSE:
                for files in (["docker-compose.yml"], ["docker-compose.yml", "docker-compose.dev.yml"]):
                    named = [word for f in files for word in ("-f", ROOT / f)]
                    profiles = sorted({p for f in files for s in services(f).values() for p in s.get("profiles", [])})
                    asked = [*command, *named, "--env-file", empty.name, *[w for p in profiles for w in ("--profile", p)], "config", "--services"]
                    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, env={**env, "POSTGRES_PASSWORD_FILE": empty.name})
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(sorted(done.stdout.split()), sorted({s for f in files for s in services(f)}))


class Readers(Case):
    @unittest.skipUnless(PROMTOOL, "there is no promtool here")
    def test_promtool_takes_configuration_and_rules(self):
        for words in (["check", "config"], ["check", "rules"]):
            file = "prometheus.yml" if words[1] == "config" else "alerts.yml"
            done = subprocess.run([PROMTOOL, *words, ROOT / "deploy/prometheus" / file], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("prometheus.yml is valid", subprocess.run([PROMTOOL, "check", "config", ROOT / "deploy/prometheus/prometheus.yml"],
                                                                capture_output=True, text=True).stdout.replace("prometheus.yml is valid prometheus config", "prometheus.yml is valid"))

    def test_prometheus_asks_services_that_are_there(self):
        config = yaml.safe_load(read("deploy/prometheus/prometheus.yml"))
        hosts = {t.split(":")[0] for job in config["scrape_configs"] + config["alerting"]["alertmanagers"] for s in job.get("static_configs", []) for t in s["targets"]}
        hosts |= {name for job in config["scrape_configs"] for s in job.get("dns_sd_configs", []) for name in s["names"]}
        all_services = services("docker-compose.yml")
        for host in hosts - {"127.0.0.1"}:
            self.assertIn("status", all_services[host]["networks"])
        self.assertIn("status", all_services["prometheus"]["networks"])

    @unittest.skipUnless(AMTOOL, "there is no amtool here")
    def test_amtool_takes_the_configurations(self):
        for name in ("alertmanager.yml", "alertmanager.dev.yml"):
            done = subprocess.run([AMTOOL, "check-config", ROOT / "deploy/prometheus" / name], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as wrong:
            wrong.write(read("deploy/prometheus/alertmanager.yml").replace("receiver: people", "receiver: nobody", 1))
            wrong.flush()
            self.assertNotEqual(subprocess.run([AMTOOL, "check-config", wrong.name], capture_output=True).returncode, 0)

    @unittest.skipUnless(POSTGRES, "there is no PostgreSQL server here")
    def test_postgresql_takes_the_configurations(self):
        with tempfile.TemporaryDirectory(prefix="cti-postgresql.") as folder:
            data = pathlib.Path(folder, "data")
            apart = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
            os.chmod(folder, 0o755)
            data.mkdir(mode=0o700)
            if apart:
                shutil.chown(data, "postgres")
            for environment, connections in (("production", "100"), ("development", "50")):
                file = pathlib.Path(folder, environment + ".conf")
                text = read("deploy/postgresql/%s.conf" % environment)
                for wrong in ("", "shared_bufers = 1MB\n"):
                    file.write_text(text + wrong)
                    file.chmod(0o644)
                    done = subprocess.run([*apart, POSTGRES, "-D", data, "-c", "config_file=%s" % file, "-C", "max_connections"],
                                          capture_output=True, text=True, timeout=60, cwd="/")
                    if wrong:
                        self.assertNotEqual(done.returncode, 0, done)
                    else:
                        self.assertEqual((done.returncode, done.stdout.strip()), (0, connections), done.stderr)

    def test_the_memory_of_postgresql_fits_into_the_containers(self):
        sizes = dict(re.findall(r"(?m)^(\w+) = (\d+)MB", read("deploy/postgresql/production.conf")))
        self.assertLess(int(sizes["shared_buffers"]) + 4 * int(sizes["maintenance_work_mem"]) + 20 * int(sizes["work_mem"]), 1024)
        self.assertIn("${POSTGRES_MEMORY:-1g}", read("docker-compose.yml"))


@unittest.skipUnless(POSTGRES, "there is no PostgreSQL server here")
class TunedServer(Case):
    """A server of its own, with the configuration of production."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cti-tuned.")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.root.chmod(0o755)
        cls.apart = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        for name in ("data", "run"):
            (cls.root / name).mkdir(mode=0o700)
            if cls.apart:
                shutil.chown(cls.root / name, "postgres")
        shutil.copy(ROOT / "deploy/postgresql/production.conf", cls.root / "production.conf")
        subprocess.run([*cls.apart, POSTGRES.parent / "initdb", "-D", cls.root / "data", "-U", "cti", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
                       check=True, capture_output=True, cwd="/", timeout=120)
        cls.server = subprocess.Popen([*cls.apart, POSTGRES, "-D", cls.root / "data", "-c", "config_file=%s" % (cls.root / "production.conf"), "-c", "listen_addresses=",
                                       "-c", "unix_socket_directories=%s" % (cls.root / "run")], cwd="/",
                                      stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        cls.addClassCleanup(cls.end)
        cls.drain = threading.Thread(target=cls.server.stderr.read, daemon=True)
        cls.drain.start()
        cls.url = "postgresql:///postgres?host=%s&user=cti" % (cls.root / "run")
        wait_until(lambda: cls.psql("SELECT 1").returncode == 0, what="the tuned server")

    @classmethod
    def end(cls):
        os.killpg(cls.server.pid, signal.SIGINT)
        cls.server.wait(60)

    @classmethod
    def psql(cls, sql):
        return subprocess.run(["psql", "-qXAt", cls.url, "-c", sql], capture_output=True, text=True, timeout=60)

    def doctor(self, **env):
        return {c["check"]: c for c in cti("doctor", "--format", "json", url=self.url, env=env).json()["checks"]}

    def test_doctor_tells_connections_slow_statements_and_folders(self):
        self.assertEqual(cti("init", "--no-sources", url=self.url).rc, 0)
        checks = self.doctor()
        self.assertRegex(checks["connections"]["detail"], r"^\d+ of 97 are taken, [1-9] of them by cti$")
        self.assertEqual(checks["connections"]["status"], "ok")
        self.assertNotIn("statements", checks)  # nobody has said CREATE EXTENSION
        self.assertEqual(self.psql("CREATE EXTENSION pg_stat_statements").returncode, 0)
        self.assertEqual(self.doctor()["statements"]["status"], "ok")
        self.psql("SELECT 'of the test', pg_sleep(1.1)")
        slow = self.doctor()["statements"]
        self.assertEqual(slow["status"], "warn")
        self.assertRegex(slow["detail"], r"^1 statement above a second on average; 1\.\d s, 1 call: SELECT \$1, pg_sleep")

    @unittest.skipUnless(os.geteuid() == 0, "only root can be another user here")
    def test_a_backup_folder_of_another_user_comes_with_the_command_that_mends_it(self):
        folder = self.root / "back ups"
        folder.mkdir(mode=0o755)
        self.addCleanup(folder.rmdir)
        done = subprocess.run(["setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", BINARY, "doctor", "--format", "json"], capture_output=True, text=True,
                              timeout=60, cwd="/", env=environment("postgresql://x@127.0.0.1:1/x?connect_timeout=2", CTI_BACKUP_DIR=str(folder)))
        found = next(c for c in json.loads(done.stdout)["checks"] if c["check"] == "folders")
        self.assertEqual(found["status"], "warn")
        self.assertEqual(found["detail"], "'%s' belongs to user 0; user 10001 cannot write it" % folder)
        self.assertEqual(found["remedy"], "sudo chown -R 10001:10001 '%s'" % folder)


class Scripts(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cti-profiles.")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "checkout"
        (self.root / "deploy").mkdir(parents=True)
        self.bin = pathlib.Path(folder.name) / "bin"
        self.bin.mkdir()
        for name in ("run_cli.sh", "deploy/environment.sh", "deploy/private_database.sh", "deploy/run_in_docker.sh", "deploy/set_up_docker.sh", "deploy/prepare_profiles.sh", "deploy/pin_images.sh", "deploy/images.lock",
                     "deploy/env.example"):
            shutil.copy(ROOT / name, self.root / name)

    def script(self, name, body):
        (self.bin / name).write_text("#!/bin/bash\n" + body)
        (self.bin / name).chmod(0o755)

    def run_here(self, *args, **env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("CTI_", "POSTGRES_", "PG", "COMPOSE_", "DATABASE_"))}
        return subprocess.run(args, cwd=self.root, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**clean, "PATH": "%s:%s" % (self.bin, clean["PATH"]), **env})

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl here")
    def test_a_certificate_and_a_password_are_made_once(self):
        done = self.run_here("deploy/prepare_profiles.sh", "cti.example.org", "10.0.0.5")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        files = [self.root / ".cti" / name for name in ("tls/certificate.pem", "tls/key.pem", "secrets/grafana_password")]
        before = [f.read_bytes() for f in files]
        self.assertRegex(before[2].decode(), r"^[0-9a-f]{48}$")
        self.assertNotIn(before[2].decode(), done.stderr)
        told = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", files[0]], capture_output=True, text=True, check=True).stdout
        self.assertIn("DNS:cti.example.org, IP Address:10.0.0.5", told)
        for folder in ("tls", "secrets"):
            self.assertEqual((self.root / ".cti" / folder).stat().st_mode & 0o777, 0o700)
        self.assertEqual(self.run_here("deploy/prepare_profiles.sh").returncode, 0)
        self.assertEqual([f.read_bytes() for f in files], before)

    def test_a_name_that_is_none_makes_nothing(self):
        done = self.run_here("deploy/prepare_profiles.sh", "a,DNS:b")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)
        self.assertFalse((self.root / ".cti/tls/certificate.pem").exists())

    def test_digests_are_looked_up_and_what_is_not_found_is_named(self):
        self.script("docker", """case "$*" in
            version*) echo 24 ;;
            *imagetools*postgres:15*) echo sha256:%s ;;
            *) exit 1 ;;
            esac""" % ("a" * 64))
        done = self.run_here("deploy/pin_images.sh")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: not looked up: debian:trixie-slim", done.stderr)
        lock = (self.root / "deploy/images.lock").read_text()
        self.assertIn("POSTGRES_IMAGE postgres:15-bookworm sha256:%s\n" % ("a" * 64), lock)
        self.assertEqual(len(lock.splitlines()), len(read("deploy/images.lock").splitlines()))
        (self.root / ".env").write_text("CTI_MODE=docker\n")
        done = self.run_here("deploy/pin_images.sh", "--use")
        self.assertEqual(done.returncode, 1)  # the others are not known
        self.assertIn("POSTGRES_IMAGE=postgres:15-bookworm@sha256:%s\n" % ("a" * 64), (self.root / ".env").read_text())

    def test_the_digest_of_debian_goes_into_the_dockerfile(self):
        self.assertIn("FROM debian:${DEBIAN}-slim${DEBIAN_DIGEST} AS base", read("Dockerfile"))
        for name in ("docker-compose.yml", "docker-compose.attach.yml"):
            self.assertIn("DEBIAN_DIGEST: ${CTI_DEBIAN_DIGEST:-}", read(name))


@unittest.skipUnless(INOTIFYWAIT, "there is no inotifywait here")
class Watch(Case):
    """deploy/watch.sh with a cmake that is a script: a source that holds 'broken' does not build."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cti-watch.")
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        self.source, self.build, self.log = root / "src", root / "build", root / "log"
        for name in ("core", "cli", "config", "sql", "deploy"):
            (self.source / name).mkdir(parents=True)
        (self.source / "CMakeLists.txt").touch()
        (self.source / "deploy/revision.cmake").touch()
        (self.source / "core/a.cpp").write_text("one")
        (root / "bin").mkdir()
        for name, body in (("cmake", 'if [[ $1 == -S ]]; then mkdir -p "$4/cli"; touch "$4/build.ninja"; exit; fi\n'
                                     'echo "built $(<%s/core/a.cpp)" >>%s\n! grep -q broken %s/core/a.cpp || exit 1\n'
                                     'printf \'#!/bin/bash\\necho "runs %%s $*" >>%s\\nexec tail -f /dev/null\\n\' "$(<%s/core/a.cpp)" >"$2/cli/cti"\nchmod +x "$2/cli/cti"\n'
                            % (self.source, self.log, self.source, self.log, self.source)),
                           ("inotifywait", 'exec env LD_LIBRARY_PATH=%s %s "$@"\n' % (":".join(str(p.parent) for p in (ROOT / "build/tools/usr/lib").glob("*/libinotifytools.so.0")) +
                                           ":" + os.environ.get("LD_LIBRARY_PATH", ""), INOTIFYWAIT))):
            (root / "bin" / name).write_text("#!/bin/bash\n" + body)
            (root / "bin" / name).chmod(0o755)
        self.process = subprocess.Popen([ROOT / "deploy/watch.sh", "monitor"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                        env={**os.environ, "PATH": "%s:%s" % (root / "bin", os.environ["PATH"]), "CTI_WATCH_SOURCE": str(self.source),
                                             "CTI_WATCH_BUILD": str(self.build)})
        self.addCleanup(self.end)

    def end(self):
        with contextlib.suppress(ProcessLookupError):  # all have ended
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=30)

    def lines(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def test_a_change_is_built_and_run_and_what_does_not_build_is_not(self):
        wait_until(lambda: "runs one monitor" in self.lines(), what="the first start")
        (self.source / "core/a.cpp").write_text("broken")
        wait_until(lambda: "built broken" in self.lines(), what="the build that fails")
        (self.source / "core/a.cpp").write_text("two")
        wait_until(lambda: "runs two monitor" in self.lines(), what="the second start")
        self.assertNotIn("runs broken monitor", self.lines())
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(30), 143)
        with self.assertRaises(ProcessLookupError):  # none is left of its session
            os.killpg(self.process.pid, 0)
