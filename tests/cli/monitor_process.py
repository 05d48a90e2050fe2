"""A monitor as a process of its own, and faults of the feed lab for it."""
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request

from harness import start_cti, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMTOOL = os.environ.get("CTI_PROMTOOL")


class Monitor:
    """A monitor under way. Its lines are read as they come; `url` is where it answers."""

    def __init__(self, case, *args, url=None, env=None, command=("monitor",)):
        self.process = start_cti("-v", *command, *args, url=url or case.db.url(), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        case.addCleanup(self.kill)
        wait_until(lambda: any("status on" in line for line in self.lines) or self.process.poll() is not None, what="the status server")
        found = re.search(r"status on (http://[\d.:]+)", self.text())
        if not found:
            raise AssertionError("no monitor: " + self.text())
        self.url = found.group(1)

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    def text(self):
        return "\n".join(self.lines)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)
        self.reader.join(30)
        self.process.stderr.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        self.reader.join(15)
        return self.process.returncode

    def get(self, path, **headers):
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def json(self, path):
        return json.loads(self.get(path)[1])

    def metric(self, line_start):
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(line_start + " "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def wait_for(self, path, code, timeout=60):
        wait_until(lambda: self.get(path)[0] == code, timeout, "%s being %d; last: %s" % (path, code, self.get(path)))


def set_fault(case, kind):
    """In every source of the lab, until the test ends."""
    for number in range(case.lab_options["sources"]):
        case.lab.control(source=number, fault=kind)
        case.addCleanup(case.lab.control, source=number, fault="none")
