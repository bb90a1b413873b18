package servicelog

import (
	"bytes"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
	"time"
)

// healthNames are the last path segments, and the function names, that health checks carry.
var healthNames = map[string]bool{"health": true, "healthz": true, "healthcheck": true, "health-check": true,
	"health_check": true,
	"_health":      true, "ready": true, "readyz": true, "readiness": true, "live": true, "livez": true,
	"liveness": true, "alive": true,
	"ping": true, "heartbeat": true, "startupz": true}

// access is one line of an access log.
type access struct {
	path   []byte
	status int
}

// accessOf reads a line that is nothing but an access log's.
func accessOf(p prefix.Line, l *logical) (access, bool) {
	switch {
	case p.Msg[0] == '{' && l.object == nil:
		return accessRecord(p.Msg)
	case p.Level == prefix.High:
		return access{}, false
	}
	return accessLine(p.Msg)
}

// accessLine reads the access lines of the known servers:
//
//	127.0.0.1:57038 - "GET /healthz HTTP/1.1" 503 Service Unavailable    uvicorn
//	127.0.0.1 - - [23/Nov/2026:09:06:15 +0000] "GET /healthz HTTP/1.1" 503 …   gunicorn
//	127.0.0.1:58026 - - [26/Nov/2026:14:39:26 +0000] "GET /healthz 1.1" 503 …  hypercorn
//
// What stands in it was written by a client, so nothing else is looked for there.
func accessLine(msg []byte) (a access, ok bool) {
	if len(msg) == 0 || !lex.IsDigit(msg[0]) && msg[0] != '[' && msg[0] != '-' {
		return a, false
	}
	i := bytes.IndexByte(msg[:min(len(msg), 160)], '"')
	if i < 0 {
		return a, false
	}
	rest := msg[i+1:]
	method := 0
	for method < len(rest) && rest[method] >= 'A' && rest[method] <= 'Z' {
		method++
	}
	if method < 3 || method == len(rest) || rest[method] != ' ' {
		return a, false
	}
	path := rest[method+1:]
	end := bytes.IndexByte(path, ' ')
	if end < 0 || !protocol(path[end+1:]) {
		return a, false
	}
	quote := bytes.IndexByte(path[end:], '"')
	if quote < 0 {
		return a, false
	}
	status := bytes.TrimLeft(path[end+quote+1:], " ")
	if len(status) < 3 {
		return a, false
	}
	a.path = path[:end]
	a.status, ok = lex.Number(status[:3])
	return a, ok
}

// protocol tells "HTTP/1.1" and hypercorn's bare "1.1" or "2".
func protocol(b []byte) bool {
	return bytes.HasPrefix(b, []byte("HTTP/")) || len(b) > 1 &&
		(b[0] == '1' && b[1] == '.' || (b[0] == '2' || b[0] == '3') && b[1] == '"')
}

const (
	burst        = 50 * int64(time.Millisecond) // answers that come together were queued together
	burstProbes  = 3
	burstSilence = 5 * int64(time.Second) // nobody's probes are due together right after so long a silence by chance
)

// stalls follows long silences and what comes right behind them. A blocked event loop answers the health checks that
// queued up all at once, with 200, when every prober has long given up (docs/notes/PYTHON.md#1.2).
type stalls struct {
	last  int64 // time of the last line of any kind
	woke  int64 // time of the first line after the last long silence
	first int64 // of the present burst
	count int
}

// line notes the time of a line of any kind, before it is read.
func (b *stalls) line(at int64) {
	if b.last > 0 && at-b.last >= burstSilence {
		b.woke = at
	}
}

// add reads a passed health check's line, seen after the line at last, and tells when a burst has become one.
func (b *stalls) add(at int64) bool {
	switch {
	case b.woke == at:
		b.first, b.count = at, 1
	case b.count > 0 && at-b.first <= burst:
		b.count++
	default:
		b.count = 0
	}
	return b.count == burstProbes
}

// access reports what an access line tells.
func (s *runScan) access(a access, p prefix.Line, l *logical) {
	s.life.served()
	if !healthPath(a.path) {
		s.answers.add(a, p, l)
		return
	}
	if l.timed {
		s.probes.add(l.at)
	}
	switch {
	case a.status >= 500:
		s.commit(s.sight("health-path-5xx", p, l))
	case a.status >= 300:
		s.commit(s.sight("health-path-status", p, l))
	case l.timed && s.stalls.add(l.at):
		s.commit(s.sight("health-probes-late", p, l))
	}
}

// healthPath looks at the last segment, without the query.
func healthPath(path []byte) bool {
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	path = bytes.TrimRight(path, "/")
	return healthNames[string(path[bytes.LastIndexByte(path, '/')+1:])]
}

// healthFrame tells whether the application's own code of a health check is among the frames.
func healthFrame(e *traceback.Exception) bool {
	if e == nil {
		return false
	}
	for _, f := range e.Frames {
		if traceback.IsApp(f.File) && healthNames[f.Function] {
			return true
		}
	}
	return false
}
