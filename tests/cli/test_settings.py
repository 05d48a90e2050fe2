"""cti.yaml: where it is found, which of several values counts, what is refused, and how it is told."""
import json
import os
import pathlib
import re
import tempfile
import time
import unittest

from harness import Case, Database, cti


class Settings(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cti-settings.")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.project = self.root / "project"
        self.user = self.root / "home/.config/cti"
        for made in (self.project, self.user):
            made.mkdir(parents=True)

    def run_here(self, *args, text=None, user=None, **env):
        """In a folder with this cti.yaml, as somebody with that one of their own."""
        for folder, content in ((self.project, text), (self.user, user)):
            if content is not None:
                (folder / "cti.yaml").write_text(content)
        env = {"CTI_SETTINGS": "", "XDG_CONFIG_HOME": "", "HOME": str(self.root / "home"), **env}
        return cti(*args, cwd=self.project, env=env)

    def shown(self, *args, **more):
        done = self.assertRan(self.run_here("settings", "show", "--format", "json", *args, **more))
        return {s["name"]: (s["value"], s["from"]) for s in done.json()["settings"]}

    def refused(self, text, *fragments):
        self.assertRefused(self.run_here("settings", "show", text=text), 2, *fragments)


class Precedence(Settings):
    def test_flag_environment_project_user_default(self):
        user = "log-format: json\ntimeout: 7\nlease: 99\n"
        project = "timeout: 8\nlog-format: text\n"
        mine = "%s/cti.yaml" % self.user
        shown = self.shown(user=user)
        self.assertEqual((shown["timeout"], shown["log-format"]), (("7", mine + ":2"), ("json", mine + ":1")))
        shown = self.shown(text=project)
        self.assertEqual(shown["timeout"], ("8", "cti.yaml:1"))
        self.assertEqual(shown["lease"], ("99", mine + ":3"))  # key by key
        self.assertEqual(self.shown(CTI_TIMEOUT="9")["timeout"], ("9", "environment"))
        self.assertEqual(self.shown("--log-format", "json", CTI_LOG_FORMAT="text")["log-format"], ("json", "--log-format"))
        self.assertNotIn("workers", self.shown())
        self.assertEqual(self.shown("--all")["per-host"], ("2", "default"))

    def test_a_file_that_is_named_stands_alone(self):
        (self.root / "other.yaml").write_text("timeout: 5\n")
        other = str(self.root / "other.yaml")
        for args, env in ((["--settings", other], {}), (["--settings=" + other], {}), ([], {"CTI_SETTINGS": other})):
            shown = self.shown(*args, text="lease: 99\n", **env)
            self.assertEqual(shown["timeout"], ("5", other + ":1"))
            self.assertNotIn("lease", shown)
        self.assertNotIn("timeout", self.shown("--settings", "none"))
        self.assertRefused(self.run_here("stats", "--settings", "gone.yaml"), 2, "gone.yaml: cannot be read: No such file")
        self.assertRefused(self.run_here("stats", "--settings", "/"), 2, "/: cannot be read: it is a folder")

    def test_a_command_has_a_section_and_a_nearer_file_wins_over_it(self):
        shown = self.shown(text="timeout: 5\ncollect: {timeout: 6, fail-on: any}\nsources: {list: {format: json}}\n")
        self.assertEqual(shown["timeout"], ("5", "cti.yaml:1"))
        self.assertEqual(shown["collect.timeout"], ("6", "cti.yaml:2"))
        self.assertEqual(shown["collect.fail-on"], ("any", "cti.yaml:2"))
        self.assertEqual(shown["sources.list.format"], ("json", "cti.yaml:3"))
        shown = self.shown(text="timeout: 5\n", user="collect: {timeout: 6}\n")
        self.assertEqual(shown["timeout"], ("5", "cti.yaml:1"))
        self.assertNotIn("collect.timeout", shown)

    def test_xdg_config_home_is_asked_and_only_where_it_is_absolute(self):
        (self.root / "xdg/cti").mkdir(parents=True)
        (self.root / "xdg/cti/cti.yaml").write_text("timeout: 3\n")
        self.assertEqual(self.shown(XDG_CONFIG_HOME=str(self.root / "xdg"))["timeout"][0], "3")
        self.assertNotIn("timeout", self.shown(XDG_CONFIG_HOME="../xdg"))


class Effect(Settings):
    def test_the_value_reaches_the_command_and_the_command_line_wins(self):
        text = "log-format: json\nsettings: {show: {format: json}}\n"
        self.assertIn("files", json.loads(self.run_here("settings", "show", text=text).raw))
        self.assertIn("KEY\t", self.run_here("settings", "show", "--format", "table").out)
        done = self.run_here("stats", DATABASE_URL="postgresql://x@127.0.0.1:1/x")
        self.assertEqual(json.loads(done.err.splitlines()[0])["level"], "error", done)

    def test_lists_replace_each_other_and_flags_can_be_taken_back(self):
        shown = self.shown(user="warninglist: [/a, /b]\nno-pages: true\n", text="warninglist: [/c]\n")
        self.assertEqual(shown["warninglist"], ("/c", "cti.yaml:1"))
        self.assertEqual(self.shown(text="warninglist: /d\nno-pages: false\n", CTI_NO_PAGES="")["no-pages"][0], "false")

    def test_a_relative_path_is_that_of_the_files_folder(self):
        self.assertEqual(self.shown(user="config: mine.yaml\n")["config"][0], "%s/mine.yaml" % self.user)
        self.assertEqual(self.shown(text="config: mine.yaml\n")["config"][0], "mine.yaml")

    def test_the_database_is_named_by_a_file_after_every_way_of_the_environment(self):
        def came_from(**env):
            done = self.run_here("doctor", "--format", "json", **env)
            return next(c["detail"] for c in done.json()["checks"] if c["check"] == "address")
        (self.project / "url").write_text("postgresql://x:canary@127.0.0.1:1/in_file\n")
        url = "postgresql://x@127.0.0.1:1/x"
        self.run_here("version", text="database-url: %s\n" % url)
        self.assertIn("(from cti.yaml:1)", came_from())
        self.assertIn("(from DATABASE_URL)", came_from(DATABASE_URL=url + "y"))
        self.assertIn("(from POSTGRES_HOST)", came_from(POSTGRES_HOST="127.0.0.1"))
        self.run_here("version", text="database-url-file: url\n")
        self.assertIn("(from cti.yaml:1)", came_from())
        done = self.run_here("doctor", "--format", "json")
        self.assertNotIn("canary", done.out + done.err)
        self.run_here("version", text="postgres-host: 127.0.0.1\npostgres-port: 1\n")
        self.assertIn("(from cti.yaml:1)", came_from())

    def test_doctor_tells_each_setting_and_where_it_came_from(self):
        text = "timeout: 7\ncollect: {fail-on: any}\nwebhook-file: hook\n"
        done = self.assertRan(self.run_here("doctor", "--env", "--quiet", text=text, CTI_WORKERS="3", CTI_WEBHOOK_SECRET="canary"))
        rows = dict((line.split("\t")[0], line.split("\t")[1:]) for line in done.out.splitlines())
        self.assertEqual(rows["CTI_TIMEOUT"], ["7", "cti.yaml:1"])
        self.assertEqual(rows["collect.fail-on"], ["any", "cti.yaml:2"])
        self.assertEqual(rows["CTI_WEBHOOK_FILE"], ["hook", "cti.yaml:3"])
        self.assertEqual(rows["CTI_WORKERS"], ["3", "environment"])
        self.assertEqual(rows["CTI_PER_HOST"], ["2", "default"])
        self.assertEqual(rows["CTI_WEBHOOK_SECRET"], ["***", "environment"])
        self.assertEqual(rows["quiet"][1], "--quiet")

    def test_a_key_in_a_file_counts_as_given(self):
        done = self.run_here("monitor", "--once", "--collect-schedule", "0 1 * * *", text="interval: 60\n",
                             DATABASE_URL="postgresql://x@127.0.0.1:1/x")
        self.assertRefused(done, 2, "--collect-schedule stands alone")


class Refusals(Settings):
    def test_an_unknown_key_has_its_line_and_a_suggestion(self):
        self.refused("lease: 90\ntimeuot: 3\n", "cti.yaml: line 2: unknown key 'timeuot' (did you mean 'timeout'?)")
        self.refused("log_format: json\n", "unknown key 'log_format' (did you mean 'log-format'?)")
        self.refused("colect: {limit: 3}\n", "unknown section 'colect' (did you mean 'collect'?)")
        self.refused("articles: {limti: 3}\n", "unknown key 'articles.limti' (did you mean 'limit'?)")
        self.refused("sources: {list: {formt: json}}\n", "unknown key 'sources.list.formt' (did you mean 'format'?)")
        self.refused("limit: 3\n", "'limit' stands in the section of its command: ")
        self.refused("collect: {color: never}\n", "'color' is for all commands: it stands at the top")

    def test_a_value_is_checked_as_that_of_the_option(self):
        self.refused("timeout: 0\n", "cti.yaml: line 1: 'timeout' must be 1 to 3600, not '0'")
        self.refused("timeout: soon\n", "'timeout' must be seconds, or a time such as 90s, 5m or 2h, not 'soon'")
        self.refused("color: blue\n", "'color' must be one of auto, always, never")
        self.refused("articles: {limit: many}\n", "'articles.limit' must be a whole number, not 'many'")
        self.refused("no-pages: perhaps\n", "'no-pages' is on or off: true or false")
        self.refused("timeout: [1, 2]\n", "'timeout' takes one value")
        self.refused("timeout:\n", "'timeout' has no value")
        self.refused("warninglist: []\n", "'warninglist' has no value")

    def test_secrets_are_refused_with_the_remedy_and_never_quoted(self):
        for text in ("database-url: postgresql://u:canary@h/d\n", "database-url: 'host=h password=canary'\n"):
            done = self.run_here("stats", text=text)
            self.assertRefused(done, 2, "holds a password", "'database-url-file'")
            self.assertNotIn("canary", done.err)
        done = self.run_here("stats", text="webhook: https://h/canary\n")
        self.assertRefused(done, 2, "'webhook' is a secret", "'webhook-file'")
        self.assertNotIn("canary", done.err)

    def test_what_confirms_is_typed_each_time(self):
        for text in ("init: {reset: true}\n", "restore: {confirm: cti}\n", "restore: {no-safety-backup: true}\n", "settings: none\n"):
            self.refused(text, "is no setting: it is typed each time")

    def test_a_file_that_others_could_have_planted_is_not_used(self):
        file = self.project / "cti.yaml"
        file.write_text("timeout: 3\n")
        file.chmod(0o666)
        self.refused(None, "cti.yaml: can be changed by everybody: close it with chmod o-w")
        file.unlink()
        os.mkfifo(file)
        self.refused(None, "cti.yaml: is no regular file")  # and nobody waits for a writer

    @unittest.skipUnless(os.geteuid() == 0, "only root gives files away")
    def test_a_file_of_another_user_is_used_only_by_its_name(self):
        file = self.project / "cti.yaml"
        file.write_text("timeout: 3\n")
        os.chown(file, 12345, -1)
        self.refused(None, "belongs to another user: name it by --settings")
        self.assertEqual(self.shown("--settings", "cti.yaml")["timeout"][0], "3")
        self.assertEqual(self.shown(SUDO_UID="12345")["timeout"][0], "3")

    def test_hostile_files_end_soon(self):
        began = time.monotonic()
        for text, why in (("#" * 300_000, "more than 256 KiB"), ("a: " + "[" * 100_000, "line 1: "), ("\0", "line 1: "),
                          ("? {a: 1}\n: 2\n", "a key must be the name"), ("a: \x1b[31m\n", "")):
            self.refused(text, "cti.yaml: ", why)
        self.assertLess(time.monotonic() - began, 20)

    def test_help_and_what_mends_a_file_work_with_a_broken_one(self):
        for args in (["--help"], ["collect", "--help"], ["settings", "example"], ["version"], ["completion", "bash"]):
            self.assertRan(self.run_here(*args, text="timeuot: 3\n"))
        done = self.run_here("settings", "check", text="timeuot: 3\nlease: soon\n")
        self.assertRefused(done, 2, "line 1: unknown key", "line 2: 'lease' must be")
        self.assertIn("1 more mistake is there: see 'cti settings check'", self.run_here("stats").err)


class Example(Settings):
    def test_the_example_is_accepted_as_it_is_and_with_every_key(self):
        example = self.assertRan(self.run_here("settings", "example")).out
        self.assertNotIn("cti.yaml", str(self.shown(text=example)))
        full = re.sub(r"(?m)^#(?=[\w]|  )", "", example)
        self.assertGreater(len(re.findall(r"(?m)^ *[a-z-]+: .", full)), 250)
        self.assertEqual(self.assertRan(self.run_here("settings", "check", text=full)).err, "")  # It says "quiet: true".

    def test_every_option_of_the_help_stands_in_it(self):
        example = self.run_here("settings", "example").out
        for command in ("collect", "monitor", "export", "worker"):
            for name in re.findall(r"(?m)^\s+(?:-\w,)?--([a-z][a-z-]+)", self.run_here(command, "--help").out):
                if name not in ("help", "version", "settings", "confirm", "webhook"):
                    self.assertRegex(example, r"(?m)^#\s*%s: " % name)

    def test_check_names_the_files_that_it_read(self):
        self.assertIn("there is no settings file", self.assertRan(self.run_here("settings", "check")).err)
        (self.root / "a.yaml").write_text("timeout: 3\nlease: 90\n")
        done = self.assertRan(self.run_here("settings", "check", self.root / "a.yaml"))
        self.assertIn("a.yaml: sound", done.err)
        self.assertIn("2 settings in all", done.err)


class Collecting(Settings):
    def test_a_command_works_by_a_file_alone(self):
        database = Database()
        self.addCleanup(database.drop)
        (self.project / "sources.yaml").write_text("version: '1.0'\nsources: []\n")
        url = self.root / "url"
        url.write_text(database.url())
        text = "database-url-file: %s\nconfig: sources.yaml\n" % url
        self.assertRan(self.run_here("init", "--no-sources", text=text))
        self.assertEqual(database.value("SELECT count(*) FROM sources"), 0)
