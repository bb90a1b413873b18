#!/bin/sh
# What the guard costs a healthy service, in the lab's image (go run ./fixtures/lab image), paired in one run:
#
#   docs/measure/guard.sh [SITTINGS] [ROUNDS] [REQUESTS]
#
# Three servers of the same uvicorn application run side by side: without the guard, without it once more (the control,
# which shows how far the machine's own noise reaches), and with it. In each round each of them answers so many requests,
# in turn, from a load generator of its own (asyncio, keep-alive, 8 connections). Two processes of the same program differ
# by several per cent for as long as they live (addresses, hash seeds), so each sitting starts all three anew: a sitting's
# figure is the median of its rounds' ratios, and what is printed is the median of the sittings with their range. Then
# memory and import time, with the guard's .pyc and without, the time of `docker stop` and the exit code.
# Needs docker; prints one line a figure.
set -eu
cd "$(dirname "$0")/../.."
sittings=${1:-12}
rounds=${2:-15}
requests=${3:-400}
image=${GUARD_IMAGE:-$(go run ./fixtures/lab image --name)}
folder=$(mktemp -d)
name=guard-measure-$$
trap 'docker rm -f "$name" >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
chmod 755 "$folder"
go run ./cmd/gwdoctor guard >"$folder/gateway_guard.py"

cat >"$folder/plain.py" <<'PY'
import logging
import os

from fastapi import FastAPI

app = FastAPI()
log = logging.getLogger("app")
logging.basicConfig(level=logging.INFO, filename="/tmp/app.log")


@app.get("/")
async def root():
    log.info("one record a request")
    return {"ok": True}


if os.environ.get("OWN"):
    import own  # noqa: F401
PY
# A module of the service's own, of some size: 2,600 lines.
docker run --rm "$image" sh -c 'cat /usr/lib/python3*/argparse.py' >"$folder/own.py"
cat >"$folder/with_guard.py" <<'PY'
import gateway_guard

from plain import app

gateway_guard.install(app)
health = gateway_guard.Health()
app.add_route("/health", health)
PY
cp "$folder/plain.py" "$folder/control.py"
cat >"$folder/measure.py" <<'PY'
import asyncio
import os
import statistics
import subprocess
import sys
import time
import urllib.request

sittings, rounds, requests = map(int, sys.argv[1:])
PORTS = {"plain": 9001, "control": 9002, "with_guard": 9003}


def start(module, port, folder="/srv/guard", **more):
    command = ["uvicorn", module + ":app", "--port", str(port), "--no-access-log", "--log-level", "warning"]
    server = subprocess.Popen(command, env=dict(os.environ, PYTHONPATH=folder, **more), cwd=folder, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            urllib.request.urlopen("http://127.0.0.1:%d/" % port, timeout=5).read()
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit(module + " does not start")


async def connection(port, count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


async def load(port):
    await asyncio.gather(*(connection(port, requests // 8) for _ in range(8)))


def cpu(pid):
    """Seconds of CPU of all threads of a process, to the nanosecond (/proc/PID/stat counts in ticks)."""
    return time.clock_gettime((~pid << 3) | 2)


def anonymous(pid):
    with open("/proc/%d/status" % pid) as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon")) / 1024


def ratios(figures, module):
    return statistics.median(b / a for a, b in zip(figures["plain"], figures[module]))


def sitting():
    """Starts the three servers, loads them in turn; returns them, their times and their CPU seconds, round by round."""
    servers = {module: start(module, PORTS[module]) for module in PORTS}
    for module in PORTS:
        asyncio.run(load(PORTS[module]))  # warm
    walls, cpus = {m: [] for m in PORTS}, {m: [] for m in PORTS}
    for i in range(rounds):
        order = list(PORTS)
        for module in order[i % 3:] + order[:i % 3]:
            before, began = cpu(servers[module].pid), time.perf_counter()
            asyncio.run(load(PORTS[module]))
            walls[module].append(time.perf_counter() - began)
            cpus[module].append(cpu(servers[module].pid) - before)
    return servers, walls, cpus


def show(what, of_sittings):
    """Prints the median of the sittings' ratios, and the range of their middle half."""
    words = []
    for module in ("with_guard", "control"):
        values = of_sittings[module]
        low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
        words.append("%s %.4f (%.4f to %.4f)" % (module, middle, low, high))
    print("%s, to without: %s" % (what, ", ".join(words)))


used, answered = {m: [] for m in PORTS}, {m: [] for m in PORTS}
for number in range(sittings):
    servers, walls, cpus = sitting()
    for module in PORTS:
        used[module].append(ratios(cpus, module))
        answered[module].append(1 / ratios(walls, module))
    if number < sittings - 1:
        for server in servers.values():
            server.terminate()
            server.wait()
print("%d sittings of %d rounds of %d requests; a request takes %.0f us of the server's CPU without the guard" % (
    sittings, rounds, requests, statistics.median(cpus["plain"]) / requests * 1e6))
show("server CPU per request", used)
show("requests/s", answered)
idle = {m: cpu(servers[m].pid) for m in PORTS}
time.sleep(20)
print("CPU while idle, ms a second: without %.2f, with %.2f" % tuple(
    (cpu(servers[m].pid) - idle[m]) / 20 * 1000 for m in ("plain", "with_guard")))
for server in servers.values():
    server.terminate()
print("exit codes after SIGTERM: without %d, with %d" % tuple(servers[m].wait() for m in ("plain", "with_guard")))

subprocess.run("cp -r /srv/guard /tmp/compiled && python3 -m compileall -q /tmp/compiled", shell=True, check=True)


def after_start(module, folder, **more):
    """MiB of a fresh server of its own: the least of five."""
    least = []
    for _ in range(5):
        server = start(module, 9009, folder, **more)
        least.append(anonymous(server.pid))
        server.terminate()
        server.wait()
    return min(least)


def import_time(statement, folder):
    """Milliseconds of CPU, the least of 25: what the machine's other work adds is not the guard's."""
    code = "import time; %s; t = time.process_time(); import gateway_guard; print(time.process_time() - t)" % statement
    command = [sys.executable, "-c", code]
    return min(float(subprocess.run(command, capture_output=True, text=True, cwd=folder).stdout) for _ in range(25)) * 1000


for what, folder in (("with its .pyc", "/tmp/compiled"), ("compiled at each import", "/srv/guard")):
    print("%s: anonymous MiB without %.2f, with %.2f; import ms alone %.1f, after uvicorn %.1f" % (
        what, after_start("plain", folder), after_start("with_guard", folder),
        import_time("pass", folder), import_time("import uvicorn", folder)))
    print("  where the service has 2,600 lines of its own, too: anonymous MiB without %.2f, with %.2f" % (
        after_start("plain", folder, OWN="1"), after_start("with_guard", folder, OWN="1")))
PY
docker run --rm --name "$name" -v "$folder:/srv/guard:ro" "$image" python3 /srv/guard/measure.py "$sittings" "$rounds" "$requests"

for module in plain with_guard plain with_guard plain with_guard plain with_guard plain with_guard; do
	docker run -d --name "$name" -e PYTHONPATH=/srv/guard -v "$folder:/srv/guard:ro" -w /srv/guard "$image" \
		uvicorn "$module:app" --port 9001 >/dev/null
	sleep 3
	began=$(date +%s%N)
	docker stop "$name" >/dev/null
	echo "docker stop of $module: $((($(date +%s%N) - began) / 1000000)) ms, exit code $(docker inspect -f '{{.State.ExitCode}}' "$name")"
	docker rm "$name" >/dev/null
done
