#!/bin/sh
# What looking in costs the service that is looked into (as root):
#
#	docs/measure/inside.sh [ROUNDS] [SECONDS]
#
# Three equal patients run side by side: HTTP servers of asyncio with 200 tasks and four threads that compute a little.
# In each round `gwdoctor inside --pid` looks once a second into one of them, in turn, or (each fourth round) into none,
# and in each tick each is asked once, one after the other, in turn. So what the machine and gwdoctor's own processor
# time do befalls all three alike; what is left between the one that is looked into and the two others of the same round
# is the looks'. The two others against each other are the control: how far noise alone reaches. Figures are medians of
# the rounds' ratios of p50, p99 and of the longest answer, with the middle half of them in brackets; the lines that
# begin with "result" give the 95 % intervals of these medians (of 4,000 draws of the rounds), and say whether the one
# of the looks holds 1 and overlaps the control's. 40 rounds of 6 s take about 5 minutes.
# Then the time that a look of each tool takes, and who stops the patient: austin and py-spy where they are installed.
set -eu
cd "$(dirname "$0")/../.."
rounds=${1:-40}
seconds=${2:-6}
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/*.pid) 2>/dev/null || true; rm -rf "$folder"' EXIT
go build -o "$folder/gwdoctor" ./cmd/gwdoctor

cat >"$folder/patient.py" <<'PY'
import asyncio
import os
import sys
import threading
import time


async def waits():
    await asyncio.sleep(1e6)


def computes():
    while True:
        sum(range(1000))
        time.sleep(0.01)


async def answer(reader, writer):
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            sum(range(2000))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def main():
    held = [asyncio.ensure_future(waits()) for _ in range(200)]
    for _ in range(4):
        threading.Thread(target=computes, daemon=True).start()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    with open(sys.argv[1] + ".port", "w") as file:
        file.write("%d\n" % server.sockets[0].getsockname()[1])
    with open(sys.argv[1] + ".pid", "w") as file:
        file.write("%d\n" % os.getpid())
    await asyncio.gather(*held)

asyncio.run(main())
PY

cat >"$folder/measure.py" <<'PY'
import os
import random
import socket
import statistics
import subprocess
import sys
import time

folder, rounds, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
NAMES = ["a", "b", "c"]
PAUSE = 0.003
WHAT = {"p50": 0.5, "p99": 0.99, "longest": 1.0}


def text(name):
    with open(os.path.join(folder, name)) as file:
        return file.read().strip()


pids = {n: text(n + ".pid") for n in NAMES}
sockets = {n: socket.create_connection(("127.0.0.1", int(text(n + ".port")))) for n in NAMES}
for s in sockets.values():
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def ask(name):
    began = time.perf_counter()
    sockets[name].sendall(b"GET / HTTP/1.1\r\n\r\n")
    answer = b""
    while not answer.endswith(b"ok"):
        answer += sockets[name].recv(4096)
    return time.perf_counter() - began


def play(looked):
    """The times of one round by patient; looked is the one that gwdoctor looks into."""
    times, looker, tick = {n: [] for n in NAMES}, None, 0
    end, due = time.monotonic() + seconds, time.monotonic() + 0.5
    while time.monotonic() < end:
        if looked and time.monotonic() >= due and (looker is None or looker.poll() is not None):
            due += 1
            looker = subprocess.Popen([folder + "/gwdoctor", "inside", "--pid", pids[looked], "--format", "json"],
                                      stdout=subprocess.DEVNULL)
        for i in range(3):
            name = NAMES[(tick + i) % 3]
            times[name].append(ask(name))
        tick += 1
        time.sleep(PAUSE)
    if looker:
        looker.wait()
    return {n: sorted(t) for n, t in times.items()}


def at(times, share):
    return times[min(len(times) - 1, int(share * len(times)))]


def said(ratios):
    quarters = statistics.quantiles(ratios, n=4)
    return "%.3f (%.3f to %.3f)" % (quarters[1], quarters[0], quarters[2])


def interval(ratios):
    """Between which values the median lies, by 4,000 draws of the rounds, with 95 % confidence."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(4000))
    return medians[100], medians[3899]


def result(what, mine, control):
    (a, b), (c, d) = interval(mine), interval(control)
    told = "not told apart from none" if a <= 1 <= b and a <= d and c <= b else "DIFFERENT"
    print("result %s: looked into %.3f (95 %%: %.3f to %.3f), control %.3f (95 %%: %.3f to %.3f): %s" % (
        what, statistics.median(mine), a, b, statistics.median(control), c, d, told))


play(None)  # warm
looks = {w: ([], [], []) for w in WHAT}  # looked to others; the others to each other; looked, of it more than both
plain = {w: [] for w in WHAT}
busy = {w: [] for w in WHAT}
for i in range(rounds):
    looked = (NAMES + [None])[i % 4]
    times = play(looked)
    for what, share in WHAT.items():
        if looked is None:
            plain[what] += [at(times[n], share) for n in NAMES]
            continue
        one, two = [at(times[n], share) for n in NAMES if n != looked][::1 if i % 8 < 4 else -1]
        mine = at(times[looked], share)
        looks[what][0].append(mine / ((one + two) / 2))
        looks[what][1].append(one / two)
        looks[what][2].append(mine > max(one, two))
        busy[what] += [one, two]
print("%d rounds of %g s, about %.0f requests of each patient a round, Python %s" % (
    rounds, seconds, seconds / (PAUSE + 0.001), sys.version.split()[0]))
for what in WHAT:
    mine, control, worst = looks[what]
    print("%s: looked into, to the two others of the round: %s; these to each other: %s; the longest of the three in "
          "%d of %d rounds (by chance %.0f)" % (what, said(mine), said(control), sum(worst), len(worst), len(worst) / 3))
    print("  nobody looked: median %.2f ms; not looked into, while another was: %.2f ms" % (
        statistics.median(plain[what]) * 1000, statistics.median(busy[what]) * 1000))
for what in WHAT:
    result(what, looks[what][0], looks[what][1])
PY
for name in a b c; do
	"$python" "$folder/patient.py" "$folder/$name" &
done
for name in a b c; do
	until [ -s "$folder/$name.pid" ]; do sleep 0.1; done
done
"$python" "$folder/measure.py" "$folder" "$rounds" "$seconds"

pid=$(cat "$folder/a.pid")
time_of() { # of 20 runs the least, in ms; then how often strace sees the patient stopped
	"$python" - "$@" <<'PY'
import subprocess
import sys
import time

least = 1e9
for _ in range(20):
    began = time.perf_counter()
    subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    least = min(least, time.perf_counter() - began)
print("%.0f ms: %s" % (least * 1000, " ".join(sys.argv[1:]).rpartition("/")[2]))
PY
	if command -v strace >/dev/null; then
		strace -f -qq -e trace=ptrace,kill,tkill,tgkill -o "$folder/calls" "$@" >/dev/null 2>&1 || true
		echo "  calls of ptrace: $(grep -c ' ptrace(' "$folder/calls" || true), signals to the patient: $(
			grep -cE " t?g?kill\($pid, .*SIG" "$folder/calls" || true)"
	fi
}
time_of "$folder/gwdoctor" inside --pid "$pid" --format json
if command -v austin >/dev/null; then time_of austin -w "$pid"; fi
if command -v py-spy >/dev/null; then time_of py-spy dump --pid "$pid"; fi
