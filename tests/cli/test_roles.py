"""sql/roles.sql: each command under the role that is meant for it, and what that role may not do."""
import os
import pathlib
import tempfile
import unittest

from harness import Case, Database, Lab, ROOT, cti
from monitor_process import Monitor
from test_job_http import ask

ROLES = ("owner", "collector", "reader", "status", "server")


class Roles(Case):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(sources=3, entries=4).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.db = Database()
        cls.addClassCleanup(cls.drop)
        for args in (["init", "--config", cls.lab.yaml], ["collect", "--source", cls.lab.identifiers()[0]]):
            done = cti(*args, url=cls.db.url())
            if done.rc:
                raise AssertionError(done)
        for _ in range(2):  # It may be run again.
            cls.db._psql(cls.db.name, "-v", "database=" + cls.db.name, "-f", str(ROOT / "sql/roles.sql"))
        cls.users = {role: "cti_test_%s_%d" % (role, os.getpid()) for role in ROLES}
        for role, user in cls.users.items():
            cls.db.execute("CREATE ROLE %s LOGIN IN ROLE cti_%s" % (user, role))

    @classmethod
    def drop(cls):
        for user in getattr(cls, "users", {}).values():
            cls.db.execute("DROP OWNED BY %s; DROP ROLE %s" % (user, user))
        for role in ROLES:  # The roles belong to the whole server: other databases of the tests may hold grants to them.
            cls.db.execute("DROP OWNED BY cti_%s" % role)
        cls.db.drop()

    def run_as(self, role, *args):
        return cti(*args, url=self.db.url(user=self.users[role]))

    def test_owner_sets_up_and_nothing_else(self):
        self.assertRan(self.run_as("owner", "init", "--config", self.lab.yaml))
        self.assertRefused(self.run_as("owner", "collect", "--force"), 4, "permission denied")

    def test_collector_collects_and_manages_sources(self):
        one = self.lab.identifiers()[1]
        self.assertRan(self.run_as("collector", "collect", "--force"))
        self.assertRan(self.run_as("collector", "monitor", "--once"))
        self.assertRan(self.run_as("collector", "sources", "disable", one))
        self.assertRan(self.run_as("collector", "sources", "enable", one))
        self.assertRan(self.run_as("collector", "sources", "edit", one, "--name", "Renamed"))
        self.assertRan(self.run_as("collector", "sources", "add", "of_the_role", "N", "http://127.0.0.1:%d/s/2/" % self.lab.port))
        self.assertRan(self.run_as("collector", "export", "--limit", "1"))
        self.assertRan(self.run_as("collector", "import", "-"))
        self.assertRan(self.run_as("collector", "jobs", "add", "housekeeping"))
        self.assertRan(self.run_as("collector", "worker", "--until-empty"))
        self.assertRan(self.run_as("collector", "jobs", "cancel", self.run_as("collector", "jobs", "add", "collect").out.strip()))
        self.assertRan(self.run_as("collector", "init", "--dry-run", "--config", self.lab.yaml))

    def test_collector_may_neither_remove_nor_change_tables(self):
        self.assertRefused(self.run_as("collector", "sources", "remove", self.lab.identifiers()[0], "--yes"), 4, "permission denied")
        for sql in ("DELETE FROM public.articles", "DROP TABLE public.articles", "ALTER TABLE cti.source_state ADD x int",
                    "UPDATE cti.migrations SET name = 'x'", "CREATE TABLE public.mine (a int)", "CREATE SCHEMA mine"):
            self.assertDenied("collector", sql)

    def test_reader_reads_and_dry_runs(self):
        for args in (["export"], ["export", "--format", "csv", "--days", "7"], ["export", "--new-since-last", "of_the_role"], ["search", "the"], ["articles"], ["show", "1", "--as", "of_the_role"], ["next"], ["open", "1", "--print"], ["stats"], ["sources", "list"], ["collect", "--dry-run", "--force"],
                     ["sources", "show", self.lab.identifiers()[0]], ["jobs", "list"], ["jobs", "status"], ["sources", "diff", "--config", self.lab.yaml], ["sources", "export"], ["import", "--dry-run", "-"]):
            with self.subTest(" ".join(map(str, args))):
                self.assertRan(self.run_as("reader", *args))

    def test_reader_writes_nothing(self):
        for args in (["collect", "--force"], ["sources", "disable", self.lab.identifiers()[0]], ["jobs", "add", "collect"], ["jobs", "prune"]):
            self.assertRefused(self.run_as("reader", *args), 4, "permission denied")
        for sql in ("INSERT INTO cti.settings SELECT * FROM cti.settings", "UPDATE public.sources SET active = false", "CREATE TABLE public.mine (a int)"):
            self.assertDenied("reader", sql)

    def test_status_counts_and_reads_no_article(self):
        self.assertRan(self.run_as("status", "stats"))
        self.assertRan(self.run_as("status", "sources", "list"))
        self.assertRefused(self.run_as("status", "export"), 4, "permission denied")
        for sql in ("SELECT content FROM public.articles", "SELECT title FROM public.articles", "SELECT words FROM cti.article_words", "SELECT postings FROM cti.word_blocks", "SELECT sentence FROM cti.indicators", "SELECT reader FROM cti.read_marks", "SELECT result FROM cti.analyses", "UPDATE public.sources SET active = false"):
            self.assertDenied("status", sql)

    def serve_as(self, role, *args):
        server = Monitor(self, *args, url=self.db.url(user=self.users[role]), command=("serve", "--listen", "127.0.0.1:0"))
        server.wait_for("/readyz", 200)
        return server

    def test_a_reader_serves_the_status_and_takes_no_order(self):
        for role in ("reader", "server"):
            server = self.serve_as(role)
            for path in ("/", "/metrics", "/api/sources", "/api/stats", "/jobs/status", "/jobs/"):
                server.wait_for(path, 200)
        with tempfile.TemporaryDirectory() as folder:
            token = pathlib.Path(folder, "token")
            token.write_text("0123456789abcdef")
            token.chmod(0o600)
            code, _, answer = ask(self.serve_as("reader", "--enable-control", "--control-token-file", token), "POST", "/jobs/scrape", {}, token=token.read_text())
            self.assertEqual(code, 503)
            self.assertIn("permission denied", answer["error"])
            server = self.serve_as("server", "--enable-control", "--control-token-file", token)
            code, _, job = ask(server, "POST", "/jobs/scrape", {"source": self.lab.identifiers()[0]}, token=token.read_text())
            self.assertEqual(code, 202)
            self.assertEqual(ask(server, "DELETE", "/jobs/%d" % job["id"], token=token.read_text())[0], 200)

    def test_server_adds_jobs_and_changes_nothing_else(self):
        self.assertRan(self.run_as("server", "jobs", "list"))
        self.assertRefused(self.run_as("server", "collect", "--force"), 4, "permission denied")
        for sql in ("UPDATE public.sources SET active = false", "DELETE FROM cti.finished_jobs", "INSERT INTO cti.workers (name, version, kinds, concurrency) VALUES ('x', 'x', '{}', 1)",
                    "INSERT INTO cti.settings SELECT * FROM cti.settings", "CREATE TABLE public.mine (a int)"):
            self.assertDenied("server", sql)

    def assertDenied(self, role, sql):
        with self.assertRaisesRegex(AssertionError, "permission denied|must be owner", msg=sql):
            self.db.execute("SET ROLE %s; %s" % (self.users[role], sql))


if __name__ == "__main__":
    unittest.main()
