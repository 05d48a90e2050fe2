"""Measures the monitor's status server and the idle monitor; run by status.sh, which sets PGHOST and CTI_BINARY."""
import os
import pathlib
import resource
import socket
import statistics
import sys
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from harness import Database, Lab, cti, start_cti, wait_until  # noqa: E402


class Process:
    def __init__(self, *args, url):
        import re
        import subprocess
        self.process = start_cti("monitor", *args, url=url, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for line in self.process.stderr:
            if found := re.search(rb"status on (http://[\d.:]+)", line):
                self.url = found.group(1).decode()
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.pid = self.process.pid

    def cpu_s(self):
        fields = pathlib.Path("/proc/%d/stat" % self.pid).read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self):
        return int(pathlib.Path("/proc/%d/statm" % self.pid).read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return answer.read().decode()

    def probe(self, count, path="/livez"):
        times = []
        for _ in range(count):
            begun = time.perf_counter()
            self.get(path)
            times.append((time.perf_counter() - begun) * 1000)
        times.sort()
        return "%s: median %.1f ms, p99 %.1f ms, max %.1f ms of %d" % (path, statistics.median(times), times[int(len(times) * 0.99) - 1], times[-1], count)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def hanging():
    db = Database()
    with Lab(sources=200, entries=1) as lab:
        cti("init", "--config", lab.yaml, url=db.url())
        for i in range(200):
            lab.control(source=i, fault="hang")
        monitor = Process("--interval", "5", url=db.url())
        wait_until(lambda: db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") >= 20, what="the hanging round")
        print("200 sources that hang:", monitor.probe(2000))
        print("200 sources that hang:", monitor.probe(500, "/health"), "resident %.0f MB" % monitor.resident_mb())
        print("   health says:", [line.strip() for line in monitor.get("/health").splitlines() if '"status"' in line][0])
        monitor.stop()
    db.drop()


def slow_clients():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    db = Database()
    cti("init", url=db.url())
    monitor = Process("--interval", "60", url=db.url())
    host, port = monitor.url[7:].split(":")
    monitor.probe(200)
    before, peak, stop = monitor.resident_mb(), [0.0], threading.Event()
    heads = [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"GET /" + b"a" * 9000, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"]

    def attack():
        clients = []
        while not stop.is_set():
            alive = []
            for client, number in clients:
                try:
                    if number % 4:
                        client.send(b"a" * (1 + number % 3))
                    alive.append((client, number))
                except OSError:
                    client.close()
            clients = alive
            while len(clients) < 1000 and not stop.is_set():
                client = socket.create_connection((host, int(port)))
                client.setblocking(False)
                number = len(clients)
                client.send(heads[number % 4])
                clients.append((client, number))
            peak[0] = max(peak[0], monitor.resident_mb())

    thread = threading.Thread(target=attack)
    thread.start()
    wait_until(lambda: any(float(line.split()[1]) > 900 for line in monitor.get("/metrics").splitlines() if line.startswith("cti_status_connections ")), what="the clients")
    print("1,000 slow, half-open and endless clients:", monitor.probe(2000))
    stop.set()
    thread.join()
    print("   memory %.1f MB before, %.1f MB at most" % (before, peak[0]))
    monitor.stop()
    db.drop()


def idle(seconds):
    db = Database()
    with Lab(sources=1, entries=1) as lab:
        cti("init", "--config", lab.yaml, url=db.url())
        db.execute("INSERT INTO public.sources (identifier, name, url, rss_url, check_frequency, active, last_check, last_success) SELECT 'idle' || n, 'Idle ' || n, "
                   "'https://idle.example/' || n, 'https://idle.example/feed', 86400, true, now(), now() FROM generate_series(1, 500) n")
        db.execute("UPDATE public.sources SET last_check = now()")
        monitor = Process("--schedule", "due", url=db.url())
        wait_until(lambda: "Idle 500" in monitor.get("/"), what="the first snapshot")
        before = monitor.cpu_s()
        threading.Event().wait(seconds)  # the time that is measured
        print("500 sources, nothing due, %d s: %.2f %% of a core, resident %.0f MB" % (seconds, 100 * (monitor.cpu_s() - before) / seconds, monitor.resident_mb()))
        monitor.stop()
    db.drop()


if __name__ == "__main__":
    hanging()
    slow_clients()
    idle(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
