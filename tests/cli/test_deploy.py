"""deploy/, the compose files and the Dockerfile: what can be said of them without an engine."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import unittest

from deploy_files import read, yaml
from harness import BINARY, Case, ROOT, cti, environment, wait_until

BUILD = pathlib.Path(BINARY).resolve().parents[1]


class Compose(Case):
    def services(self, name):
        return yaml.safe_load(read(name))["services"]

    def test_every_service_is_locked_in(self):
        for name in ("docker-compose.yml", "docker-compose.attach.yml"):
            for service, what in self.services(name).items():
                with self.subTest("%s: %s" % (name, service)):
                    self.assertTrue(what["read_only"])
                    self.assertEqual((what["cap_drop"], what["security_opt"]), (["ALL"], ["no-new-privileges:true"]))
                    # Ollama's volume is root's; without a capability that is all that it may write.
                    self.assertEqual(what["user"].split(":")[0] in ("0", "root"), service == "ollama")
                    for limit in ("mem_limit", "cpus", "pids_limit", "logging", "ulimits"):
                        self.assertIn(limit, what)
                    self.assertNotIn("container_name", what)  # --scale would not work
                    for port in what.get("ports", []):
                        self.assertTrue(port.startswith(("127.0.0.1:", "${CTI_PROXY_ADDRESS:-127.0.0.1}:")), port)

    def test_the_status_port_is_the_same_after_each_restart(self):
        for name in ("docker-compose.yml", "docker-compose.attach.yml"):
            self.assertEqual(re.findall(r"CTI_STATUS_PORT:-([^}]*)}", read(name)), ["8080"], name)

    def test_an_image_is_built_by_one_service_of_those_that_up_starts(self):
        for name in ("docker-compose.yml", "docker-compose.attach.yml"):
            builders = [s for s, what in self.services(name).items() if "build" in what and "profiles" not in what]
            self.assertEqual(len(builders), 1, name)
        services = self.services("docker-compose.yml")
        self.assertEqual([s for s, what in services.items() if "build" in what], ["migrate"])
        for service in ("monitor", "cli"):  # They come after it, and look for the image nowhere else.
            self.assertEqual(services[service]["pull_policy"], "never")
            self.assertEqual(services[service]["image"], services["migrate"]["image"])
            self.assertEqual(services[service]["depends_on"]["migrate"], {"condition": "service_completed_successfully"})

    def test_backups_are_made_by_a_service_that_writes_nowhere_else(self):
        service = self.services("docker-compose.yml")["backup"]
        kinds, folder = (service["command"][service["command"].index(option) + 1] for option in ("--kinds", "--backup-dir"))
        self.assertEqual(kinds, "backup,verify,prune")
        folder = re.fullmatch(r"\$\{CTI_BACKUP_PLACE:-(.*)\}", folder)[1]  # a bucket where one is named
        self.assertEqual(service["networks"], ["database", "egress"])  # The webhook is out there.
        self.assertEqual([v.rsplit("}:")[-1] for v in service["volumes"]], ["./config:/etc/cti:ro", folder])
        self.assertIn("install -d -o 10001 -g 10001 -m 0700 %s;" % folder, read("Dockerfile"))

    def test_without_setup_compose_ends_with_the_line_that_mends_it(self):
        self.assertIn("file: ${POSTGRES_PASSWORD_FILE:?run './run_cli.sh setup' first}", read("docker-compose.yml"))
        self.assertIn("${WEB_NETWORK:?", read("docker-compose.attach.yml"))
        settings = tempfile.NamedTemporaryFile(suffix=".env")
        self.addCleanup(settings.close)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("POSTGRES_", "CTI_", "COMPOSE_"))}
        for command in (["docker", "compose"], ["docker-compose"]):
            if not shutil.which(command[0]) or subprocess.run([*command, "version"], capture_output=True).returncode:
                continue
            with self.subTest(" ".join(command)):
                asked = [*command, "-f", ROOT / "docker-compose.yml", "--env-file", settings.name, "config"]
                done = subprocess.run(asked, capture_output=True, text=True, env=env, timeout=60)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("run './run_cli.sh setup' first", done.stderr)
                done = subprocess.run(asked, capture_output=True, text=True, env={**env, "POSTGRES_PASSWORD_FILE": settings.name}, timeout=60)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_no_password_stands_in_a_file_or_an_environment(self):
        for name in ("docker-compose.yml", "docker-compose.attach.yml", "docker-compose.dev.yml", "deploy/env.example"):
            for line in read(name).splitlines():
                if re.search(r"PASSWORD|DATABASE_URL", line) and not line.lstrip().startswith("#"):
                    self.assertRegex(line, r"_FILE\b", name)

    def test_a_file_of_secrets_is_the_only_file_of_its_folder_in_a_container(self):
        with tempfile.TemporaryDirectory() as folder:
            secrets = pathlib.Path(folder, "logins.yaml").resolve()
            secrets.touch()
            script = ('root=x; source "%s"; settings=() in_container=""; read_arguments %s; printf "%%s\\n" "${arguments[@]}" "${mounts[@]}"; '
                      'mounts=(); pass_environment; printf "%%s\\n" "${settings[@]}" "${mounts[@]}" | grep -A1 -e SECRETS -e logins')
            mount = 'type=bind,readonly,"src=%s","dst=/host%s"' % (secrets, secrets)
            for words in ("collect --secrets-file %s" % secrets, "collect --secrets-file=%s" % secrets):
                done = subprocess.run(["bash", "-c", script % (ROOT / "deploy/run_in_docker.sh", words)], capture_output=True, text=True,
                                      env={**os.environ, "CTI_SECRETS_FILE": str(secrets)})
                self.assertIn("/host%s" % secrets, " ".join(done.stdout.splitlines()[:3]))
                self.assertEqual(done.stdout.count(mount), 2, done)
                self.assertIn("CTI_SECRETS_FILE=/host%s" % secrets, done.stdout)

    def test_the_settings_have_one_place_to_be_looked_up(self):
        described = read("docs/install.md") + read("deploy/attach-web-service.md")
        for variable in set(re.findall(r"\$\{(\w+)[:?-]", read("docker-compose.yml") + read("docker-compose.attach.yml"))):
            if variable not in ("CTI_REVISION", "CTI_SOURCE_DATE_EPOCH"):
                self.assertIn(variable, described)


    def test_backups_stay_on_the_machine_and_nothing_else_is_writable(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            (root / "backup.sql").touch()
            script = 'root=x; source "%s"; in_container=""; read_arguments %s; printf "%%s\\n" "${arguments[@]}" "${mounts[@]}"'
            for words, place in (("backup create", "backups"), ("backup create --to 'my backups' --label x", "my backups"), ("backup list --dir=b", "b"),
                                 ("restore backup.sql --confirm=x", "backups"), ("restore latest --dir b", "b"),
                                 ("backup verify --restore --decrypt-key backup.sql", "backups")):
                done = subprocess.run(["bash", "-c", script % (ROOT / "deploy/run_in_docker.sh", words)], capture_output=True, text=True, cwd=root,
                                      env={k: v for k, v in os.environ.items() if k != "CTI_BACKUP_DIR"})
                lines = done.stdout.splitlines()
                self.assertIn('type=bind,"src=%s/%s","dst=/host%s/%s"' % (root, place, root, place), lines, done)
                self.assertEqual(lines[lines.index("--dir") + 1], "/host%s/%s" % (root, place))
                self.assertTrue((root / place).is_dir())
                self.assertEqual("/host%s/backup.sql" % root in lines, "backup.sql" in words)
            done = subprocess.run(["bash", "-c", script % (ROOT / "deploy/run_in_docker.sh", "collect --days 3")], capture_output=True, text=True, cwd=root)
            self.assertNotIn("type=bind", done.stdout)


class Image(Case):
    @unittest.skipUnless((BUILD / "cmake_install.cmake").exists(), "the program does not lie in its build folder")
    def test_an_installed_program_has_its_units_documents_and_sources(self):
        with tempfile.TemporaryDirectory() as folder:
            prefix = pathlib.Path(folder, "usr")
            subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, capture_output=True, timeout=300)
            for name in ("bin/cti", "share/cti/sources.yaml", "lib/systemd/system/cti-monitor.service", "lib/systemd/system/cti-worker.service", "lib/systemd/system/cti-collect.timer", "lib/systemd/system/cti-backup.timer", "lib/systemd/system/cti-backup-trial.timer",
                         "share/doc/cti/docs/operate.md", "share/doc/cti/changelog.gz", "share/doc/cti/changelog.Debian.gz"):
                self.assertTrue((prefix / name).stat().st_size, name)
            self.assertTrue(pathlib.Path(folder, "etc/cti").is_dir())
            # The documents that README.md names are there too.
            for link in re.findall(r"\]\((docs/[a-z]+\.md)", read("README.md")):
                self.assertTrue((prefix / "share/doc/cti" / link).exists(), link)
            done = subprocess.run([prefix / "bin/cti", "sources", "diff"], cwd="/", capture_output=True, text=True, timeout=120,
                                  env=environment("postgresql://x@127.0.0.1:1/x?connect_timeout=2"))
            self.assertEqual(done.returncode, 4, done)  # Without sources it would be 2.
            self.assertFalse(pathlib.Path(folder, "local").exists())

    def test_the_package_recommends_what_shows_and_opens_articles(self):
        line = re.search(r'set\(CPACK_DEBIAN_PACKAGE_RECOMMENDS "([^"]*)"', read("deploy/install.cmake"))[1]
        self.assertEqual(line.split(", "), ["ca-certificates", "less", "xdg-utils"])

    def test_it_is_built_with_what_run_cli_installs(self):
        listed = re.search(r"packages_build=\((.*?)\)", read("run_cli.sh"), re.S)[1].split()
        line = re.search(r"apt-get install -y --no-install-recommends (g\+\+ .*?);", read("Dockerfile"), re.S)[1]
        self.assertEqual(set(line.replace("\\", "").split()) - {"dpkg-dev", "file"}, set(listed))

    def test_secrets_and_history_stay_out_of_it(self):
        ignored = read(".dockerignore").split()
        for name in (".git", ".cti", ".env", "build"):
            self.assertIn(name, ignored)

    def test_it_needs_nothing_but_its_base(self):
        self.assertNotIn("# syntax", read("Dockerfile"))
        self.assertNotIn("--mount", read("Dockerfile"))
        self.assertEqual(set(re.findall(r"^FROM (\S+)", read("Dockerfile"), re.M)) - {"base", "deps", "build"}, {"debian:${DEBIAN}-slim${DEBIAN_DIGEST}"})


@unittest.skipUnless(shutil.which("git") and shutil.which("make") and shutil.which("cmake"), "there is no git, make or cmake here")
class Release(Case):
    def checkout(self, **programs):
        """A repository with what the script reads, and stand-ins for what takes minutes."""
        folder = tempfile.TemporaryDirectory(prefix="cti-release-")
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name, "repo")
        for name in ("CMakeLists.txt", "Makefile", "deploy/make_release.sh", "deploy/revision", ".gitattributes", ".gitignore"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        programs = {"cmake": "exit 0", "docker": "exit 1",
                    "cpack": "for last; do :; done; mkdir -p $last; echo deb >$last/cti_9.9.9-1_amd64.deb", **programs}
        (root.parent / "bin").mkdir()
        for name, script in programs.items():
            (root.parent / "bin" / name).write_text("#!/bin/sh\n%s\n" % script)
            (root.parent / "bin" / name).chmod(0o755)
        self.env = {**os.environ, "PATH": "%s:%s" % (root.parent / "bin", os.environ["PATH"]), "GIT_AUTHOR_DATE": "2026-09-21T12:00:00Z",
                    "GIT_COMMITTER_DATE": "2026-09-21T12:00:00Z", "GIT_CONFIG_GLOBAL": "/dev/null"}
        self.git = lambda *args: subprocess.run(["git", "-C", root, "-c", "user.name=n", "-c", "user.email=n@example.org", *args], check=True,
                                                capture_output=True, text=True, env=self.env).stdout.strip()
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-qm", "One")
        return root

    def make(self, root):
        return subprocess.run(["make", "-s", "release"], cwd=root, env=self.env, capture_output=True, text=True, timeout=120)

    def test_one_command_makes_all_files_with_their_sums(self):
        root = self.checkout(docker="case $1 in save) echo layers ;; run) echo '{}' ;; esac")
        done = self.make(root)
        self.assertEqual(done.returncode, 0, done.stderr)
        files = root / "build/release-files"
        version = re.search(r"project\(cti VERSION ([\d.]+)", read("CMakeLists.txt"))[1]
        deb, = (p.name for p in files.glob("cti_9.9.9-1_*_amd64.deb"))
        names = {"cti-%s.tar.gz" % version, deb, "cti-%s-image.tar.gz" % version, "cti-%s.cdx.json" % version}
        self.assertEqual({p.name for p in files.iterdir()}, names | {"SHA256SUMS"})
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=files, check=True)
        self.assertEqual({l.split()[1] for l in (files / "SHA256SUMS").read_text().splitlines()}, names)
        self.assertEqual(self.git("status", "--porcelain"), "")
        first = (files / "SHA256SUMS").read_text()
        self.make(root)
        self.assertEqual((files / "SHA256SUMS").read_text(), first)

    def test_an_archive_knows_its_commit_and_its_day(self):
        root = self.checkout()
        done = self.make(root)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no Docker engine answers: no image", done.stderr)
        archive, = (root / "build/release-files").glob("*.tar.gz")
        told = subprocess.run(["tar", "-xOzf", archive, "--wildcards", "*/deploy/revision"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(told, "%s 2026-09-21\n" % self.git("rev-parse", "HEAD"))
        with tempfile.TemporaryDirectory() as folder:  # as a build without git reads it
            (pathlib.Path(folder) / "deploy").mkdir()
            (pathlib.Path(folder) / "deploy/revision").write_text(told)
            (pathlib.Path(folder) / "x.cmake").write_text('set(PROJECT_SOURCE_DIR "%s")\ninclude("%s")\nmessage("${CTI_BUILT_REVISION} ${CTI_BUILT_DATE}")\n'
                                                          % (folder, ROOT / "deploy/revision.cmake"))
            seen = subprocess.run(["cmake", "-P", "x.cmake"], cwd=folder, check=True, capture_output=True, text=True).stderr
            self.assertEqual(seen, "%s 2026-09-21\n" % self.git("rev-parse", "HEAD")[:12])

    def test_what_is_not_committed_is_not_released(self):
        root = self.checkout()
        (root / "Makefile").write_text((root / "Makefile").read_text() + "# more\n")
        done = self.make(root)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("release: error: there are changes that are not committed", done.stderr)
        self.assertFalse((root / "build").exists())


class Schedules(Case):
    def cron_lines(self):
        return [l for l in read("deploy/cron.d/cti").splitlines() if re.match(r"#?\*", l)]

    def test_cron_lines_have_five_times_a_user_and_a_command_that_is_silent(self):
        self.assertEqual(len(self.cron_lines()), 2)
        for line in self.cron_lines():
            fields = line.lstrip("#").split(None, 6)
            self.assertTrue(all(re.fullmatch(r"[\d*/,-]+", f) for f in fields[:5]), line)
            self.assertEqual(fields[5], "cti")
            self.assertIn("flock -n -E 0", fields[6])
            self.assertNotIn("%", fields[6])  # cron makes it a line end
            done = subprocess.run(["sh", "-n", "-c", fields[6]], capture_output=True, text=True, timeout=10)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_second_of_two_runs_ends_at_once_and_says_nothing(self):
        with tempfile.TemporaryDirectory() as home:
            (pathlib.Path(home) / "cti").write_text("#!/bin/sh\n: >\"$HOME/begun\"\nexec sleep 60\n")
            (pathlib.Path(home) / "cti").chmod(0o755)
            settings = dict(l.split("=", 1) for l in read("deploy/cron.d/cti").splitlines() if re.match(r"[A-Z_]+=", l))
            env = {**settings, "HOME": home, "PATH": home + ":" + os.environ["PATH"]}
            command = self.cron_lines()[0].split(None, 6)[6]
            first = subprocess.Popen(["sh", "-c", command], env=env, start_new_session=True)
            try:
                wait_until((pathlib.Path(home) / "begun").exists, what="the first run")
                second = subprocess.run(["sh", "-c", command], env=env, capture_output=True, timeout=10)
                self.assertEqual((second.returncode, second.stdout, second.stderr), (0, b"", b""))
            finally:
                os.killpg(first.pid, signal.SIGKILL)
                first.wait()

    def test_the_options_of_the_examples_exist(self):
        for text in [l.split("=", 1)[1] for l in read("deploy/cron.d/cti").splitlines() if l.startswith("CTI_COLLECT=")] + \
                re.findall(r"^ExecStart=/usr/bin/(.*)$", "\n".join(p.read_text() for p in (ROOT / "deploy/systemd").iterdir()), re.M):
            done = cti(*shlex.split(text)[1:], "--help")
            self.assertEqual(done.rc, 0, done)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze here")
    def test_systemd_takes_the_units(self):
        with tempfile.TemporaryDirectory() as folder:
            for unit in (ROOT / "deploy/systemd").iterdir():
                text = unit.read_text().replace("/usr/bin/cti", os.path.abspath(BINARY))
                text = re.sub(r"^Documentation=.*\n", "", text, flags=re.M)  # The pages are not installed here.
                (pathlib.Path(folder) / unit.name).write_text(text)
            units = sorted(str(p) for p in pathlib.Path(folder).iterdir())
            done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([l for l in done.stderr.splitlines() if folder in l or "cti-" in l], [])
            done = subprocess.run(["systemd-analyze", "calendar", "*:0/15"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            for unit in units:
                if unit.endswith(".service"):
                    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", unit], capture_output=True, text=True, timeout=60)
                    self.assertEqual(done.returncode, 0, done.stdout[-500:])


if __name__ == "__main__":
    unittest.main()
