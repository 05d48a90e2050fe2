"""An S3 server that believes no signature it has not computed itself (AWS signature version 4), and fails as it is told."""
import base64
import contextlib
import datetime
import hashlib
import hmac
import http.server
import re
import socket
import struct
import threading
import urllib.parse
from xml.sax.saxutils import escape

ACCESS, SECRET, REGION = "AKIDEXAMPLE", "s3cr3t+key/of=tests", "eu-test-1"
MAX_SKEW_S = 900


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


def quote(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-._~")


class Fault(Exception):
    def __init__(self, status, code, message="no", **more):
        super().__init__(code)
        self.status, self.code, self.message, self.more = status, code, message, more


class S3Server:
    """objects: {key: (bytes, etag, time)} of one bucket. `faults` is asked of each request: a list of (matches, what); what is "cut" (the connection is reset), "drop"
    (done, but the answer is lost), (status, code), or a function of the handler, and counts once."""

    def __init__(self, test, bucket="backups", token="", host_style=False):
        self.bucket, self.token, self.host_style = bucket, token, host_style
        self.objects, self.uploads, self.faults, self.log = {}, {}, [], []
        self.skew, self.age = datetime.timedelta(0), datetime.timedelta(0)
        self.part_floor, self.page, self.etag_of = 5 << 20, 1000, lambda md5: md5
        self.on_request = None
        self.lock = threading.RLock()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.http.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        test.addCleanup(self.stop)

    def stop(self):
        self.http.shutdown()
        self.http.server_close()

    def fail(self, pattern, what, times=1):
        """pattern: of "METHOD /path?query"."""
        self.faults += [(re.compile(pattern), what)] * times

    def take_fault(self, line):
        with self.lock:
            for i, (pattern, what) in enumerate(self.faults):
                if pattern.search(line):
                    del self.faults[i]
                    return what
        return None

    def names(self, ending="/manifest.json"):
        return sorted(key for key in self.objects if key.endswith(ending))

    # What each request does.
    def put(self, key, query, body, headers):
        md5 = hashlib.md5(body)
        if headers.get("Content-MD5") and headers["Content-MD5"] != base64.b64encode(md5.digest()).decode():
            raise Fault(400, "BadDigest")
        etag = self.etag_of(md5.hexdigest())
        with self.lock:
            if "uploadId" in query:
                if query["uploadId"] not in self.uploads:
                    raise Fault(404, "NoSuchUpload")
                self.uploads[query["uploadId"]][2][int(query["partNumber"])] = (body, etag, md5.digest())
            else:
                self.objects[key] = (body, etag, utc_now() - self.age)
        return 200, b"", {"ETag": '"%s"' % etag}

    def get(self, key, headers):
        if key not in self.objects:
            raise Fault(404, "NoSuchKey")
        body, etag, _ = self.objects[key]
        if headers.get("If-Match", '"%s"' % etag) != '"%s"' % etag:
            raise Fault(412, "PreconditionFailed")
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d+)", headers.get("Range", "")):
            return 206, body[int(wanted[1]):int(wanted[2]) + 1], {"ETag": '"%s"' % etag}
        return 200, body, {"ETag": '"%s"' % etag}

    @staticmethod
    def token_of(key):
        return "+/" + base64.b64encode(key.encode()).decode()  # as S3's own are, never a key

    @staticmethod
    def page_begins(query):
        token = query.get("continuation-token", "")
        return base64.b64decode(token[2:]).decode() if token else query.get("start-after", "")

    def list(self, query):
        with self.lock:
            keys = sorted(k for k in self.objects if k.startswith(query.get("prefix", "")) and k > self.page_begins(query))
            page = keys[:self.page]
            more = "<IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>" % self.token_of(page[-1]) if len(keys) > len(page) else "<IsTruncated>false</IsTruncated>"
            entries = "".join("<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>&quot;%s&quot;</ETag><Size>%d</Size><Owner><ID>x</ID></Owner></Contents>" %
                              (escape(k), self.objects[k][2].strftime("%Y-%m-%dT%H:%M:%S.000Z"), self.objects[k][1], len(self.objects[k][0])) for k in page)
        return 200, ('<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">%s%s</ListBucketResult>' % (more, entries)).encode(), {}

    def list_uploads(self, query):
        with self.lock:
            entries = "".join("<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>" % (escape(key), name, begun.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
                              for name, (key, begun, _) in sorted(self.uploads.items()) if key.startswith(query.get("prefix", "")))
        return 200, ("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>%s</ListMultipartUploadsResult>" % entries).encode(), {}

    def begin(self, key):
        with self.lock:
            name = "up~load/%d==" % (len(self.log) + len(self.uploads))
            self.uploads[name] = (key, utc_now() - self.age, {})
        return 200, ("<InitiateMultipartUploadResult><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>" % (escape(key), name)).encode(), {}

    def complete(self, key, query, body):
        with self.lock:
            if query["uploadId"] not in self.uploads:
                raise Fault(404, "NoSuchUpload")
            parts = self.uploads[query["uploadId"]][2]
            named = re.findall(r'<PartNumber>(\d+)</PartNumber><ETag>"([^"]*)"</ETag>', body.decode())
            if [(int(n), e) for n, e in named] != [(n, parts[n][1]) for n in sorted(parts)] or any(len(parts[n][0]) < self.part_floor for n in sorted(parts)[:-1]):
                raise Fault(400, "InvalidPart")
            etag = self.etag_of("%s-%d" % (hashlib.md5(b"".join(parts[n][2] for n in sorted(parts))).hexdigest(), len(parts)))
            self.objects[key] = (b"".join(parts[n][0] for n in sorted(parts)), etag, utc_now() - self.age)
            del self.uploads[query["uploadId"]]
        return 200, ('<?xml version="1.0"?><CompleteMultipartUploadResult><ETag>"%s"</ETag></CompleteMultipartUploadResult>' % etag).encode(), {}

    def delete(self, key, query):
        with self.lock:
            if "uploadId" in query:
                if not self.uploads.pop(query["uploadId"], None):
                    raise Fault(404, "NoSuchUpload")
            else:
                self.objects.pop(key, None)
        return 204, b"", {}

    def answer(self, method, key, query, headers, body):
        if not key:
            if method == "GET" and "uploads" in query:
                return self.list_uploads(query)
            if method == "GET" and query.get("list-type") == "2":
                return self.list(query)
        elif method == "PUT":
            return self.put(key, query, body, headers)
        elif method == "GET":
            return self.get(key, headers)
        elif method == "DELETE":
            return self.delete(key, query)
        elif method == "POST" and "uploads" in query:
            return self.begin(key)
        elif method == "POST" and "uploadId" in query:
            return self.complete(key, query, body)
        raise Fault(501, "NotImplemented")

    # https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    def require_signature(self, method, path, query, headers, body):
        said = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
                            headers.get("Authorization", ""))
        if not said:
            raise Fault(403, "AccessDenied", "no signature")
        access, day, region, names, signature = said.groups()
        if region != REGION:
            raise Fault(400, "AuthorizationHeaderMalformed", "the region is wrong", Region=REGION)
        if access != ACCESS:
            raise Fault(403, "InvalidAccessKeyId")
        names = names.split(";")
        date = headers.get("x-amz-date", "")
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names) or names != sorted(names):
            raise Fault(403, "SignatureDoesNotMatch", "not signed: a header that has to be")
        if self.token and (headers.get("x-amz-security-token") != self.token or "x-amz-security-token" not in names):
            raise Fault(403, "InvalidToken", "what came was %s" % headers.get("x-amz-security-token"))
        moment = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs((utc_now() + self.skew - moment).total_seconds()) > MAX_SKEW_S:
            raise Fault(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
        if headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            raise Fault(400, "XAmzContentSHA256Mismatch")
        pairs = sorted((quote(k), quote(v)) for k, v in urllib.parse.parse_qsl(query, keep_blank_values=True))
        canonical = "\n".join([method, quote(urllib.parse.unquote(path), safe="/"), "&".join("%s=%s" % p for p in pairs),
                               *("%s:%s" % (n, " ".join(headers.get(n, "").split())) for n in names), "", ";".join(names), headers["x-amz-content-sha256"]])
        scope = "%s/%s/s3/aws4_request" % (day, region)
        text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = b"AWS4" + SECRET.encode()
        for part in (day, region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), signature):
            raise Fault(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")

    def key_of(self, path, host):
        path = urllib.parse.unquote(path)
        if self.host_style:
            if not host.startswith(self.bucket + "."):
                raise Fault(404, "NoSuchBucket")
            return path[1:]
        bucket, _, key = path[1:].partition("/")
        if bucket != self.bucket:
            raise Fault(404, "NoSuchBucket")
        return key

    def handler(server):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def cut(self):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
                raise ConnectionResetError

            def send(self, status, body, headers):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def serve(self):
                path, _, query = self.path.partition("?")
                line = "%s %s" % (self.command, self.path)
                size = int(self.headers.get("Content-Length") or 0)
                fault = server.take_fault(line)
                if fault == "cut":
                    self.rfile.read(size // 2)
                    self.cut()
                body = self.rfile.read(size)
                server.log.append(line)
                if server.on_request:
                    server.on_request(line)
                try:
                    server.require_signature(self.command, path, query, self.headers, body)
                    if isinstance(fault, tuple):
                        raise Fault(*fault)
                    key = server.key_of(path, self.headers["Host"])
                    status, answer, headers = server.answer(self.command, key, dict(urllib.parse.parse_qsl(query, keep_blank_values=True)), self.headers, body)
                    if callable(fault):
                        status, answer, headers = fault(status, answer, headers)
                except Fault as said:
                    more = "".join("<%s>%s</%s>" % (n, v, n) for n, v in said.more.items())
                    status, headers = said.status, {"Content-Type": "application/xml"}
                    answer = ('<?xml version="1.0"?>\n<Error><Code>%s</Code><Message>%s</Message>%s</Error>' % (said.code, escape(said.message), more)).encode()
                if fault == "drop":
                    self.cut()
                if fault == "half":
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer[:len(answer) // 2])
                    self.wfile.flush()
                    self.cut()
                self.send(status, answer, headers)

            def handle_one_request(self):
                with contextlib.suppress(ConnectionError, ValueError, OSError):
                    return super().handle_one_request()
                self.close_connection = True

            do_GET = do_PUT = do_POST = do_DELETE = serve

        return Handler
