"""pgbouncer before the server of the tests."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import urllib.parse

from harness import free_port, wait_until


class PoolerCase:
    """Beside a case with a database: its `url` goes through the pooler."""
    pool_mode = "transaction"

    def start_pooler(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        self.port = free_port()
        settings = pathlib.Path(folder.name) / "pgbouncer.ini"
        settings.write_text("\n".join((
            "[databases]", "%s = host=%s port=%s user=%s" % (self.db.name, os.environ["PGHOST"], os.environ.get("PGPORT", "5432"), os.environ["PGUSER"]),
            "[pgbouncer]", "listen_addr = 127.0.0.1", "listen_port = %d" % self.port, "unix_socket_dir =", "auth_type = any", "pool_mode = " + self.pool_mode,
            "default_pool_size = 3", "ignore_startup_parameters = options", "")))
        # It refuses to run as root.
        as_other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        self.pooler = subprocess.Popen([*as_other, program, "-q", str(settings)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(self.pooler.wait)
        self.addCleanup(os.killpg, self.pooler.pid, signal.SIGTERM)
        self.url = "postgresql://%s@127.0.0.1:%d/%s?sslmode=disable" % (urllib.parse.quote(os.environ["PGUSER"]), self.port, self.db.name)

        def answers():
            self.assertIsNone(self.pooler.poll(), "pgbouncer ended")
            return subprocess.run(["psql", "-qXAt", self.url, "-c", "SELECT 1"], capture_output=True).returncode == 0
        wait_until(answers, what="pgbouncer")
