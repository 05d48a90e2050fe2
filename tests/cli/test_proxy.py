"""The proxy: nginx with the configuration that Compose mounts, before a server of our own."""
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import unittest

from deploy_files import read
from harness import Case, ROOT, free_port, wait_until
from test_profiles import NGINX


class Upstream(http.server.BaseHTTPRequestHandler):
    """Stands for a monitor: tells what it was asked, and with which headers."""
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.server.asked.append((self.command, self.path))
        body = json.dumps({"path": self.path, "headers": dict(self.headers.items())}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Frame-Options", "SAMEORIGIN")  # the monitor's own
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


@unittest.skipUnless(NGINX and shutil.which("openssl"), "there is no nginx or openssl here")
class Proxy(Case):
    @classmethod
    def setUpClass(cls):
        cls.upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        cls.upstream.asked = []
        threading.Thread(target=cls.upstream.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.upstream.server_close)
        cls.addClassCleanup(cls.upstream.shutdown)
        folder = tempfile.TemporaryDirectory(prefix="cti-nginx.")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", cls.root / "key.pem", "-out", cls.root / "certificate.pem"], check=True, capture_output=True)
        cls.https, cls.plain, cls.own = free_port(), free_port(), free_port()
        text = read("deploy/nginx/nginx.conf")
        # Nothing else of it is changed: places, ports, the upstream's name, and who runs it.
        for old, new in (("/tmp/", "%s/" % cls.root), ("/run/secrets/tls_certificate", cls.root / "certificate.pem"), ("/run/secrets/tls_key", cls.root / "key.pem"),
                         ("server monitor:8080", "server 127.0.0.1:%d" % cls.upstream.server_port), ("listen 8443", "listen 127.0.0.1:%d" % cls.https),
                         ("listen 8080", "listen 127.0.0.1:%d" % cls.plain), ("127.0.0.1:8081", "127.0.0.1:%d" % cls.own), ("worker_processes auto", "worker_processes 1")):
            assert str(old) in text, old
            text = text.replace(str(old), str(new))
        (cls.root / "nginx.conf").write_text(("user root root;\n" if os.geteuid() == 0 else "") + text)
        shutil.copy(ROOT / "deploy/nginx/proxied.conf", cls.root / "proxied.conf")
        command = [NGINX, "-p", cls.root, "-c", cls.root / "nginx.conf", "-e", "stderr"]
        done = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(done.stderr)
        cls.checked = done.stderr
        cls.nginx = subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.PIPE, start_new_session=True)
        cls.addClassCleanup(cls.end)
        wait_until(lambda: cls.answers(), what="nginx")

    @classmethod
    def end(cls):
        os.killpg(cls.nginx.pid, signal.SIGTERM)
        cls.nginx.communicate(timeout=30)

    @classmethod
    def answers(cls):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", cls.own, timeout=5)
            connection.request("GET", "/")
            return connection.getresponse().status == 204
        except OSError:
            return False

    def ask(self, method, path, **headers):
        context = ssl.create_default_context(cafile=self.root / "certificate.pem")
        connection = http.client.HTTPSConnection("localhost", self.https, timeout=20, context=context)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def ask_once_more(self, *words, **headers):
        """429 means: too many in this second, by other tests too."""
        answers = []
        wait_until(lambda: answers.append(self.ask(*words, **headers)) or answers[-1][0] != 429, what="an answer")
        return answers[-1]

    def test_nginx_takes_the_configuration_without_a_warning(self):
        self.assertIn("test is successful", self.checked)
        self.assertNotIn("[warn]", self.checked.replace('the "user" directive', ""))

    def test_the_page_and_two_more_are_forwarded_and_nothing_else(self):
        for path in ("/", "/?state=failing", "/style.css", "/health", "/metrics"):
            status, _, body = self.ask_once_more("GET", path)
            self.assertEqual((status, json.loads(body)["path"]), (200, path))
        asked = len(self.upstream.asked)
        for path in ("/api/sources", "/jobs/", "/jobs/1", "/livez", "/health/", "/metrics/x", "/../etc/passwd", "/%2e%2e/health2", "//jobs/", "/Health"):
            self.assertIn(self.ask_once_more("GET", path)[0], (400, 404), path)
        for method in ("POST", "DELETE", "PUT", "OPTIONS"):
            self.assertIn(self.ask_once_more(method, "/health")[0], (403, 405), method)
        self.assertEqual(len(self.upstream.asked), asked)
        self.assertEqual(self.ask_once_more("HEAD", "/health")[0], 200)

    def test_every_answer_has_the_headers_once(self):
        for path, frame in (("/health", "SAMEORIGIN"), ("/nothing", "DENY")):
            _, headers, _ = self.ask_once_more("GET", path)
            self.assertEqual(headers.get_all("X-Frame-Options"), [frame])
            for name, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
                                ("Strict-Transport-Security", "max-age=31536000")):
                self.assertEqual(headers.get_all(name), [value], path)
            self.assertEqual(len(headers.get_all("Content-Security-Policy")), 1)
            self.assertEqual(headers["Server"], "nginx")  # without its version

    def test_no_secret_of_the_browser_reaches_the_monitor(self):
        _, _, body = self.ask_once_more("GET", "/health", Cookie="session=1", Authorization="Bearer x")
        seen = {k.lower() for k in json.loads(body)["headers"]}
        self.assertFalse(seen & {"cookie", "authorization"})

    def test_plain_http_leads_to_tls_and_old_tls_is_refused(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=20)
        connection.request("GET", "/health", headers={"Host": "cti.example.org"})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers["Location"]), (308, "https://cti.example.org/health"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
        except ValueError:
            self.skipTest("this Python has no TLS 1.1")
        with self.assertRaises(ssl.SSLError):
            http.client.HTTPSConnection("localhost", self.https, timeout=20, context=context).request("GET", "/")

    def test_too_many_requests_are_told_so(self):
        codes = []
        for _ in range(200):  # 20 at once and 10 a second: on any machine some of so many are refused
            codes.append(self.ask("GET", "/health")[0])
            if 429 in codes and codes.count(200):
                break
        self.assertIn(429, codes)
        self.assertEqual(set(codes) - {429}, {200})
