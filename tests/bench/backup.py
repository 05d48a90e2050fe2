"""For backup.sh, which calls it: what it measures, and the table that it prints.

usage: backup.py FOLDER
"""
import contextlib
import os
import pathlib
import subprocess
import sys
import time

from s3_server import ACCESS, REGION, SECRET, S3Server

MAX_MB = 64
BINARY = os.environ["CTI_BINARY"]


class Ends(contextlib.ExitStack):
    addCleanup = contextlib.ExitStack.callback


def peak_mb(pid):
    """Of the process alone: wait4 would add what it waited for."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/%d/status" % pid).read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0


def run(argv, env):
    begun, peak = time.monotonic(), 0
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **env})
    while process.poll() is None:
        peak = max(peak, peak_mb(process.pid))
        time.sleep(0.01)
    err = process.stderr.read().decode()
    process.stderr.close()
    if process.returncode:
        sys.exit("%s: exit %d\n%s" % (" ".join(map(str, argv)), process.returncode, err))
    return time.monotonic() - begun, peak


def main():
    folder = pathlib.Path(sys.argv[1])
    size = int(subprocess.run(["psql", "-qXAtc", "SELECT pg_database_size(current_database()) >> 20"], capture_output=True, check=True).stdout)
    print("== a database of %d MB                          wall s   ratio      MB" % size)
    least, worst = None, 0

    def measure(name, argv, env):
        nonlocal least, worst
        wall, peak = run(argv, env)
        least = least or wall
        of_cti = argv[0] == BINARY
        worst = max(worst, peak if of_cti else 0)
        print("%-46s %7.1f  x%5.2f %7s" % (name, wall, wall / least, "%.0f" % peak if of_cti else ""), flush=True)

    def cti(place, env, *args, name=None):
        measure("cti %s, %s" % (name or " ".join(args), place), [BINARY, "-q", *args], env)

    with Ends() as ends:
        measure("pg_dump -Fc", ["pg_dump", "-Fc", "-f", str(folder / "plain.dump"), "bench"], {})
        server = S3Server(ends)
        bucket = {"CTI_BACKUP_DIR": "s3://backups/b", "CTI_S3_ENDPOINT": server.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
        local = {"CTI_BACKUP_DIR": str(folder / "backups")}
        for form in (["custom"], ["directory", "--compress", "none", "--jobs", "2"], ["sql", "--compress", "zstd"]):
            label = "of_" + form[0]
            cti("folder", local, "backup", "create", "--format", *form, "--label", label, name="backup create --format " + form[0])
            for more in ([], ["--decode"], ["--restore"]):
                cti("folder", local, "backup", "verify", label, *more)
            subprocess.run(["createdb", label], check=True)
            cti("folder", {**local, "PGDATABASE": label}, "restore", label)
            subprocess.run(["dropdb", label], check=True)
        cti("bucket", bucket, "backup", "create", "--compress", "none", "--label", "far", name="backup create --compress none")
        cti("bucket", bucket, "backup", "verify", "far", "--decode")
        subprocess.run(["createdb", "far"], check=True)
        cti("bucket", {**bucket, "PGDATABASE": "far"}, "restore", "far")
    print("most memory of cti itself: %.0f MB" % worst)
    return 0 if worst <= MAX_MB else 1


sys.exit(main())
