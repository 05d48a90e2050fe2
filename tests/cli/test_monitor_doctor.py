"""The commands that ask about monitors, and the log that they write."""
import json
import pathlib
import tempfile

from harness import Database, DatabaseCase, LabCase, cti, free_port


class Doctor(DatabaseCase):
    def test_it_names_what_is_wrong_and_what_to_do(self):
        done = self.cti("doctor", "--format", "json")
        self.assertEqual(done.rc, 8, done)
        report = done.json()
        self.assertFalse(report["ok"])
        schema = next(c for c in report["checks"] if c["check"] == "schema")
        self.assertEqual(schema["status"], "fail")
        self.assertIn("cti init", schema["remedy"])
        self.assertRan(self.cti("init"))
        done = self.cti("doctor", "--format", "json")
        self.assertRan(done)
        self.assertTrue(done.json()["ok"])
        self.assertEqual({c["status"] for c in done.json()["checks"]} - {"ok", "warn"}, set())

    def test_a_machine_that_reads_nothing_is_not_well_and_says_what_may_be_the_reason(self):
        db = Database()
        self.addCleanup(db.drop)
        self.assertRan(cti("init", url=db.url(), cwd="/"))
        ports = [free_port() for _ in range(5)]
        for n, port in enumerate(ports):
            self.assertRan(cti("sources", "add", "dead_%d" % n, "Dead", "http://127.0.0.1:%d/" % port, "--rss-url",
                               "http://127.0.0.1:%d/feed" % port, url=db.url()))
        done = cti("collect", "--allow-private", url=db.url())
        self.assertEqual(done.rc, 1, done)
        self.assertIn("all 5 sources could not be read: cannot connect", done.err)
        self.assertIn("Is this machine online?", done.err)
        self.assertEqual(done.err.count("source 'dead_"), 5)  # a log keeps each of them
        done = cti("doctor", "--format", "json", url=db.url())
        self.assertEqual(done.rc, 8, done)
        sources = [c for c in done.json()["checks"] if c["check"].startswith("source")]
        self.assertEqual([(c["status"], c["detail"]) for c in sources], [("fail", "none of 5 sources can be read: cannot connect")])
        self.assertIn("CTI_PROXY", sources[0]["remedy"])
        # One that is read makes the others single faults again; three of one kind are one line.
        db.execute("UPDATE public.sources SET consecutive_failures = 4; UPDATE public.sources SET consecutive_failures = 0 WHERE identifier = 'dead_0'")
        done = cti("doctor", "--format", "json", url=db.url())
        self.assertRan(done)
        self.assertEqual([c["detail"] for c in done.json()["checks"] if c["check"].startswith("source")],
                         ["5, 5 active, 4 failing", "4 sources: cannot connect"])

    def test_it_says_where_the_address_comes_from(self):
        def detail(*args, url=None, env=None):
            done = cti("doctor", "--format", "json", *args, url=url, env=env)
            return next(c["detail"] for c in done.json()["checks"] if c["check"] == "address")
        nowhere = "postgresql://cti:canary@127.0.0.1:%d/x" % free_port()
        parts = {"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": str(free_port()), "POSTGRES_DB": "parts"}
        with tempfile.TemporaryDirectory() as folder:
            secret = pathlib.Path(folder, "url")
            secret.write_text(nowhere + "\n")
            file = {"DATABASE_URL_FILE": str(secret), **parts}
            self.assertIn("(from --database-url)", detail("--database-url", nowhere, url=self.db.url(), env=file))
            self.assertIn("(from DATABASE_URL)", detail(url=nowhere, env=file))
            self.assertIn("(from DATABASE_URL_FILE)", detail(env=file))
        self.assertIn("parts as", detail(env=parts))
        self.assertIn("(from POSTGRES_HOST)", detail(env=parts))
        self.assertIn("(from libpq's own variables)", detail(env={"PGDATABASE": self.db.name}))

    def test_an_unknown_host_and_a_closed_port_are_told_apart(self):
        def statuses(url):
            done = cti("doctor", "--format", "json", url=url)
            self.assertEqual(done.rc, 8, done)
            return {c["check"]: c["status"] for c in done.json()["checks"]}
        unknown = statuses("postgresql://cti@no-such-host.invalid/x")
        self.assertEqual((unknown["dns"], unknown["tcp"]), ("fail", "skipped"))
        closed = statuses("postgresql://cti@127.0.0.1:%d/x" % free_port())
        self.assertEqual((closed["dns"], closed["tcp"], closed["authentication"]), ("ok", "fail", "skipped"))

    def test_settings_come_with_their_origin_and_without_secrets(self):
        env = {"CTI_WEBHOOK": "https://hooks.example/T000/canary", "POSTGRES_PASSWORD": "canary", "CTI_TIMEOUT": "17", "PGPASSWORD": "canary"}
        done = self.cti("doctor", "--env", env=env)
        self.assertRan(done)
        self.assertNotIn("canary", done.out + done.err)
        self.assertIn("CTI_TIMEOUT\t17\tenvironment\n", done.out)
        self.assertIn("CTI_JOBS\t20\tdefault\n", done.out)
        done = cti("doctor", "--database-url", "postgresql://cti:canary@127.0.0.1:%d/x" % free_port())
        self.assertEqual(done.rc, 8)
        self.assertNotIn("canary", done.out + done.err)
        self.assertIn("--database-url", done.out)


class Log(LabCase):
    lab_options = dict(sources=2, entries=3)

    def test_every_line_is_json_with_its_run(self):
        self.db.execute("UPDATE public.sources SET identifier = E'x\\n{\"level\":\"forged\"}' WHERE identifier = 'feedlab_001'")
        done = self.cti("-v", "--log-format", "json", "collect", "--force")
        self.assertRan(done)
        lines = [json.loads(line) for line in done.err.splitlines()]
        of_sources = [line for line in lines if "source" in line]
        self.assertEqual(len(of_sources), 2)
        self.assertEqual({line["level"] for line in lines}, {"info", "notice"})
        runs = {line["run_id"] for line in of_sources}
        self.assertEqual(runs, {self.db.value("SELECT id FROM cti.runs ORDER BY finished_at DESC LIMIT 1")})
        self.assertTrue(all("duration_ms" in line for line in of_sources))
