"""Completion in the three shells, the man pages, and the bill of materials: what is generated from the options."""
import json
import os
import pathlib
import pty
import re
import select
import socket
import subprocess
import tempfile
import time
import unittest

from harness import BINARY, Case, LabCase, ROOT, cti, environment, wait_until
from test_usage import NOWHERE, command_names

SHELLS = {"bash": "cti.bash", "zsh": "_cti", "fish": "cti.fish"}

# Completes the words as the shell would after TAB at the end of the last one.
BASH = r"""
source "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
_cti "$1"
printf '%s\n' "${COMPREPLY[@]}"
"""


ZSH = r"""
fpath=({completion} $fpath)
autoload -Uz compinit && compinit -D -u
compadd() {{
  local -a hits
  [[ " $* " == *" -"[ADO]" "* ]] || {{ builtin compadd -A hits "$@"; print -rl -- $hits >>{hits} }}
  builtin compadd "$@"
}}
tell_done() {{ : >{done} }}
comppostfuncs=(tell_done)
"""


class Shell(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cti-shell-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "cti").symlink_to(os.path.abspath(BINARY))
        (self.folder / "run_cli.sh").symlink_to(os.path.abspath(BINARY))

    def env(self, url=None, **more):
        return environment(url, PATH="%s:%s" % (self.folder, os.environ["PATH"]), XDG_CACHE_HOME=str(self.folder / "cache"), **more)

    def bash(self, *words, url=None):
        done = subprocess.run(["bash", "--norc", "-c", BASH, "bash", str(ROOT / "completions/cti.bash"), *words], cwd=self.folder,
                              env=self.env(url), capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.split()

    def fish(self, line, url=None):
        done = subprocess.run(["fish", "--no-config", "-c", "source %s; complete -C %s" % (ROOT / "completions/cti.fish", json.dumps(line))],
                              cwd=self.folder, env=self.env(url, HOME=str(self.folder)), capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [l.split("\t")[0] for l in done.stdout.splitlines()]

    def fish_notes(self, line):
        done = subprocess.run(["fish", "--no-config", "-c", "source %s; complete -C %s" % (ROOT / "completions/cti.fish", json.dumps(line))],
                              cwd=self.folder, env=self.env(HOME=str(self.folder)), capture_output=True, text=True, timeout=60)
        return dict((l.split("\t") + [""])[:2] for l in done.stdout.splitlines())

    def zsh(self, line, url=None):
        """What a zsh on a terminal offers after TAB: each word that reaches its compadd."""
        hits, done = self.folder / "hits", self.folder / "done"
        for file in (hits, done):
            file.unlink(missing_ok=True)
        (self.folder / ".zshrc").write_text(ZSH.format(completion=ROOT / "completions", hits=hits, done=done))
        ours, theirs = pty.openpty()
        process = subprocess.Popen(["zsh", "-d", "-i"], cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                   env=self.env(url, ZDOTDIR=str(self.folder), HOME=str(self.folder)))
        os.close(theirs)
        try:
            os.write(ours, line.encode() + b"\t")
            wait_until(lambda: select.select([ours], [], [], 0)[0] and os.read(ours, 65536) and False or done.exists(), what="zsh's answer")
        finally:
            process.kill()
            process.wait()
            os.close(ours)
        return sorted(set(hits.read_text().split("\n")) - {""}) if hits.exists() else []


def offered(kind):
    """The words of an answer for TAB, without what is said of them."""
    return [line.split("\t")[0] for line in cti("__complete", kind).out.splitlines()]


class Completion(Shell):
    def test_the_committed_files_are_what_the_program_writes(self):
        for shell, name in SHELLS.items():
            with self.subTest(shell):
                self.assertEqual((ROOT / "completions" / name).read_text(), self.assertRan(cti("completion", shell)).out,
                                 "run: for s in 'bash cti.bash' 'zsh _cti' 'fish cti.fish'; do set -- $s; cti completion $1 > completions/$2; done")

    def test_each_shell_can_read_its_file(self):
        for shell, name in SHELLS.items():
            done = subprocess.run([shell, "-n", str(ROOT / "completions" / name)], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""), shell)
        done = subprocess.run(["shellcheck", str(ROOT / "completions/cti.bash")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_bash_offers_commands_options_and_words(self):
        self.assertEqual(self.bash("cti", "co"), ["collect", "completion"])
        self.assertEqual(self.bash("cti", "sources", "en"), ["enable"])
        self.assertEqual(self.bash("cti", "--color", "never", "sources", "li"), ["list"])
        self.assertEqual(self.bash("cti", "-q", "--config", "x", "exp"), ["export"])
        self.assertEqual(self.bash("cti", "export", "--day"), ["--days"])
        self.assertIn("--database-url", self.bash("cti", "export", "--"))
        self.assertEqual(self.bash("cti", "--color", ""), ["auto", "always", "never"])
        self.assertEqual(self.bash("cti", "sources", "list", "--color", "al"), ["always"])
        self.assertEqual(self.bash("cti", "--color", "=", "ne"), ["never"])
        self.assertEqual(self.bash("cti", "--color", "="), ["auto", "always", "never"])
        self.assertEqual(self.bash("cti", "completion", "z"), ["zsh"])
        self.assertEqual(self.bash("cti", "help", "mon"), ["monitor"])
        self.assertEqual(self.bash("cti", "export", "--days", ""), [])
        self.assertEqual(self.bash("cti", "export", "--format", ""), self.assertRan(cti("__complete", "formats")).out.split())

    def test_bash_offers_files_where_a_file_is_meant(self):
        (self.folder / "a file.xml").write_text("")
        done = self.bash("cti", "inspect", "feed", "a")
        self.assertEqual(" ".join(done), "a file.xml")
        self.assertIn("run_cli.sh", self.bash("cti", "export", "-o", "r"))

    def test_run_cli_has_its_own_commands_beside(self):
        self.assertEqual(self.bash("./run_cli.sh", "s"), ["sources", "show", "search", "stats", "schedules", "serve", "settings", "setup"])
        self.assertEqual(self.bash("cti", "se"), ["search", "serve", "settings"])
        self.assertEqual(self.bash("cti", "export", "--type", "ip"), ["ipv4", "ipv6", "ip_port"])

    def test_bash_interactive_has_it_registered(self):
        done = subprocess.run(["bash", "--norc", "-i", "-c", "source %s; complete -p cti run_cli.sh" % (ROOT / "completions/cti.bash")],
                              env=self.env(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout.splitlines(), ["complete -F _cti cti", "complete -F _cti run_cli.sh"], done.stderr)

    def test_fish_offers_the_same(self):
        self.assertEqual(sorted(self.fish("cti co")), ["collect", "completion"])
        self.assertEqual(self.fish("cti --color never sources li"), ["list"])
        self.assertEqual(self.fish("cti export --day"), ["--days"])
        self.assertEqual(sorted(self.fish("cti --color ")), ["always", "auto", "never"])
        self.assertEqual(sorted(self.fish("cti export --format ")), sorted(offered("formats")))
        self.assertEqual(sorted(self.fish("run_cli.sh se")), ["search", "serve", "settings", "setup"])

    def test_fish_says_of_each_value_what_it_means_and_nothing_of_its_option(self):
        notes = self.fish_notes("cti export --format ")
        self.assertIn("STIX", notes["stix"])
        self.assertIn("one JSON", notes["json"])
        self.assertEqual(self.fish_notes("cti --color ")["never"], "not even on a terminal")
        self.assertEqual(self.fish_notes("cti help ")["collect"], "Collect what is due")
        self.assertEqual(set(self.fish_notes("cti export --type ").values()), {""})

    def test_every_word_that_is_offered_has_its_own_note(self):
        lines = [l for l in (ROOT / "completions/cti.fish").read_text().splitlines() if re.search(r" -a '.*\\\\t", l)]
        self.assertGreater(len(lines), 20)
        for line in lines:
            self.assertNotRegex(line, r"\\\\t\\'\\'", line)

    def test_zsh_offers_the_same(self):
        self.assertEqual(self.zsh("cti co"), ["collect", "completion"])
        self.assertEqual(self.zsh("cti --color never sources li"), ["list"])
        self.assertEqual(self.zsh("cti --color "), ["always", "auto", "never"])
        self.assertIn("--days", self.zsh("cti export --day"))
        self.assertEqual(self.zsh("cti export --format "), sorted(offered("formats")))
        self.assertIn("setup", self.zsh("run_cli.sh se"))

    def test_every_option_of_every_help_is_completed(self):
        for words in [(), *[(c,) for c in command_names(cti("--help").out)], *[("sources", s) for s in command_names(cti("sources", "--help").out)]]:
            with self.subTest(" ".join(words)):
                shown = set(re.findall(r"(?<=[ ,])--[a-z][a-z-]*", "\n".join(
                    l[:26] if not l.strip().startswith("-") else l.split("  ")[1] for l in cti(*words, "--help").out.splitlines()
                    if re.match(r"  -", l))))
                self.assertLessEqual(shown, set(self.bash("cti", *words, "--")))

    def test_a_dead_database_is_silent_and_quick(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections and never says a word
            url = "postgresql://u@127.0.0.1:%d/x?connect_timeout=30" % mute.getsockname()[1]
            for kind in ("sources", "nothing-of-that-kind"):
                begun = time.monotonic()
                done = subprocess.run([str(self.folder / "cti"), "__complete", kind], env=self.env(url), capture_output=True, timeout=60)
                took = time.monotonic() - begun
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
                self.assertLess(took, 15)  # half of the address's own limit; 150 ms, and the start of a sanitized program on a busy machine
        self.assertEqual(self.bash("cti", "sources", "show", "", url=NOWHERE), [])


class Sources(LabCase, Shell):
    lab_options = dict(sources=3, entries=1)

    def ask(self, kind="sources"):
        return subprocess.run([str(self.folder / "cti"), "__complete", kind], env=self.env(self.db.url()), cwd=self.folder,
                              capture_output=True, text=True, timeout=60)

    def known(self, kind="sources"):
        # A sanitized program may need longer than a key press waits; the answer is then there for the next one.
        for _ in range(100):
            done = self.ask(kind)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            if done.stdout:
                break
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    def test_identifiers_are_offered_in_every_place_that_takes_one(self):
        expected = sorted(self.lab.identifiers())
        self.assertEqual(self.known(), expected)
        url = self.db.url()
        for words in (["sources", "show"], ["sources", "disable"], ["collect", "--source"], ["export", "-s"]):
            with self.subTest(" ".join(words)):
                self.assertEqual(self.bash("cti", *words, "", url=url), expected)
        self.assertEqual(self.bash("cti", "sources", "add", "", url=url), [])
        self.assertEqual(self.bash("./run_cli.sh", "sources", "edit", expected[1], url=url), [expected[1]])
        self.assertEqual(sorted(self.fish("cti sources show ", url=url)), expected)
        self.assertEqual(self.zsh("cti sources show ", url=url), expected)

    def test_backups_are_offered_the_newest_first(self):
        made = [pathlib.Path(self.assertRan(self.cti("backup", "create", "--to", self.folder / "backups", *label)).out.strip()).name
                for label in ((), ("--label", "before_the_change"))]
        self.assertEqual(self.known("backups"), made[::-1])
        for words in (["backup", "show"], ["backup", "verify"], ["restore"]):
            with self.subTest(" ".join(words)):
                self.assertEqual(self.bash("cti", *words, made[1][:-2], url=self.db.url()), [made[1]])

    def test_an_answer_is_kept_for_a_minute_and_by_its_owner_only(self):
        self.known()
        kept, = (self.folder / "cache/cti").iterdir()
        self.assertNotIn("postgresql", kept.name)
        kept.write_text("from_the_cache\n")
        self.assertEqual(self.ask().stdout, "from_the_cache\n")
        os.utime(kept, (time.time() - 61, time.time() - 61))
        self.assertEqual(self.known(), sorted(self.lab.identifiers()))

    def test_no_word_that_a_shell_could_run_is_offered(self):
        self.db.execute("INSERT INTO public.sources (identifier, name, url, active) VALUES ('$(touch x)', 'n', 'http://x.example', true), ('a b', 'n', 'http://y.example', true)")
        try:
            self.assertEqual(self.known(), sorted(self.lab.identifiers()))
        finally:
            self.db.execute("DELETE FROM public.sources WHERE name = 'n'")


class Articles(LabCase, Shell):
    lab_options = dict(sources=2, entries=4)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cti("collect", url=cls.db.url())
        assert done.rc == 0, done
        cls.db.execute("UPDATE public.articles SET title = 'A \u6f22 ''title'' $(touch x) `id`; \\x & | > <' || chr(27) || '[31m \u202e' || repeat('long ', 40) WHERE id = 3")
        cls.newest = cti("articles", "--format", "ids", url=cls.db.url()).out.split()

    def ask(self):
        for _ in range(100):  # see known()
            done = subprocess.run([str(self.folder / "cti"), "__complete", "articles"], env=self.env(self.db.url()), capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            if done.stdout:
                return done.stdout
        return ""

    def test_ids_come_with_their_titles_the_newest_first(self):
        lines = [l.split("\t") for l in self.ask().splitlines()]
        self.assertEqual([l[0] for l in lines], self.newest)
        for word, title in lines:
            self.assertRegex(title, r"^([\w .,:+-]|[^\x00-\x7f])+$")
            self.assertLessEqual(len(title), 60)

    def test_each_shell_offers_them_where_an_article_is_meant(self):
        self.ask()
        url = self.db.url()
        for command in ("show", "open"):
            self.assertEqual([w for w in self.bash("cti", command, "", url=url) if w in self.newest], self.newest)
            self.assertEqual(self.bash("cti", command, "3", url=url), ["3"])  # alone it comes without its title
            self.assertEqual(self.fish("cti %s " % command, url=url), self.newest)
        self.assertEqual(self.zsh("cti show ", url=url), sorted(self.newest))


class ManPages(Case):
    def pages(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.assertRan(cti("__man", folder.name, url=NOWHERE, env=dict(SOURCE_DATE_EPOCH="1790000000")))
        return sorted(pathlib.Path(folder.name).iterdir())

    def test_there_is_one_for_every_command_and_nothing_to_mend_in_it(self):
        pages = self.pages()
        self.assertEqual([p.name for p in pages], sorted(["cti.1"] + ["cti-%s.1" % c for c in command_names(cti("--help").out)]))
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", *map(str, pages)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_they_tell_every_option_and_exit_status(self):
        text = {p.stem: subprocess.run(["mandoc", "-Tascii", str(p)], capture_output=True, text=True, timeout=60).stdout for p in self.pages()}
        plain = {name: re.sub(".\b", "", page) for name, page in text.items()}
        for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143):
            self.assertRegex(plain["cti"], r"(?m)^ +%d\b" % code)
        self.assertIn("--min-score", plain["cti-export"])
        self.assertIn("cti sources add", plain["cti-sources"])
        self.assertIn("2026-09-21", plain["cti"])

    def test_they_tell_variables_files_and_their_date(self):
        pages = {p.stem: p.read_text() for p in self.pages()}
        for page in pages.values():
            for heading in ("EXIT STATUS", "FILES"):
                self.assertIn(".SH %s\n" % heading, page)
        self.assertIn("DATABASE_URL_FILE", pages["cti"])
        self.assertIn("CTI_JOBS", pages["cti-collect"])
        self.assertNotIn("CTI_LISTEN", pages["cti-collect"])
        self.assertIn("/etc/cti/sources.yaml", pages["cti-init"])
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.assertRan(cti("__man", folder.name, url=NOWHERE))
        built = re.search(r'^\.TH CTI 1 "([^"]*)"', (pathlib.Path(folder.name) / "cti.1").read_text(), re.M)[1]
        self.assertRegex(built, r"^20\d\d-\d\d-\d\d$")


class BillOfMaterials(Case):
    def test_it_is_a_cyclonedx_document_of_the_installed_packages(self):
        bom = self.assertRan(cti("version", "--sbom", url=NOWHERE)).json()
        self.assertEqual((bom["bomFormat"], bom["specVersion"], bom["metadata"]["component"]["name"]), ("CycloneDX", "1.5", "cti"))
        installed = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\n"], capture_output=True, text=True,
                                   timeout=60, check=True).stdout.splitlines()
        expected = {tuple(l.split()[1:]) for l in installed if l.startswith("installed ")}
        self.assertEqual({(c["name"], c["version"]) for c in bom["components"]}, expected)
        refs = [c["bom-ref"] for c in bom["components"]]
        self.assertEqual(len(refs), len(set(refs)))
        for component in bom["components"]:
            self.assertRegex(component["purl"], r"^pkg:deb/debian/[\w.~%+-]+@[\w.~%-]+\?arch=\w+")

    def test_it_is_the_same_every_time(self):
        self.assertEqual(cti("version", "--sbom").raw, cti("version", "--sbom").raw)


if __name__ == "__main__":
    unittest.main()
