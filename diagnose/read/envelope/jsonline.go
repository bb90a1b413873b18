package envelope

import (
	"bytes"
	"encoding/json"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// object opens a line that is a JSON object with a text in it:
//
//	{"log":"INFO:     ready\n","stream":"stderr","time":"2026-11-23T09:06:15.123456789Z"}             Docker's json-file
//	{"__REALTIME_TIMESTAMP":"1764580000000000","CONTAINER_NAME":"gateway","PRIORITY":"3","MESSAGE":"…"}  journald
//	{"labels":{"container":"gateway"},"line":"…","timestamp":"2026-11-23T09:06:15.123456789Z"}           Loki
//	{"level":"error","message":"…","exc_info":"Traceback (most recent call last):\n…"}                   a logger's own
func (o *Opener) object(l *Line) bool {
	text := l.Text
	if len(text) < len(`{"m":""}`) || text[1] != '"' && text[1] != ' ' {
		return false
	}
	r := record{level: LevelUnknown, facility: -1, priority: -1}
	end := r.walk(text, "")
	if end == 0 && isArrowed(text) {
		var a arrows
		n := (l.Depth + 1) % MaxDepth
		o.scratch[n] = a.end(a.feed(o.scratch[n][:0], text))
		text = o.scratch[n]
		end = r.walk(text, "")
	}
	if end == 0 || len(bytes.TrimRight(text[end:], " ,\r\t")) > 0 {
		return false
	}
	o.spare(&r, text)
	if r.text == nil && r.trace == nil && r.dicts == nil {
		return false
	}
	l.Record = r.byApplication()
	o.describe(&r, l)
	l.Exception = r.dicts
	o.textOf(&r, l)
	if l.Record && r.trace == nil {
		l.Record = !o.tracing(l.Text)
	}
	return true
}

// tracing tells whether a text is a line of a traceback whose lines are a record each, as a shipper took them.
func (o *Opener) tracing(text []byte) bool {
	if bytes.IndexByte(text, '\n') >= 0 || len(text) == 0 {
		o.traced = false
		return false
	}
	was := o.traced
	o.traced = bytes.HasPrefix(text, []byte("Traceback (most recent call last):")) || was && isBlankByte(text[0])
	return was || o.traced
}

func isBlankByte(c byte) bool { return c == ' ' || c == '\t' }

// maxBlind is how many records in a row are looked through for a text of another name.
const maxBlind = 512

// spare finds the text of a record by what it holds where none has the name of one, or where another member of it holds
// a message that the reader of the log knows: a column that somebody added, a whole log under the name of a command.
func (o *Opener) spare(r *record, text []byte) {
	if r.spare == nil && r.text != nil || r.trace != nil || o.blind > maxBlind {
		return
	}
	if r.text != nil {
		if o.Known == nil || !o.Known(AppendString(nil, r.spare[1:len(r.spare)-1]), false) {
			o.blind++
			return
		}
		r.text, r.rank = r.spare, len(textKeys)
		o.blind = 0
		return
	}
	if o.blind++; r.spare == nil || !o.holdsMessage(r.spare) {
		r.spare = nil
		o.deepSpare(r, text, 0)
	}
	if r.spare != nil {
		r.text, r.rank = r.spare, len(textKeys)
		o.blind = 0
	}
}

// deepSpare looks for the text among all strings of the record, at any depth.
func (o *Opener) deepSpare(r *record, object []byte, depth int) {
	EachMember(object, func(_, value []byte) bool {
		switch {
		case value[0] == '{' && depth < maxNested:
			o.deepSpare(r, value, depth+1)
		case value[0] == '"' && len(value) > minSpare && o.holdsMessage(value):
			r.spare = value
		}
		return r.spare == nil
	})
}

// holdsMessage tells whether a message begins in a string, or in one of the first lines of it.
func (o *Opener) holdsMessage(value []byte) bool {
	const lines = 800
	inside := AppendString(nil, value[1:1+min(len(value)-2, 2*longText)])
	n := 0
	for line := range bytes.SplitSeq(inside, []byte("\n")) {
		if n++; n > lines {
			break
		}
		if line = Clean(line); len(line) > 0 && (o.known(line) || n == 1 && line[0] == '{' && o.begins(line)) {
			return true
		}
	}
	return false
}

// describe takes over what the record says about its origin, where no envelope around it said so.
func (o *Opener) describe(r *record, l *Line) {
	if s, ok := o.when(r.time); ok {
		l.stamped(s)
	}
	if l.Stream == StreamUnknown {
		l.Stream, _ = streamOf(r.stream)
	}
	switch {
	case r.priority >= 0:
		l.leveled(Level(r.priority & 7))
	default:
		l.leveled(r.level)
	}
	if l.Facility < 0 {
		l.Facility = r.facility
	}
	if len(l.Host) == 0 {
		l.Host = r.host
	}
	if id := r.identifier; len(id) > 0 && len(l.Program) == 0 {
		l.Program = id
	}
	if l.PID == 0 {
		l.PID = r.pid
	}
	if len(l.Service) > 0 || len(l.Pod) > 0 || len(l.Container) > 0 {
		return
	}
	l.Pod, l.Container = r.pod, r.container
	named := r.serviceRank > 0 && r.serviceRank <= containerKeys
	l.Shipped = !l.Record && (len(r.pod) > 0 || len(r.container) > 0 || named)
	if !l.Record { // a logger's own "service" is a word of the application
		l.Service = r.service
	}
}

// when reads a time of any form that JSON has for one.
func (o *Opener) when(value []byte) (stamp.Time, bool) {
	if len(value) > 2 && value[0] == '"' {
		value = value[1 : len(value)-1]
	}
	if len(value) == 0 {
		return stamp.Time{}, false
	}
	if s, n := o.clock.Date(value); n > 0 {
		return s, true
	}
	if s, ok := stamp.Unix(value); ok {
		return s, true
	}
	s, n := o.clock.Words(value)
	return s, n > 0
}

// textOf decodes the record's text, with its traceback below it. A text of Docker's json-file that no \n ends is a
// part: the engine cuts lines at 16 KiB (moby daemon/logger/jsonfilelog).
func (o *Opener) textOf(r *record, l *Line) {
	out, decoded := o.scratch[l.Depth%len(o.scratch)][:0], true
	switch {
	case r.text == nil:
	case r.text[0] == '[':
		out = appendBytes(out, r.text)
	case r.text[0] != '"':
		l.Hidden = true
	case r.trace == nil && bytes.IndexByte(r.text, '\\') < 0:
		l.Text, decoded = r.text[1:len(r.text)-1], false
	default:
		out = AppendString(out, r.text[1:len(r.text)-1])
	}
	if r.trace != nil {
		if len(out) > 0 {
			out = append(out, '\n')
		}
		out = AppendString(out, r.trace[1:len(r.trace)-1])
	}
	if decoded {
		o.scratch[l.Depth%len(o.scratch)] = out
		l.Text = out
	}
	whole, ended := bytes.CutSuffix(l.Text, []byte("\n"))
	l.piece = r.rank == textRank["log"] && l.Stream != StreamUnknown
	l.Part = !ended && r.rank == textRank["log"] && l.Stream != StreamUnknown && l.Stamp.Known &&
		r.timeRank == timeRank["time"] &&
		len(r.pod) == 0 && len(r.container) == 0 && r.serviceRank == 0
	l.Text = bytes.TrimRight(whole, "\r")
}

// appendBytes appends MESSAGE as journald writes what is not UTF-8 or holds control characters: an array of byte
// values, or of strings where the field came more than once.
func appendBytes(to, value []byte) []byte {
	var values []int
	if json.Unmarshal(value, &values) == nil {
		for _, b := range values {
			to = append(to, byte(b))
		}
		return to
	}
	var texts []string
	if json.Unmarshal(value, &texts) == nil {
		for i, t := range texts {
			if i > 0 {
				to = append(to, '\n')
			}
			to = append(to, t...)
		}
	}
	return to
}
