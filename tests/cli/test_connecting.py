"""The first connection: what is said of one that is not to be had, and how long it is waited for."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import Case, Database, cti, start_cti, wait_until
from own_server import OwnServer


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


class TlsFaults(Case):
    """A server of its own, as the others listen nowhere; its certificate is signed by itself and is for db.example."""

    @classmethod
    def setUpClass(cls):
        cls.server = OwnServer()
        cls.addClassCleanup(cls.server.remove)
        cls.folder, cls.port = cls.server.folder, cls.server.port
        for name in ("server", "other"):
            cls.server.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=db.example",
                           "-addext", "subjectAltName=DNS:db.example", "-keyout", cls.folder / (name + ".key"), "-out", cls.folder / (name + ".crt"))
        cls.server.init("listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "ssl_min_protocol_version = 'TLSv1.3'",
                        "ssl_cert_file = '%s/server.crt'" % cls.folder, "ssl_key_file = '%s/server.key'" % cls.folder, "ssl_ca_file = '%s/server.crt'" % cls.folder)
        (cls.server.data / "pg_hba.conf").write_text("hostssl all mutual 127.0.0.1/32 trust clientcert=verify-ca\nhostssl all all 127.0.0.1/32 trust\n")
        cls.server.control("start")

    def own_copy(self, what):
        """Of the other certificate or its key: libpq takes none of another user."""
        file = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), what)
        file.write_bytes((self.folder / ("other." + what)).read_bytes())
        file.chmod(0o600)
        return file

    def switch_tls(self, word):
        (self.folder / "data/postgresql.auto.conf").write_text("ssl = %s\n" % word)
        self.server.run(self.server.tools / "pg_ctl", "-D", self.server.data, "reload")

    def authentication(self, user="cti", **parameters):
        words = dict(host="127.0.0.1", port=self.port, dbname="postgres", user=user, **parameters)
        done = cti("doctor", "--format", "json", url=" ".join("%s=%s" % word for word in words.items()))
        return next(check for check in done.json()["checks"] if check["check"] == "authentication")

    def check(self, said, remedy, **parameters):
        found = self.authentication(**parameters)
        self.assertEqual(found["status"], "fail", found)
        self.assertIn(said, found["detail"])
        self.assertIn(remedy, found["remedy"])

    def test_the_remedy_is_one_for_the_fault(self):
        own, other = self.folder / "server.crt", self.folder / "other.crt"
        self.switch_tls("off")
        wait_until(lambda: "does not support SSL" in self.authentication(sslmode="require")["detail"])
        self.check("does not support SSL", "ssl = on", sslmode="require")
        self.switch_tls("on")
        wait_until(lambda: self.authentication(sslmode="require")["status"] == "ok")
        self.assertEqual(self.authentication(sslmode="verify-ca", sslrootcert=own)["status"], "ok")
        self.check("no encryption", "sslmode=require", sslmode="disable")
        self.check("root certificate file", "sslrootcert=FILE", sslmode="verify-full", sslrootcert=self.folder / "none")
        self.check("certificate verify failed", "another authority", sslmode="verify-ca", sslrootcert=other)
        self.check("does not match host name", "sslmode=verify-ca", sslmode="verify-full", sslrootcert=own)
        self.check("valid client certificate", "sslcert=FILE sslkey=FILE", sslmode="require", user="mutual")
        self.check("protocol version", "same version of TLS", sslmode="require", ssl_min_protocol_version="TLSv1.2", ssl_max_protocol_version="TLSv1.2")
        crt, key = self.own_copy("crt"), self.own_copy("key")
        self.check("unknown ca", "does not trust your certificate", sslmode="require", user="mutual", sslcert=crt, sslkey=key)
        key.chmod(0o644)
        self.check("private key file", "chmod 0600", sslmode="require", user="mutual", sslcert=crt, sslkey=key)
        self.check("sslmode value", "Correct sslmode", sslmode="sometimes")


if __name__ == "__main__":
    unittest.main()
