"""Backups that only the owner of a key can read, by age and by GnuPG."""
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import tempfile

from backup_case import BackupCase
from harness import BINARY, environment, start_cti, wait_until


class Encrypted(BackupCase):
    """With age and with GnuPG, as far as they are installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {}  # program: (for whom, what reads it, what does not)
        if shutil.which("age") and shutil.which("age-keygen"):
            cls.keys["age"] = cls.make_age_keys()
        if shutil.which("gpg") and shutil.which("gpg-agent"):
            cls.keys["gpg"] = cls.make_gpg_keys()

    @classmethod
    def make_age_keys(cls):
        for name in ("age_key", "age_other"):
            subprocess.run(["age-keygen", "-o", cls.folder / name], check=True, capture_output=True)
        cls.recipient = subprocess.run(["age-keygen", "-y", cls.folder / "age_key"], check=True, capture_output=True, text=True).stdout
        (cls.folder / "age_public").write_text("# nightly\n" + cls.recipient)
        return tuple(cls.folder / name for name in ("age_public", "age_key", "age_other"))

    @classmethod
    def make_gpg_keys(cls):
        with tempfile.TemporaryDirectory(prefix="cti-keys-") as home:
            def gpg(*args):
                return subprocess.run(["gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback", *args],
                                      check=True, capture_output=True).stdout
            for name in ("backup", "other"):
                gpg("--quick-generate-key", name, "future-default", "default", "never")
                (cls.folder / ("gpg_" + name)).write_bytes(gpg("--armor", "--export-secret-keys", name))
            (cls.folder / "gpg_public").write_bytes(gpg("--export", "backup"))
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)
        return tuple(cls.folder / name for name in ("gpg_public", "gpg_backup", "gpg_other"))

    def each_program(self):
        if not self.keys:
            self.skipTest("neither age nor gpg with gpg-agent is installed")
        for name, keys in self.keys.items():
            with self.subTest(name):
                yield (name, *keys)

    def create_with(self, program, public, *args, **more):
        return self.create("--encrypt", program, "--encrypt-key", public, *args, **more)

    def spy_on(self, program, script):
        """A folder with a program of that name, which comes before the real one."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        (folder / program).write_text("#!/bin/sh\n" + script.replace("REAL", shutil.which(program)).replace("FOLDER", str(folder)))
        (folder / program).chmod(0o755)
        return folder, {"PATH": "%s:%s" % (folder, os.environ["PATH"])}

    def test_what_is_encrypted_comes_back_with_the_key_and_is_checked_without(self):
        before = self.state(self.db)
        for program, public, secret, _ in self.each_program():
            for args, file in ((["--format", "custom"], "dump.custom"), (["--format", "custom", "--compress", "none"], "dump.custom"),
                               (["--format", "sql", "--compress", "gzip"], "dump.sql.gz"), (["--format", "sql", "--compress", "none"], "dump.sql")):
                path = self.create_with(program, public, *args, "--label", "x%d" % len(list(self.backups.iterdir())))
                self.assertEqual(sorted(p.name for p in path.iterdir()), ["%s.%s" % (file, program), "manifest.json"])
                for part in (b"PGDMP", b"title 1", b"CREATE TABLE"):
                    self.assertNotIn(part, next(path.glob("dump.*")).read_bytes())
                self.assertEqual(json.loads((path / "manifest.json").read_text())["encryption"], program)
                self.assertRan(self.backup("verify", path))
                self.assertRan(self.backup("verify", path, "--decode", "--decrypt-key", secret))
            self.assertRan(self.backup("verify", path, "--restore", "--decrypt-key", secret))
            db = self.empty_database()
            self.assertRan(self.restore(path, url=db.url(), env={"CTI_BACKUP_DECRYPT_KEY_FILE": str(secret)}))
            self.assertEqual(self.state(db), before)
            listed = json.loads(self.assertRan(self.backup("list", "--format", "json")).raw)
            self.assertEqual(listed[-1]["encryption"], program)
            self.assertIn("encrypted by\t%s" % program, self.assertRan(self.backup("show")).out)

    def test_a_recipient_or_an_identity_of_age_will_do(self):
        if "age" not in self.keys:
            self.skipTest("age is not installed")
        secret = self.keys["age"][1]
        for args in (["--encrypt-recipient", self.recipient.strip()], ["--encrypt-key", secret]):
            path = self.create("--encrypt", "age", *args, "--label", "x%d" % len(list(self.backups.iterdir())))
            self.assertRan(self.backup("verify", path, "--decode", "--decrypt-key", secret))

    def test_a_key_that_is_wrong_or_lost_is_said_and_is_no_damage(self):
        for program, public, _, other in self.each_program():
            path = self.create_with(program, public)
            for depth in ("--decode", "--restore"):
                self.assertRefused(self.backup("verify", path, depth), 2, "is encrypted with %s, and no key is given" % program, "--decrypt-key")
                self.assertRefused(self.backup("verify", path, depth, "--decrypt-key", other), 2, "cannot be decrypted with the key in", "the backup is lost")
                self.assertRefused(self.backup("verify", path, depth, "--decrypt-key", "/nonexistent"), 2, "cannot read the key")
            db = self.empty_database()
            self.assertRefused(self.restore(path, url=db.url()), 2, "no key is given")
            self.assertRefused(self.restore(path, "--decrypt-key", other, url=db.url()), 2, "cannot be decrypted")
            self.assertEqual(self.state(db), {})
            self.assertRefused(self.restore(next(path.glob("dump.*")), url=db.url()), 2, "is encrypted")
            self.assertRan(self.backup("verify", path))
            self.assertRefused(self.backup("verify", path, "--decode", "--decrypt-key", other, env={"PATH": "/nonexistent"}), 1, "Install it")
            self.assertFalse(json.loads((path / "verified.json").read_text())["damage"])

    def test_bytes_that_changed_are_seen_without_the_key(self):
        for program, public, secret, _ in self.each_program():
            path = self.create_with(program, public)
            dump = next(path.glob("dump.*"))
            whole = dump.read_bytes()
            db = self.empty_database()
            for _ in range(8):
                place = random.randrange(len(whole))
                dump.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
                self.assertEqual(self.backup("verify", path).rc, 8)
                self.assertEqual(self.backup("verify", path, "--decode", "--decrypt-key", secret).rc, 8)
                self.assertRefused(self.restore(path, "--decrypt-key", secret, url=db.url()), 8, "was changed")
            self.assertEqual(self.state(db), {})

    def test_the_program_gets_no_secret_as_a_word_or_a_variable(self):
        for program, public, secret, _ in self.each_program():
            folder, env = self.spy_on(program, "printf '%s\\n' \"$@\" >>FOLDER/words\nenv >>FOLDER/env\nexec REAL \"$@\"\n")
            path = self.create_with(program, public, env=dict(env, CTI_CANARY="s3cret"), url=self.db.url(password="s3cret"))
            self.assertRan(self.backup("verify", path, "--decode", "--decrypt-key", secret, env=env))
            said = (folder / "words").read_text() + (folder / "env").read_text()
            self.assertIn(str(secret), said)
            for word in ("s3cret", "DATABASE_URL", "AGE-SECRET-KEY", "PRIVATE KEY"):
                self.assertNotIn(word, said)

    def test_what_fails_on_the_way_is_exit_7_and_leaves_nothing(self):
        for program, public, *_ in self.each_program():
            done = subprocess.run([BINARY, "backup", "create", "--encrypt", program, "--encrypt-key", public], capture_output=True,
                                  env=environment(self.db.url(), CTI_BACKUP_DIR=str(self.backups)),
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
            self.assertEqual(done.returncode, 7, done.stderr)
            # Half a dump is no dump, although the other program ends well.
            _, env = self.spy_on("pg_dump", "[ \"$1\" = --version ] && exec REAL --version\nprintf half\necho oh >&2\nexit 1\n")
            args = ["create", "--encrypt", program, "--encrypt-key", public]
            self.assertRefused(self.backup(*args, env=env), 7, "'pg_dump' failed: oh")
            # It is tried with nothing before; what it reads then it cannot take.
            _, env = self.spy_on(program, "bytes=$(wc -c)\n[ \"$bytes\" = 0 ] && exit 0\necho no >&2\nexit 1\n")
            self.assertRefused(self.backup(*args, env=env), 7, "'%s' failed: no" % program)
            self.assertEqual(list(self.backups.iterdir()), [])

    def test_a_kill_leaves_nothing_that_is_not_encrypted(self):
        for program, public, secret, _ in self.each_program():
            folder, env = self.spy_on(program, "[ -e FOLDER/tried ] || { touch FOLDER/tried; exec REAL \"$@\"; }\n"
                                      "REAL \"$@\"\necho $$ >FOLDER/pid.new; mv FOLDER/pid.new FOLDER/pid; exec sleep 600\n")
            process = start_cti("backup", "create", "--encrypt", program, "--encrypt-key", public, "--format", "sql", "--compress", "none", url=self.db.url(),
                                env={"CTI_BACKUP_DIR": str(self.backups), **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            # It is tried with nothing before, so this is when all of the dump went through it.
            wait_until(lambda: (folder / "pid").exists(), what="the program")
            process.kill()
            process.communicate()
            os.kill(int((folder / "pid").read_text()), signal.SIGKILL)
            for path in [*self.backups.rglob("*"), *pathlib.Path("/dev/shm").glob("cti-gpg.*/**/*")]:
                if path.is_file():
                    self.assertNotIn(b"title 1", path.read_bytes())
            path = self.create_with(program, public)
            self.assertRan(self.backup("verify", path, "--decode", "--decrypt-key", secret))
            self.assertEqual([p for p in pathlib.Path("/dev/shm").glob("cti-gpg.*") if p.stat().st_uid == os.geteuid()], [])

    def test_what_does_not_go_together_is_refused_before_anything_is_done(self):
        for program, public, secret, _ in self.each_program():
            self.assertRefused(self.backup("create", "--encrypt-key", public), 2, "nothing says what encrypts")
            self.assertRefused(self.backup("create", env={"CTI_BACKUP_ENCRYPT_KEY_FILE": str(public)}), 2, "CTI_BACKUP_ENCRYPT")
            self.assertRefused(self.backup("create", "--encrypt", program), 2, "nothing says for whom")
            self.assertRefused(self.backup("create", "--encrypt", program, "--encrypt-key", public, "--format", "directory"), 2, "cannot be encrypted")
            self.assertRefused(self.backup("create", "--encrypt", program, "--encrypt-key", self.folder), 2, "it is a folder")
            self.assertRefused(self.backup("create", "--encrypt", program, "--encrypt-key", self.folder / "sources.yaml"), 2, "cannot encrypt for this key")
            self.assertRefused(self.backup("create", "--encrypt", "gpg", "--encrypt-recipient", "me"), 2, "from a file")
        self.assertEqual(list(self.backups.iterdir()), [])

    def test_what_a_restore_puts_aside_is_encrypted_as_well_or_that_it_is_not_is_told(self):
        for program, public, secret, _ in self.each_program():
            db = self.empty_database()
            path = self.create_with(program, public)
            self.assertRan(self.restore(path, "--decrypt-key", secret, url=db.url()))
            args = [path, "--decrypt-key", secret, "--confirm", db.name]
            done = self.restore(*args, "--encrypt", program, "--encrypt-key", public, url=db.url())
            self.assertRan(done)
            self.assertNotIn("not encrypted", done.err)
            kept = next(self.backups.glob("cti-%s-*-before_restore" % db.name))
            self.assertEqual(json.loads((kept / "manifest.json").read_text())["encryption"], program)
            shutil.rmtree(kept)
            self.assertIn("not encrypted", self.assertRan(self.restore(*args, url=db.url())).err)

    def test_jobs_encrypt_and_verify_with_the_keys_of_their_worker(self):
        for program, public, secret, _ in self.each_program():
            worker = ["worker", "--until-empty", "--backup-dir", self.backups, "--backup-encrypt", program, "--backup-encrypt-key", public]
            for args, state in ((["backup", "--label", program], "done"), (["verify", "--backup", program], "failed")):
                number = self.assertRan(self.cti("jobs", "add", *args)).out.strip()
                self.assertRan(self.cti(*worker))
                job = json.loads(self.assertRan(self.cti("jobs", "show", number, "--format", "json")).raw)
                self.assertEqual(job["state"], state, job)
            self.assertIn("no key is given", json.dumps(job))
            number = self.assertRan(self.cti("jobs", "add", "verify", "--backup", program)).out.strip()
            self.assertRan(self.cti(*worker, "--backup-decrypt-key", secret))
            self.assertEqual(json.loads(self.assertRan(self.cti("jobs", "show", number, "--format", "json")).raw)["state"], "done")
