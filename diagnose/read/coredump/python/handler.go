package python

// Handler is a handler of the logging module.
type Handler struct {
	Class string
	FD    int    // of its stream's file; −1 = it has none, or that is not known
	Owner uint64 // identity of the thread that holds its lock; 0 = nobody

	address uint64
}

const maxHandlers = 64

// The same from 3.9 to 3.14: of _thread.RLock the owner's identity, 0 when nobody
// holds it; of TextIOWrapper the buffer, of BufferedWriter the raw file, of FileIO the
// descriptor.
const (
	rlockOwner   = 24
	textBuffer   = 32
	bufferRaw    = 16
	fileioNumber = 16
)

// handlers lists logging._handlerList, a list of weak references.
func (r *reader) handlers(interp uint64) (list []Handler) {
	r.items(r.item(r.module(interp, "logging"), "_handlerList"), func(ref uint64) {
		handler := r.at(ref + weakrefObject)
		if r.none(handler) || len(list) == maxHandlers {
			return
		}
		h := Handler{Class: r.typeOf(handler), FD: r.descriptor(r.attribute(handler, "stream")), address: handler}
		if lock := r.attribute(handler, "lock"); r.typeOf(lock) == "RLock" {
			h.Owner = r.at(lock + rlockOwner)
		}
		list = append(list, h)
	})
	return list
}

// descriptor follows a text stream to its file's number; −1 = it has none.
func (r *reader) descriptor(stream uint64) int {
	if stream == 0 || r.typeOf(stream) != "TextIOWrapper" {
		return -1
	}
	raw := r.at(r.at(stream+textBuffer) + bufferRaw)
	if raw == 0 || r.typeOf(raw) != "FileIO" {
		return -1
	}
	n, ok := r.number(raw + fileioNumber)
	if !ok || int32(n) < 0 {
		return -1
	}
	return int(n)
}

// waitsForHandler tells for which handler's lock a thread waits: it stands in acquire or
// (from 3.13 on) handle of that handler.
func (r *reader) waitsForHandler(t *Thread, list []Handler) int {
	if len(t.Frames) == 0 || len(t.selves) == 0 {
		return -1
	}
	switch lastPart(t.Frames[0].Function) {
	case "acquire", "handle":
	default:
		return -1
	}
	for i, h := range list {
		if h.address == t.selves[0] && h.Owner != 0 && h.Owner != t.Ident {
			return i
		}
	}
	return -1
}
