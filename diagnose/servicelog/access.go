package servicelog

import "bytes"

// healthNames are the last path segments, and the function names, that health checks carry.
var healthNames = map[string]bool{"health": true, "healthz": true, "healthcheck": true, "health-check": true, "health_check": true,
	"_health": true, "ready": true, "readyz": true, "readiness": true, "live": true, "livez": true, "liveness": true, "alive": true,
	"ping": true, "heartbeat": true, "startupz": true}

// healthStatus returns the status with which an access line answers a path named like a health check, zero for every
// other line:
//
//	127.0.0.1:57038 - "GET /healthz HTTP/1.1" 503 Service Unavailable    uvicorn
//	127.0.0.1 - - [23/Nov/2026:09:06:15 +0000] "GET /healthz HTTP/1.1" 503 …   gunicorn, hypercorn
func healthStatus(msg []byte) int {
	i := bytes.IndexByte(msg, '"')
	if i < 0 || i > 160 || !isDigit(msg[0]) && msg[0] != '[' && msg[0] != '-' {
		return 0
	}
	rest := msg[i+1:]
	path, ok := bytes.CutPrefix(rest, []byte("GET "))
	if !ok {
		if path, ok = bytes.CutPrefix(rest, []byte("HEAD ")); !ok {
			return 0
		}
	}
	end := bytes.IndexByte(path, ' ')
	if end < 0 || !bytes.HasPrefix(path[end:], []byte(" HTTP/")) {
		return 0
	}
	quote := bytes.IndexByte(path[end:], '"')
	if quote < 0 {
		return 0
	}
	status := bytes.TrimLeft(path[end+quote+1:], " ")
	if len(status) < 3 || !healthPath(path[:end]) {
		return 0
	}
	n, _ := number(status[:3])
	return n
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
func healthFrame(e *Exception) bool {
	if e == nil {
		return false
	}
	for _, f := range e.Frames {
		if isAppFile(f.File) && healthNames[f.Function] {
			return true
		}
	}
	return false
}
