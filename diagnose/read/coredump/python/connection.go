package python

import "strings"

// Connection is the connection in whose object's method a task waits.
type Connection struct {
	Task string
	FD   int
}

// How many connections are told: of all tasks, and of those that stand in one place.
const (
	maxConnections = 200
	maxAlike       = 20
)

// Connections tells for whose bytes suspended tasks wait: the descriptors of the connections that two readings agree
// in. tasks are those that Settle gave.
func (in *Interpreter) Connections(m Memory, fresh func(), tasks []Task) (list []Connection) {
	if in.objects == nil {
		return nil
	}
	first := in.connections(m, tasks)
	if len(first) == 0 {
		return nil
	}
	fresh()
	second := in.connections(m, tasks)
	for i := range tasks {
		if fd, ok := first[i]; ok && second[i] == fd {
			list = append(list, Connection{tasks[i].Name, fd})
		}
	}
	return list
}

// connections reads the descriptors once, by the tasks' places in the list.
func (in *Interpreter) connections(m Memory, tasks []Task) map[int]int {
	r := in.reader(m, liveBudget)
	found, alike := map[int]int{}, map[Frame]int{}
	for i := range tasks {
		object, at, ok := r.waitsIn(&tasks[i])
		if !ok || alike[at] == maxAlike || len(found) == maxConnections || r.spent() {
			continue
		}
		if fd := r.connectionOf(object); fd > 0 {
			alike[at]++
			found[i] = fd
		}
	}
	return found
}

// waitsIn returns the object in whose method a task waits for a future: what comes over a connection is waited for so
// (asyncio's and aiohttp's StreamReader), or by an event (anyio's). Who sleeps, or waits for a lock or a queue, waits
// for no connection, whatever the object has.
func (r *reader) waitsIn(t *Task) (object uint64, at Frame, ok bool) {
	if t.State != TaskPending || t.awaits != "FutureIter" && t.WaitsFor != "Future" {
		return 0, Frame{}, false
	}
	for i := range min(len(t.Frames), len(t.selves)) {
		f := t.Frames[i]
		switch {
		case strings.HasSuffix(f.File, "/asyncio/futures.py"): // a Future of Python's own has a frame
		case strings.HasSuffix(f.File, "/asyncio/locks.py") && lastPart(f.Function) == "wait" &&
			r.typeOf(t.selves[i]) == "Event":
		case strings.HasSuffix(f.File, "/asyncio/locks.py"), strings.HasSuffix(f.File, "/asyncio/tasks.py"),
			strings.HasSuffix(f.File, "/asyncio/queues.py"):
			return 0, f, false
		default:
			return t.selves[i], f, t.selves[i] != 0
		}
	}
	return 0, Frame{}, false
}

// connectionOf returns the descriptor of the connection that an object has: its own transport's, or its protocol's;
// 0 = it has none that is open. uvloop's transports are no objects of Python.
func (r *reader) connectionOf(object uint64) int {
	for _, name := range []string{"_transport", "transport", "_protocol"} {
		part := r.attribute(object, name)
		if r.none(part) {
			continue
		}
		if name == "_protocol" {
			if part = r.attribute(part, "transport"); r.none(part) {
				continue
			}
		}
		return r.descriptorOf(part)
	}
	return 0
}

// descriptorOf returns an asyncio transport's descriptor; under TLS it is that of the transport below.
func (r *reader) descriptorOf(transport uint64) int {
	for range 4 {
		if tls := r.attribute(transport, "_ssl_protocol"); !r.none(tls) {
			transport = r.attribute(tls, "_transport")
			continue
		}
		fd, ok := r.integer(r.attribute(transport, "_sock_fd"))
		if !ok || fd <= 0 || fd > 1<<30 || r.none(r.attribute(transport, "_sock")) { // closed: its number may be another's
			return 0
		}
		return int(fd)
	}
	return 0
}
