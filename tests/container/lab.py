"""feedlab as a service of Compose: it answers on every address, and its feeds name it http://lab:8765.

    lab.py serve | sources | truth      six blogs with ten entries each, the newest of this hour
"""
import asyncio
import datetime
import sys

import feedlab

PORT = 8765
listen = asyncio.BaseEventLoop.create_server

feedlab.Lab.base = lambda _lab, _source: "http://lab:%d" % PORT
asyncio.BaseEventLoop.create_server = lambda loop, made, _host, port, **more: listen(loop, made, "0.0.0.0", port, **more)

if __name__ == "__main__":
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:00:00Z")
    sys.argv[2:2] = ["--sources", "6", "--entries", "10", "--port", str(PORT), "--now", now]
    feedlab.main()
