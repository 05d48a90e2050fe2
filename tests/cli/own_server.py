"""A PostgreSQL of a test's own, which it may restart, freeze and set up as it likes."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness import free_port


class OwnServer:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cti-server-"))
        self.owner = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
            self.owner = ["runuser", "-u", "postgres", "--"]
            shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o755)
        self.tools = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))[-1]
        self.data, self.port = self.folder / "data", free_port()

    def run(self, *args):
        done = subprocess.run([*self.owner, *map(str, args)], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode:
            raise AssertionError(done)

    def init(self, *settings):
        self.run(self.tools / "initdb", "-D", self.data, "-U", "cti", "--auth=trust", "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("".join(line + "\n" for line in ("port = %d" % self.port, "fsync = off", *settings)))

    def control(self, *args):
        self.run(self.tools / "pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", *args)

    def remove(self):
        if (self.data / "postmaster.pid").exists():
            self.control("-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def processes(self):
        """The server and all that it started."""
        parent = int((self.data / "postmaster.pid").read_text().split()[0])
        children = pathlib.Path("/proc/%d/task/%d/children" % (parent, parent)).read_text().split()
        return [parent, *map(int, children)]

    def signal(self, what):
        for process in self.processes():
            try:
                os.kill(process, what)
            except ProcessLookupError:
                pass  # a session that has just ended

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)
