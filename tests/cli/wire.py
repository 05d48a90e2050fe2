"""What stands between the program and PostgreSQL."""
import os
import socket
import threading


class Wire:
    """Stands between the program and PostgreSQL's socket, and can be cut. lose_every: of so many commits one is done, but
    its answer is lost with the connection."""

    COMMIT = b"Q\0\0\0\x0bCOMMIT\0"

    def __init__(self, lose_every=None):
        self.lose_every, self.commits, self.lost = lose_every, 0, 0
        self.lock, self.doomed = threading.Lock(), set()
        self.target = "%s/.s.PGSQL.%s" % (os.environ["PGHOST"], os.environ.get("PGPORT", "5432"))
        self.open_sockets, self.listener = set(), None
        self.port = None

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.port or 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()
        return self

    def accept(self, listener):
        while True:
            try:
                near = listener.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
            self.open_sockets |= {near, far}
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

    def loses(self, data):
        if not self.lose_every or not data.endswith(self.COMMIT):
            return False
        with self.lock:
            self.commits += 1
            self.lost += self.commits % self.lose_every == 0
            return self.commits % self.lose_every == 0

    def pump(self, source, sink):
        try:
            while data := source.recv(65536):
                if source in self.doomed:
                    break  # The server has answered: it is committed.
                if self.loses(data):
                    self.doomed.add(sink)
                sink.sendall(data)
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for s in self.open_sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open_sockets.clear()
