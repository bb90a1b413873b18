package inside

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Stalled are requests that wait at one line of the program, without a time limit, for what only the program itself can
// give: a lock, an event, an entry of a queue, the result of a future.
type Stalled struct {
	Place  evidence.Frame
	What   string // "Event.wait", "a lock"
	Count  int
	For    float64 // seconds at least
	Frames []evidence.Frame
	Same   bool // three or more of them stood there at both looks
}

// future is what a request waits for that awaits a future by itself.
const future = "a future"

// aSecond is what looks a second apart may be apart by their own clock.
const aSecond = 0.95

// Lasts tells whether they wait for longer than a busy moment. Of a future of each one's own that takes longer to tell,
// or the same ones at both looks: who gathers requests into batches answers so.
func (r Stalled) Lasts() bool {
	return r.For >= LongStand || r.For >= aSecond && (r.What != future || r.Same)
}

// servers are parts of paths of what calls the program for each request.
var servers = []string{"/starlette/routing.py", "/fastapi/routing.py", "/uvicorn/protocols/http/",
	"/hypercorn/app_wrappers",
	"/aiohttp/web_", "/tornado/web.py", "/quart/app.py", "/sanic/app.py", "/django/core/handlers/", "/flask/app.py",
	"/gunicorn/workers/", "/socketserver.py", "/werkzeug/serving.py", "/waitress/", "/cheroot/", "/bottle.py",
	"/anyio/_backends/_asyncio.py"}

// longLived are parts of paths of answers that are meant to take long.
var longLived = []string{"websocket", "/web_ws.py", "sse_starlette", "/starlette/responses.py", "/lifespan"}

// serves tells whether a stack is that of a request that is to be answered soon.
func serves(frames []evidence.Frame) bool {
	has := func(parts []string) bool {
		return slices.ContainsFunc(frames, func(f evidence.Frame) bool {
			return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(f.File, part) })
		})
	}
	return has(servers) && !has(longLived)
}

// waitsWithin are the files of the standard library in which one waits for others of the same process.
var waitsWithin = []string{"/asyncio/locks.py", "/asyncio/queues.py", "/threading.py", "/queue.py"}

// waitsInside returns what a stack waits for that only the same process can give, and the program's own line that does;
// nil = for something else, or through somebody else's code.
func waitsInside(frames []evidence.Frame) (what string, place *evidence.Frame) {
	for i, f := range frames {
		switch {
		case Own(f):
			return what, &frames[i]
		case !slices.ContainsFunc(waitsWithin, func(file string) bool { return strings.HasSuffix(f.File, file) }):
			return "", nil
		}
		what = f.Function // the outermost is what the program called
	}
	return "", nil
}

// addStalled gathers the requests that wait so, of which more than a few stand at one line.
func (v *View) addStalled(in *evidence.Inside, p *evidence.InsideProcess) {
	var list []Stalled
	add := func(one Stalled) {
		for i := range list {
			if list[i].Place == one.Place && list[i].What == one.What {
				list[i].Count += one.Count
				list[i].For = min(list[i].For, one.For)
				list[i].Same = list[i].Same || one.Same
				return
			}
		}
		list = append(list, one)
	}
	for _, t := range p.Tasks {
		what, place := waitsInside(t.Frames)
		if place == nil || t.State != pending || !serves(t.Frames) || what == "" && t.WaitsFor != "Future" ||
			takesTurns(p, t) {
			continue
		}
		add(Stalled{Place: *place, What: nameOf(what, future), Count: t.Count, For: max(in.Apart, quiet(p)),
			Frames: t.Frames, Same: t.Stood >= ManyWait})
	}
	for _, t := range p.Threads {
		what, place := waitsInside(t.Frames)
		if place == nil || !serves(t.Frames) || !waitsForOthers(t) || t.Still == nil || !*t.Still || t.LastRan == nil ||
			what == "" && !waitsForLock(p, t) {
			continue
		}
		add(Stalled{Place: *place, What: nameOf(what, "a lock"), Count: 1, For: *t.LastRan, Frames: t.Frames})
	}
	for _, one := range list {
		if one.Count >= ManyWait {
			v.Stalled = append(v.Stalled, one)
		}
	}
	slices.SortStableFunc(v.Stalled, func(a, b Stalled) int { return cmp.Compare(lastsFirst(b), lastsFirst(a)) })
}

// lastsFirst puts what lasts first.
func lastsFirst(r Stalled) int {
	if r.Lasts() {
		return 1
	}
	return 0
}

// takesTurns tells whether a task waits for a lock or semaphore that others are at work with: it will have its turn.
func takesTurns(p *evidence.InsideProcess, t evidence.InsideTask) bool {
	return quiet(p) < LongStand && slices.ContainsFunc(p.Pools, func(pool evidence.InsidePool) bool {
		return pool.Sought && slices.ContainsFunc(t.Names, func(n string) bool { return slices.Contains(pool.Waiting, n) }) &&
			(len(pool.Holders) > 0 || mayHold(p, pool))
	})
}

func nameOf(what, otherwise string) string {
	if what == "" {
		return otherwise
	}
	return what
}

// waitsForLock tells whether a thread is seen to wait for a lock.
func waitsForLock(p *evidence.InsideProcess, t evidence.InsideThread) bool {
	return slices.ContainsFunc(p.Pools, func(pool evidence.InsidePool) bool {
		return slices.Contains(oneHolder, pool.Class) && slices.ContainsFunc(pool.Waiting, t.Is)
	})
}
