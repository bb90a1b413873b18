#!/bin/sh
# What the guard costs a healthy service, in the lab's image (go run ./fixtures/lab image), paired in one run:
#
#   docs/measure/guard.sh [ROUNDS] [SECONDS]
#
# Each round measures requests per second of the same uvicorn application without the guard and with it, alternating which
# comes first, with a load generator of its own (asyncio, keep-alive, 8 connections). Then import time, resident memory,
# the time of `docker stop` and the exit code. Needs docker; prints one line a figure.
set -eu
cd "$(dirname "$0")/../.."
rounds=${1:-7}
seconds=${2:-5}
image=${GUARD_IMAGE:-$(go run ./fixtures/lab image --name)}
folder=$(mktemp -d)
name=gwguard-measure-$$
trap 'docker rm -f "$name" >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
chmod 755 "$folder"
go run ./cmd/gwdoctor guard >"$folder/gateway_guard.py"

cat >"$folder/plain.py" <<'PY'
import logging

from fastapi import FastAPI

app = FastAPI()
log = logging.getLogger("app")
logging.basicConfig(level=logging.INFO, filename="/tmp/app.log")


@app.get("/")
async def root():
    log.info("one record a request")
    return {"ok": True}
PY
cat >"$folder/with_guard.py" <<'PY'
import gateway_guard

from plain import app

gateway_guard.install(app)
health = gateway_guard.Health()
app.add_route("/health", health)
PY
cat >"$folder/measure.py" <<'PY'
"""Paired rounds of load on two servers that run side by side, one at a time; both idle costs stay in."""
import asyncio
import os
import statistics
import subprocess
import sys
import time
import urllib.request

rounds, seconds = int(sys.argv[1]), float(sys.argv[2])
PORTS = {"plain": 9001, "with_guard": 9002}


def start(module):
    command = ["uvicorn", module + ":app", "--port", str(PORTS[module]), "--no-access-log", "--log-level", "warning"]
    server = subprocess.Popen(command, env=dict(os.environ, PYTHONPATH="/srv/guard"), cwd="/srv/guard", stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            urllib.request.urlopen("http://127.0.0.1:%d/" % PORTS[module], timeout=1).read()
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit(module + " does not start")


async def connection(port, until):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = 0
    while time.perf_counter() < until:
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        done += 1
    writer.close()
    return done


async def load(port):
    began = time.perf_counter()
    done = await asyncio.gather(*(connection(port, began + seconds) for _ in range(8)))
    return sum(done) / (time.perf_counter() - began)


def resident(pid):
    with open("/proc/%d/statm" % pid) as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def cpu(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


servers = {module: start(module) for module in PORTS}
for module in PORTS:
    asyncio.run(load(PORTS[module]))  # warm
rates, per_request = {m: [] for m in PORTS}, {m: [] for m in PORTS}
for i in range(rounds):
    for module in sorted(PORTS, reverse=bool(i % 2)):
        before = cpu(servers[module].pid)
        rate = asyncio.run(load(PORTS[module]))
        rates[module].append(rate)
        per_request[module].append((cpu(servers[module].pid) - before) / (rate * seconds) * 1e6)
ratios = [b / a for a, b in zip(rates["plain"], rates["with_guard"])]
costs = [b / a for a, b in zip(per_request["plain"], per_request["with_guard"])]
print("requests/s without %.0f, with %.0f (medians of %d rounds of %g s)" % (
    statistics.median(rates["plain"]), statistics.median(rates["with_guard"]), rounds, seconds))
print("requests/s with / without: median %.4f, from %.4f to %.4f" % (statistics.median(ratios), min(ratios), max(ratios)))
print("server CPU per request with / without: median %.4f, from %.4f to %.4f" % (statistics.median(costs), min(costs), max(costs)))
print("resident MiB without %.1f, with %.1f" % tuple(resident(servers[m].pid) for m in ("plain", "with_guard")))
idle = {m: cpu(servers[m].pid) for m in PORTS}
time.sleep(10)
print("CPU while idle, ms a second: without %.2f, with %.2f" % tuple(
    (cpu(servers[m].pid) - idle[m]) * 100 for m in ("plain", "with_guard")))
for server in servers.values():
    server.terminate()
print("exit codes after SIGTERM: without %d, with %d" % tuple(servers[m].wait() for m in ("plain", "with_guard")))


def import_time(statement):
    code = "import time; t = time.perf_counter(); %s; print(time.perf_counter() - t)" % statement
    times = []
    for _ in range(15):
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/srv/guard").stdout
        times.append(float(out) * 1000)
    return statistics.median(times)


print("import ms: alone %.1f, after what uvicorn has imported anyway %.1f" % (
    import_time("import gateway_guard"), import_time("import uvicorn; t = time.perf_counter(); import gateway_guard")))
PY
docker run --rm --name "$name" -v "$folder:/srv/guard:ro" "$image" python3 /srv/guard/measure.py "$rounds" "$seconds"

for module in plain with_guard; do
	docker run -d --name "$name" -e PYTHONPATH=/srv/guard -v "$folder:/srv/guard:ro" -w /srv/guard "$image" \
		uvicorn "$module:app" --port 9001 >/dev/null
	sleep 3
	began=$(date +%s%N)
	docker stop "$name" >/dev/null
	echo "docker stop of $module: $((($(date +%s%N) - began) / 1000000)) ms, exit code $(docker inspect -f '{{.State.ExitCode}}' "$name")"
	docker rm "$name" >/dev/null
done
