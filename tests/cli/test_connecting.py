"""The first connection: what is said of one that is not to be had, and how long it is waited for."""
import os
import subprocess
import unittest

from harness import Case, Database, cti, start_cti, wait_until


class FirstConnection(Case):
    @classmethod
    def setUpClass(cls):
        cls.db = Database()
        cls.addClassCleanup(cls.db.drop)
        done = cti("init", url=cls.db.url(), cwd="/")
        if done.rc:
            raise AssertionError(done)
        cls.role = "cti_test_full_%d" % os.getpid()
        cls.db.execute("CREATE ROLE %(r)s LOGIN CONNECTION LIMIT 0; GRANT ALL ON SCHEMA cti TO %(r)s; "
                       "GRANT ALL ON ALL TABLES IN SCHEMA public, cti TO %(r)s" % {"r": cls.role})
        cls.addClassCleanup(cls.db.execute, "DROP OWNED BY %s; DROP ROLE %s" % (cls.role, cls.role))

    def setUp(self):
        self.db.execute("ALTER ROLE %s CONNECTION LIMIT 0" % self.role)

    def test_a_role_with_too_many_connections_is_told_as_that(self):
        url = self.db.url(user=self.role)
        done = cti("stats", url=url)
        self.assertRefused(done, 4, "too many connections for role")
        self.assertIn("CONNECTION LIMIT", done.err)
        self.assertNotIn("password", done.err)
        self.assertRefused(cti("collect", "--db-wait", "0", url=url), 4, "too many connections for role")

    def test_a_host_that_may_be_the_end_of_a_password_is_never_shown(self):
        for url in ("postgresql://u:CANA@RYPW.invalid", "postgresql://u:x@CANA@RYPW.invalid?sslmode=disable", "postgresql+asyncpg://u:CANA@RYPW.invalid"):
            for args in (["stats"], ["collect", "--db-wait", "0"], ["doctor"], ["doctor", "--format", "json"], ["-vv", "stats"]):
                done = cti(*args, url=url)
                self.assertIn(done.rc, (4, 8), done)
                for part in ("CANA", "RYPW"):
                    self.assertNotIn(part, done.out + done.err, done)
                self.assertIn("%40", done.out + done.err, done)
        self.assertRefused(cti("stats", url="postgresql://u:CANA@***"), 4, 'host name "***"', "%40")

    def test_db_wait_holds_for_the_first_connection(self):
        process = start_cti("collect", "--db-wait", "120", url=self.db.url(user=self.role), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        line = process.stderr.readline().decode()
        self.assertIn("trying again for 120 s", line)
        self.db.execute("ALTER ROLE %s CONNECTION LIMIT 10" % self.role)
        err = process.communicate(timeout=30)[1].decode()
        self.assertEqual(process.returncode, 0, err)


if __name__ == "__main__":
    unittest.main()
