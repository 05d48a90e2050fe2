"""Backups in a bucket whose server fails as it is told, and that are killed on their way."""
import datetime
import hashlib
import os
import random
import resource
import signal
import subprocess

from bucket_case import BucketCase
from harness import BINARY, environment, start_cti
from s3_server import REGION, S3Server

KILLS = int(os.environ.get("CTI_S3_KILLS", "5"))


class Faults(BucketCase):
    def test_what_passes_is_tried_again(self):
        for pattern, what in (("PUT .*dump", "cut"), ("PUT .*dump", "drop"), ("PUT .*manifest", (503, "SlowDown")), ("PUT .*claim", (500, "InternalError")),
                              ("GET .*list-type", (503, "SlowDown")), ("GET .*list-type", "half"), ("DELETE .*claim", "drop")):
            with self.subTest(pattern=pattern, what=what):
                self.server.fail(pattern, what)
                self.create()
                self.assertEqual(self.server.faults, [])
        for what in ("cut", "half", (503, "SlowDown")):
            self.server.fail("GET .*dump", what)
            self.assertRan(self.backup("verify"))
            self.assertEqual(self.server.faults, [])
        self.assertNothingLeft(7)

    def test_parts_that_fail_are_sent_again_and_what_cannot_end_is_aborted(self):
        self.db.execute("CREATE TABLE public.noise AS SELECT n, (SELECT string_agg(md5(random()::text || n || m), '') FROM generate_series(1, 400) AS m) AS t "
                        "FROM generate_series(1, 1000) AS n")
        self.addCleanup(self.db.execute, "DROP TABLE public.noise")
        for pattern, what in ((r"POST .*\?uploads=", (503, "SlowDown")), ("partNumber=2", "cut"), ("partNumber=1", "drop"), ("POST .*uploadId=", "drop"), ("POST .*uploadId=", (503, "SlowDown"))):
            self.server.fail(pattern, what)
        self.create("--compress", "none")
        self.assertEqual(self.server.faults, [])
        self.assertRan(self.backup("verify"))
        self.server.fail("partNumber=2", (403, "AccessDenied"))
        self.assertRefused(self.backup("create", "--compress", "none"), 7, "AccessDenied", "read, write, list and delete")
        self.server.fail("POST .*uploadId=", (400, "InvalidPart"))
        self.assertRefused(self.backup("create", "--compress", "none"), 7, "InvalidPart")
        self.assertNothingLeft(1)
        # The end of an upload may fail after its answer has begun well.
        self.server.fail("POST .*uploadId=", lambda status, answer, headers: (200, b"<Error><Code>InternalError</Code></Error>", headers))
        self.create("--compress", "none")
        self.assertNothingLeft(2)

    def test_bytes_that_are_stored_wrong_are_no_backup(self):
        answer = self.server.answer

        def spoil(method, key, query, headers, body):
            done = answer(method, key, query, headers, body)
            if method == "PUT" and key.endswith("dump.custom"):
                stored, _, moment = self.server.objects[key]
                stored = stored[:-1] + bytes([stored[-1] ^ 1])
                self.server.objects[key] = (stored, hashlib.md5(stored).hexdigest(), moment)
            return done

        self.server.answer = spoil
        self.assertRefused(self.backup("create"), 7, "is not what was sent")
        self.assertNothingLeft(0)

    def test_who_is_refused_is_told_why_and_no_secret_is_shown(self):
        self.create("--label", "one")
        token = "t0ken/of=session"
        self.server.token = token
        done = self.backup("create", env={"AWS_SESSION_TOKEN": "wr0ng/token"})
        self.assertRefused(done, 2, "InvalidToken", "belong together")
        self.assertNotIn("wr0ng", done.err)
        self.assertRan(self.backup("verify", "one", env={"AWS_SESSION_TOKEN": token}))
        self.server.token = ""
        for env, *texts in (({"AWS_REGION": "us-east-1"}, "another region", "AWS_REGION=" + REGION), ({"AWS_ACCESS_KEY_ID": "AKIDOTHER", "AWS_ACCESS_KEY_ID_FILE": ""}, "InvalidAccessKeyId"),
                            ({"AWS_SECRET_ACCESS_KEY": "n0t/the/key", "AWS_SECRET_ACCESS_KEY_FILE": ""}, "SignatureDoesNotMatch"),
                            ({"CTI_BACKUP_DIR": "s3://other-bucket"}, "NoSuchBucket", "cti makes none")):
            for verb in ("create", "list"):  # A list comes first in both.
                with self.subTest(env=env, verb=verb):
                    done = self.backup(verb, env=env)
                    self.assertRefused(done, 2, *texts)
                    self.assertNotIn("n0t/the/key", done.err)
        self.server.skew = datetime.timedelta(hours=1)
        self.assertRefused(self.backup("create"), 2, "RequestTimeTooSkewed", "clock")
        self.server.skew = datetime.timedelta(0)
        for env, text in (({"AWS_ACCESS_KEY_ID_FILE": ""}, "AWS_ACCESS_KEY_ID_FILE"), ({"AWS_SECRET_ACCESS_KEY_FILE": "/nonexistent"}, "AWS_SECRET_ACCESS_KEY_FILE"),
                          ({"CTI_S3_ENDPOINT": "ftp://x"}, "is no endpoint"), ({"CTI_S3_ENDPOINT": "http://127.0.0.1:1/path"}, "is no endpoint"), ({"AWS_REGION": "a b"}, "is no region"),
                          ({"CTI_BACKUP_DIR": "s3://b/../c"}, "is no address of a bucket"), ({"CTI_BACKUP_DIR": "s3://evil.example@x"}, "is no address of a bucket"), ({"CTI_S3_STYLE": "x"}, "CTI_S3_STYLE must be one of auto, path, host")):
            with self.subTest(env=env):
                self.assertRefused(self.backup("create", env=env), 2, text)
        self.assertNothingLeft(1)

    def test_the_exception_for_private_addresses_is_the_endpoint_alone(self):
        # Without an endpoint the address is Amazon's; an endpoint that redirects is not followed.
        other = S3Server(self)
        self.server.fail("GET", lambda status, answer, headers: (307, b"", {"Location": other.url + "/backups/"}))
        self.assertRefused(self.backup("list"), 2, "HTTP 307")
        self.assertEqual(other.log, [])

    def test_no_kill_leaves_half_a_backup(self):
        self.db.execute("CREATE TABLE public.noise AS SELECT n, (SELECT string_agg(md5(random()::text || n || m), '') FROM generate_series(1, 400) AS m) AS t "
                        "FROM generate_series(1, 1000) AS n")
        self.addCleanup(self.db.execute, "DROP TABLE public.noise")
        self.create("--label", "earlier")
        generator, ends = random.Random(int(os.environ.get("CTI_SEED", "21"))), {}
        copy = self.empty_database()
        for turn in range(KILLS):
            at = generator.randrange(1, 14)
            args = generator.choice([["backup", "create", "--compress", "none", "--label", "k%d" % turn]] * 2 + [["backup", "verify", "earlier"], ["backup", "verify", "latest"],
                                     ["backup", "prune", "--keep-daily", "1", "--keep-min", "2"], ["restore", "earlier", "--dry-run"]])
            before, process = len(self.server.log), None

            def kill(line, before=before, at=at):
                if process and len(self.server.log) - before >= at:
                    process.kill()

            process = start_cti(*args, url=copy.url() if args[0] == "restore" else self.db.url(), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.server.on_request = kill
            process.communicate()
            self.server.on_request = None
            self.assertIn(process.returncode, (0, -signal.SIGKILL), args)
            command = args[0] if args[0] == "restore" else args[1]
            ends.setdefault(command, [0, 0])[process.returncode != 0] += 1
            rows = self.listed()
            self.assertTrue(all(r["ok"] for r in rows), rows)
        for row in self.listed():
            self.assertRan(self.backup("verify", row["path"]))
        # A day later the next run takes away what they left.
        with self.server.lock:
            day = datetime.timedelta(days=2)
            self.server.objects = {k: (body, etag, moment - day) for k, (body, etag, moment) in self.server.objects.items()}
            self.server.uploads = {k: (key, begun - day, parts) for k, (key, begun, parts) in self.server.uploads.items()}
        whole = len(self.server.names())
        self.create("--label", "later")
        self.assertNothingLeft(whole + 1)
        print("bucket: %d kills of %d runs (%s), 0 half done" % (sum(killed for _, killed in ends.values()), KILLS,
                                                                 ", ".join("%s %d" % (name, killed) for name, (_, killed) in sorted(ends.items()))))

    def limited(self, size, *args, url=None):
        """No file may grow beyond so many bytes, as on a disk that is full."""
        return subprocess.run([BINARY, *args], capture_output=True, text=True, env=environment(url or self.db.url(), **self.env),
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))

    def test_a_full_disk_where_a_backup_is_put_together_or_read_leaves_nothing(self):
        self.create("--label", "earlier")
        copy, ends = self.empty_database(), {}
        size = 1
        while size < 400_000:
            for args in (["backup", "create", "--label", "later"], ["backup", "create", "--format", "directory"], ["backup", "verify", "earlier"], ["backup", "verify", "--restore", "earlier"],
                         ["restore", "earlier", "--dry-run"]):
                before = len(self.server.names())
                done = self.limited(size, *args, url=copy.url() if args[0] == "restore" else None)
                made = len(self.server.names()) - before
                self.assertIn((done.returncode, made), ((0, int("create" in args)), (7, 0)), (size, args, done.stderr))
                self.assertNothingLeft(before + made)
                ends.setdefault(" ".join(args), set()).add(done.returncode)
            size = size * 4 + 7
        self.assertEqual(set(map(frozenset, ends.values())), {frozenset((0, 7))}, ends)
        self.assertRan(self.backup("verify", "--all"))

    def test_a_stop_leaves_nothing(self):
        stopped = []

        def stop(line):
            if "dump" in line and not stopped:
                stopped.append(line)
                process.send_signal(signal.SIGTERM)

        process = start_cti("backup", "create", url=self.db.url(), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.server.on_request = stop
        process.communicate()
        self.assertEqual(process.returncode, 143)
        self.assertTrue(stopped)
        self.assertNothingLeft(0)
