# The own port answers 200 while the loop turns, and 503 with the line while it is blocked.
# stdout: 200 healthy
# stdout: 503 unhealthy the event loop has not answered in
# stdout: s; it is at
# stdout: block
import asyncio
import json
import socket
import threading
import time
import urllib.error
import urllib.request

import gateway_guard

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
health = gateway_guard.Health(limit=0.5)


def get():
    try:
        answer = urllib.request.urlopen("http://127.0.0.1:%d/health" % port, timeout=5)
    except urllib.error.HTTPError as error:
        answer = error
    body = json.loads(answer.read())
    print(answer.getcode(), body["status"], body.get("reason", ""), flush=True)


def block():
    time.sleep(1.5)


async def main():
    assert health.serve(port, "127.0.0.1")
    await asyncio.get_running_loop().run_in_executor(None, get)
    thread = threading.Thread(target=get)
    thread.start()
    block()
    await asyncio.sleep(0.1)
    thread.join()


asyncio.run(main())
