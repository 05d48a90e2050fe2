"""A signal ends a command while the server works on a long statement, and the statement with it."""
import os
import pty
import signal
import subprocess
import unittest

from harness import BINARY, Case, Database, cti, environment, start_cti, wait_until

COMMANDS = (["search", "anything"], ["export", "--days", "7"], ["stats"])


class LongStatements(Case):
    @classmethod
    def setUpClass(cls):
        cls.db = Database()
        cls.addClassCleanup(cls.db.drop)
        done = cti("init", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)
        # Whoever reads the articles as this role waits ten minutes for each.
        cls.role = "cti_test_slow_%d" % os.getpid()
        cls.db.execute("""
            CREATE ROLE %(role)s LOGIN; GRANT USAGE ON SCHEMA cti TO %(role)s;
            GRANT SELECT ON ALL TABLES IN SCHEMA public, cti TO %(role)s;
            INSERT INTO public.sources (identifier, name, url, config) VALUES ('one', 'One', 'https://one.example/', '{}');
            INSERT INTO public.articles (source_id, canonical_url, title, published_at, authors, tags, content, content_hash, article_metadata)
            SELECT id, 'https://one.example/a', 'Title', now(), '[]', '[]', 'anything', 'h', '{}' FROM public.sources WHERE identifier = 'one';
            ALTER TABLE public.articles ENABLE ROW LEVEL SECURITY;
            CREATE POLICY slow ON public.articles USING (pg_sleep(600) IS NOT NULL)""" % {"role": cls.role})
        cls.addClassCleanup(cls.db.execute, "DROP OWNED BY %s; DROP ROLE %s" % (cls.role, cls.role))

    def count_working(self):
        return self.db.value("SELECT count(*) FROM pg_stat_activity WHERE usename = '%s' AND state = 'active'" % self.role)

    def started(self, args):
        process = start_cti(*args, url=self.db.url(user=self.role), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        wait_until(lambda: self.db.value("SELECT count(*) FROM pg_stat_activity WHERE usename = '%s' AND wait_event = 'PgSleep'" % self.role) == 1,
                   what="a long statement of %s" % args[0])
        return process

    def test_one_signal_ends_the_command_within_ten_seconds_and_the_statement_is_cancelled(self):
        for args in COMMANDS:
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(args[0], signal=number):
                    process = self.started(args)
                    process.send_signal(number)
                    err = process.communicate(timeout=10)[1].decode()
                    self.assertEqual(process.returncode, 128 + number, err)
                    self.assertNotIn("error", err)
                    wait_until(lambda: self.count_working() == 0, timeout=2, what="the end of the statement")

    def test_a_second_signal_ends_it_at_once_and_the_statement_is_cancelled(self):
        process = self.started(COMMANDS[0])
        process.send_signal(signal.SIGINT)
        while b"stopping" not in process.stderr.readline():  # The same signal twice could arrive as one.
            pass
        process.send_signal(signal.SIGINT)
        process.wait(2)
        self.assertEqual(process.returncode, 130)
        wait_until(lambda: self.count_working() == 0, timeout=2, what="the end of the statement")

    def test_a_command_that_waits_for_a_lock_ends_too(self):
        holder = subprocess.Popen(["psql", "-qXAt", "-d", self.db.name], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.addCleanup(holder.communicate)
        holder.stdin.write(b"BEGIN; LOCK TABLE cti.settings IN ACCESS EXCLUSIVE MODE;\n")
        holder.stdin.flush()
        locked = "SELECT count(*) FROM pg_locks WHERE relation = 'cti.settings'::regclass AND mode = 'AccessExclusiveLock' AND granted"
        wait_until(lambda: self.db.value(locked) == 1, what="the lock")
        process = start_cti("init", url=self.db.url(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        wait_until(lambda: self.db.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == 1, what="who waits")
        process.send_signal(signal.SIGTERM)
        err = process.communicate(timeout=10)[1].decode()
        self.assertEqual(process.returncode, 143, err)
        self.assertEqual(self.db.value("SELECT count(*) FROM pg_locks WHERE NOT granted"), 0)



class FromATerminal(Case):
    def test_who_reads_from_a_terminal_says_so_and_stops(self):
        db = Database()
        self.addCleanup(db.drop)
        self.assertRan(cti("init", "--no-sources", url=db.url()))
        for args in (["inspect", "text"], ["inspect", "feed"], ["articles", "--ids", "-"], ["export", "--ids", "-"]):
            with self.subTest(args):
                ours, theirs = pty.openpty()
                self.addCleanup(os.close, ours)
                process = subprocess.Popen([BINARY, *args], stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(db.url()))
                os.close(theirs)
                self.addCleanup(process.kill)
                self.assertIn(b"reading from the terminal", process.stderr.readline())
                process.send_signal(signal.SIGINT)
                err = process.communicate(timeout=10)[1].decode()
                self.assertEqual(process.returncode, 130, err)


if __name__ == "__main__":
    unittest.main()
