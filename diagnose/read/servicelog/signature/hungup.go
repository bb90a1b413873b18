package signature

import (
	"slices"
	"strings"
)

// clientSides are parts of paths of what serves a client over its connection; plumbing is what they read and write
// with.
var (
	clientSides = []string{"/socketserver.py", "/http/server.py", "/wsgiref/", "/werkzeug/serving.py", "/waitress/",
		"/gunicorn/http/", "/gunicorn/workers/", "/aiohttp/web_", "/uvicorn/protocols/", "/hypercorn/protocol/"}
	plumbing = []string{"/socket.py", "/ssl.py"}
)

// HungUp tells, of an exception's type and the files of its frames, the outermost first, whether a connection broke
// under a server that read from its client or wrote to it: who asked went away, and no dependency did.
//
//	File "/usr/lib/python3.11/socketserver.py", line 834, in write
//	  self._sock.sendall(b)
//	ConnectionResetError: [Errno 104] Connection reset by peer
func HungUp(exception string, files []string) bool {
	if !strings.HasPrefix(exception, "Connection") && exception != "BrokenPipeError" {
		return false
	}
	in := func(file string, parts []string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(file, part) })
	}
	for _, file := range slices.Backward(files) {
		if !in(file, plumbing) {
			return in(file, clientSides)
		}
	}
	return false
}
