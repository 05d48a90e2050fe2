"""A copy of the checkout whose tool is a script that tells how it was called."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from harness import Case, ROOT

TOOL = "#!" + sys.executable + """
import json, os, pathlib, sys
root = pathlib.Path(__file__).resolve().parents[3]
with open(root / "calls", "a") as f:
    f.write(json.dumps(dict(args=sys.argv[1:], url=os.environ.get("DATABASE_URL"), config=os.environ.get("SOURCES_CONFIG"))) + "\\n")
if sys.argv[1:2] == ["init"] and (root / "init-fails").exists():
    sys.exit(6)
print("data")
print("words", file=sys.stderr)
sys.exit(int(os.environ.get("TOOL_EXIT", "0")))
"""


def clean_environment():
    """Ours, without what names a database or changes how cti works."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PG", "POSTGRES_", "CTI_")) and k != "DATABASE_URL"}


class Checkout(Case):
    folder_name = "check out"

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="cti-run-")
        cls.addClassCleanup(cls.temporary.cleanup)
        # The user postgres, who owns the cluster when root runs the tests, must be able to enter.
        os.chmod(cls.temporary.name, 0o755)
        cls.root = pathlib.Path(cls.temporary.name) / cls.folder_name
        tool = cls.root / "build/release/cli/cti"
        tool.parent.mkdir(parents=True)
        for name in ("cli", "core", "sql", "config"):
            (cls.root / name).mkdir()
        for name in ("CMakeLists.txt", "CMakePresets.json", "config/sources.yaml"):
            (cls.root / name).write_text("")
        shutil.copy(ROOT / "run_cli.sh", cls.root)
        (cls.root / "deploy").mkdir()
        for name in ("private_database.sh", "run_in_docker.sh", "set_up_docker.sh", "env.example"):
            shutil.copy(ROOT / "deploy" / name, cls.root / "deploy")
        tool.write_text(TOOL)
        tool.chmod(0o755)
        (cls.root / "build/release/.built").touch()
        cls.addClassCleanup(cls.run_cli, "db", "stop")

    def setUp(self):
        (self.root / "calls").write_text("")

    @classmethod
    def run_cli(cls, *args, cwd=None, **env):
        clean = clean_environment()
        return subprocess.run([str(cls.root / "run_cli.sh"), *args], cwd=cwd or cls.root, env={**clean, "CTI_MODE": "native", **env}, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def calls(self):
        return [json.loads(l) for l in (self.root / "calls").read_text().splitlines()]
