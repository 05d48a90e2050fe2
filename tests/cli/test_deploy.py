"""deploy/, the compose files and the Dockerfile: what can be said of them without an engine."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml
except ImportError:  # Another Python than Debian's stands first in PATH; the package is pure Python.
    sys.path.append("/usr/lib/python3/dist-packages")
    import yaml

from harness import BINARY, Case, ROOT, cti, environment, wait_until

BUILD = pathlib.Path(BINARY).resolve().parents[1]


def read(name):
    return (ROOT / name).read_text()


def workloads():
    """Every container of the Kubernetes manifests, with its pod."""
    for file in sorted((ROOT / "deploy/kubernetes").glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            spec = document.get("spec", {})
            spec = spec.get("jobTemplate", {}).get("spec", spec)
            pod = spec.get("template", {}).get("spec") if isinstance(spec.get("template"), dict) else None
            if pod:
                yield document, pod, pod["containers"][0]


class Compose(Case):
    def services(self, name):
        return yaml.safe_load(read(name))["services"]

    def test_every_service_is_locked_in(self):
        for name in ("docker-compose.yml", "docker-compose.attach.yml"):
            for service, what in self.services(name).items():
                with self.subTest("%s: %s" % (name, service)):
                    self.assertTrue(what["read_only"])
                    self.assertEqual((what["cap_drop"], what["security_opt"]), (["ALL"], ["no-new-privileges:true"]))
                    self.assertNotIn(what["user"].split(":")[0], ("0", "root"))
                    for limit in ("mem_limit", "cpus", "pids_limit", "logging"):
                        self.assertIn(limit, what)
                    self.assertNotIn("container_name", what)  # --scale would not work
                    for port in what.get("ports", []):
                        self.assertTrue(port.startswith("127.0.0.1:"), port)

    def test_the_status_port_is_the_same_after_each_restart(self):
        for name in ("docker-compose.yml", "docker-compose.attach.yml"):
            self.assertEqual(re.findall(r"CTI_STATUS_PORT:-([^}]*)}", read(name)), ["8080"], name)

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


class Image(Case):
    @unittest.skipUnless((BUILD / "cmake_install.cmake").exists(), "the program does not lie in its build folder")
    def test_an_installed_program_has_its_units_documents_and_sources(self):
        with tempfile.TemporaryDirectory() as folder:
            prefix = pathlib.Path(folder, "usr")
            subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, capture_output=True, timeout=300)
            for name in ("bin/cti", "share/cti/sources.yaml", "lib/systemd/system/cti-monitor.service", "lib/systemd/system/cti-collect.timer",
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
        self.assertEqual(set(re.findall(r"^FROM (\S+)", read("Dockerfile"), re.M)) - {"base", "build"}, {"debian:${DEBIAN}-slim"})


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


class Kubernetes(Case):
    def test_every_pod_is_locked_in(self):
        found = list(workloads())
        self.assertEqual(sorted(d["kind"] for d, _, _ in found), ["CronJob", "Deployment", "Job"])
        for document, pod, container in found:
            with self.subTest(document["kind"]):
                self.assertFalse(pod["automountServiceAccountToken"])
                self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertEqual(container["securityContext"],
                                 {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})
                self.assertIn("memory", container["resources"]["limits"])
                volumes = {v["name"] for v in pod["volumes"]}
                self.assertEqual({m["name"] for m in container["volumeMounts"]}, volumes)
                self.assertNotIn("DATABASE_URL", [e["name"] for e in container["env"]])

    def test_probes_and_overlap(self):
        by_kind = {d["kind"]: (d, c) for d, _, c in workloads()}
        self.assertEqual(by_kind["CronJob"][0]["spec"]["concurrencyPolicy"], "Forbid")
        probes = by_kind["Deployment"][1]
        self.assertEqual((probes["livenessProbe"]["httpGet"]["path"], probes["readinessProbe"]["httpGet"]["path"]), ("/livez", "/readyz"))

    def test_kustomize_names_files_that_are_there(self):
        folder = ROOT / "deploy/kubernetes"
        named = set(yaml.safe_load(read("deploy/kubernetes/kustomization.yaml"))["resources"])
        self.assertEqual(named, {p.name for p in folder.glob("*.yaml")} - {"kustomization.yaml"})


if __name__ == "__main__":
    unittest.main()
