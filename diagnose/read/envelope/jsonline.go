package envelope

import (
	"bytes"
	"encoding/json"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/document"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/record"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
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
	r := record.New()
	end := r.Read(text)
	if end == 0 {
		if json, ok := document.AppendHash(o.scratch[(l.Depth+1)%MaxDepth][:0], text); ok {
			o.scratch[(l.Depth+1)%MaxDepth], text = json, json
			end = r.Read(text)
		}
	}
	if end == 0 || len(bytes.TrimRight(text[end:], " ,\r\t")) > 0 {
		return false
	}
	o.spare(&r, text)
	if r.Text == nil && r.Trace == nil && r.Exception == nil {
		return false
	}
	l.Record = r.ByApplication()
	o.describe(&r, l)
	l.Exception = r.Exception
	o.textOf(&r, l)
	l.Record = l.Record && (r.Trace != nil || !o.tracing(l.Text))
	if l.Record {
		l.Object = text[:end]
	}
	return true
}

// tracing tells whether a text is a line of a traceback, or of an interpreter's last words, whose lines are a record
// each, as a shipper took them: no logger writes these.
func (o *Opener) tracing(text []byte) bool {
	if bytes.IndexByte(text, '\n') >= 0 || len(text) == 0 {
		o.traced = false
		return false
	}
	if bytes.HasPrefix(text, []byte("Fatal Python error: ")) {
		o.traced = false
		return true
	}
	was := o.traced
	o.traced = bytes.HasSuffix(text, []byte("Traceback (most recent call last):")) || was && isBlankByte(text[0])
	return was || o.traced
}

func isBlankByte(c byte) bool { return c == ' ' || c == '\t' }

// maxBlind is how many records in a row are looked through for a text of another name.
const maxBlind = 512

// spare finds the text of a record by what it holds where none has the name of one, or where another member of it holds
// a message that the reader of the log knows: a column that somebody added, a whole log under the name of a command.
func (o *Opener) spare(r *record.Record, text []byte) {
	if r.Spare == nil && r.Text != nil || r.Trace != nil || o.blind > maxBlind {
		return
	}
	if r.Text != nil {
		if o.Known == nil || !o.Known(jsontext.AppendString(nil, r.Spare[1:len(r.Spare)-1]), false) {
			o.blind++
			return
		}
		r.TakeSpare()
		o.blind = 0
		return
	}
	if o.blind++; r.Spare == nil || !o.holdsMessage(r.Spare) {
		r.Spare = record.FindSpare(text, o.holdsMessage)
	}
	if r.Spare != nil {
		r.TakeSpare()
		o.blind = 0
	}
}

// holdsMessage tells whether a message begins in a string, or in one of the first lines of it.
func (o *Opener) holdsMessage(value []byte) bool {
	const lines = 800
	inside := jsontext.AppendString(nil, value[1:1+min(len(value)-2, 2*document.LongText)])
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
func (o *Opener) describe(r *record.Record, l *Line) {
	if s, ok := o.clock.Value(r.Time); ok {
		l.stamped(s)
	}
	if l.Stream == StreamUnknown {
		l.Stream, _ = streamOf(r.Stream)
	}
	switch {
	case r.Priority >= 0:
		l.leveled(severity.Level(r.Priority & 7))
	default:
		l.leveled(r.Level)
	}
	if l.Facility < 0 {
		l.Facility = r.Facility
	}
	if len(l.Host) == 0 {
		l.Host = r.Host
	}
	if id := r.Identifier; len(id) > 0 && len(l.Program) == 0 {
		l.Program = id
	}
	if l.PID == 0 {
		l.PID = r.PID
	}
	if len(l.Service) > 0 || len(l.Pod) > 0 || len(l.Container) > 0 {
		return
	}
	l.Pod, l.Container = r.Pod, r.Container
	l.Shipped = !l.Record && r.NamesContainer()
	if !l.Record { // a logger's own "service" is a word of the application
		l.Service = r.Service
	}
}

// textOf decodes the record's text, with its traceback below it. A text of Docker's json-file that no \n ends is a
// part: the engine cuts lines at 16 KiB (moby daemon/logger/jsonfilelog).
func (o *Opener) textOf(r *record.Record, l *Line) {
	out, decoded := o.scratch[l.Depth%len(o.scratch)][:0], true
	switch {
	case r.Text == nil:
	case r.Text[0] == '[':
		out = appendBytes(out, r.Text)
	case r.Text[0] != '"':
		l.Hidden = true
	case r.Trace == nil && bytes.IndexByte(r.Text, '\\') < 0:
		l.Text, decoded = r.Text[1:len(r.Text)-1], false
	default:
		out = jsontext.AppendString(out, r.Text[1:len(r.Text)-1])
	}
	if r.Trace != nil {
		if len(out) > 0 {
			out = append(out, '\n')
		}
		out = jsontext.AppendString(out, r.Trace[1:len(r.Trace)-1])
	}
	if decoded {
		o.scratch[l.Depth%len(o.scratch)] = out
		l.Text = out
	}
	whole, ended := bytes.CutSuffix(l.Text, []byte("\n"))
	l.piece = r.IsLog() && l.Stream != StreamUnknown
	l.Part = !ended && l.piece && l.Stamp.Known && r.IsJSONFile()
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
