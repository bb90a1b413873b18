package document

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v3"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/record"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// fields reads records that have a field on each line, whoever prints them: documents and lists of YAML (gcloud, aws),
// PowerShell's Format-List, mysql's \G, the debug exporter of OpenTelemetry:
//
//	events:
//	- ingestionTime: 1795424775123
//	  message: 'Worker (pid:7) was sent SIGKILL!'
//	  timestamp: 1795424775123
//
// A record ends where one of its keys comes again. What stands deeper than its keys belongs to the one above.
type fields struct {
	form   form
	rest   []byte // a line that has no end yet
	record []field
	size   int
	cut    bool
}

// field is one of a record, with the lines that follow its value.
type field struct {
	key, value []byte
	isText     bool
}

// form is how the lines of a log's fields look.
type form struct {
	indent  int             // where keys begin
	column  int             // where they end, for keys that stand at the right
	aligned bool            // they do
	keys    map[string]bool // that came again
	names   map[string]string
	loose   bool // texts of several lines stand as they are, not deeper
	dated   bool // a field tells when: a block that only looks alike, as logging's own errors do, has none
}

// holds tells whether a field is one of a record's own, not one of what stands deeper or in a text.
func (f *form) holds(k keyed) bool {
	if f.aligned {
		return k.column == f.column
	}
	return k.indent == f.indent && (!f.loose || f.keys[string(k.key)])
}

// keyed is a line that may be a field.
type keyed struct {
	indent, column int
	item           bool // it begins with the mark of a list
	key, value     []byte
}

// keyedLine reads "key: value", "key    : value", "key | value" or "key = value".
func keyedLine(line []byte) (k keyed, ok bool) {
	line = bytes.TrimRight(line, "\r\n")
	text := bytes.TrimLeft(line, " ")
	if rest, item := bytes.CutPrefix(text, []byte("- ")); item {
		k.item, text = true, bytes.TrimLeft(rest, " ")
	}
	k.indent = len(line) - len(text)
	n := 0
	for n < len(text) && n < 64 && isKeyByte(text[n]) {
		n++
	}
	k.key = bytes.TrimRight(text[:n], " ")
	if len(k.key) == 0 || n == len(text) || k.key[0] >= '0' && k.key[0] <= '9' {
		return k, false
	}
	mark, rest := text[n], text[n+1:]
	if mark != ':' && (mark != '|' && mark != '=' || text[n-1] != ' ') || len(rest) > 0 && rest[0] != ' ' {
		return k, false
	}
	k.column, k.value = k.indent+n, bytes.TrimSpace(rest)
	return k, true
}

func (f *form) nameOf(key []byte) []byte {
	if name := f.names[string(key)]; name != "" {
		return []byte(name)
	}
	return key
}

func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '@' ||
		c == '-' || c == ' ' || c == '/'
}

func isTextKey(key []byte) bool { return record.IsText(canonical(string(key))) }

// newFields returns the reader of a head with a field on each line, nil where it is none: one key of a text comes again
// and again, another one as often, one tells the time, and few lines are none of a field's.
func newFields(head []byte) *fields {
	lines := bytes.Split(head[:bytes.LastIndexByte(head, '\n')+1], []byte("\n"))
	counts := map[string]int{}
	var text keyed
	texts, parts := 0, 0
	for _, line := range lines {
		k, ok := keyedLine(line)
		if ok {
			counts[string(k.key)]++
		}
		if ok && isTextKey(k.key) && len(k.value) > 0 && (texts == 0 || string(k.key) == string(text.key)) {
			text = k
			texts++
		}
		if ok || len(line) == 0 || line[0] == ' ' {
			parts++
		}
	}
	alone := texts == 1 && bytes.HasPrefix(head, []byte("---")) && len(bytes.TrimSpace(lines[0])) == len("---")
	if texts < 2 && !alone || 10*parts < 6*len(lines) {
		return nil
	}
	f := form{indent: text.indent, column: text.column, keys: map[string]bool{}}
	if most := f.learn(lines, counts, text); !alone && (most < texts-1 || most == 0 || !f.dated) {
		return nil
	}
	return &fields{form: f}
}

// learn finds the keys that come again beside that of the text, and returns how often the most frequent one does.
func (f *form) learn(lines [][]byte, counts map[string]int, text keyed) (most int) {
	for _, line := range lines {
		k, ok := keyedLine(line)
		switch {
		case ok && string(k.key) == string(text.key):
		case ok && (k.indent == f.indent || k.column == f.column):
			most = max(most, counts[string(k.key)])
			f.dated = f.dated || tellsTime(k)
			f.aligned = f.aligned || k.indent != f.indent && counts[string(k.key)] > 1
		case !ok && len(line) > 0 && line[0] > ' ' && isTextLine(line):
			f.loose = true
		}
	}
	for key, n := range counts {
		f.keys[key] = n > 1
	}
	f.keys[string(text.key)] = true
	f.name(lines)
	return most
}

// name finds the names by which records of JSON would have the keys.
func (f *form) name(lines [][]byte) {
	var keys [][]byte
	f.names = map[string]string{}
	for _, line := range lines {
		k, ok := keyedLine(line)
		if key := string(k.key); ok && f.holds(k) && f.keys[key] && f.names[key] == "" {
			f.names[key] = key
			keys = append(keys, k.key)
		}
	}
	for i, name := range columnNames(keys) {
		f.names[string(keys[i])] = name
	}
}

func tellsTime(k keyed) bool {
	var clock stamp.Clock
	_, ok := clock.Value(k.value)
	return record.IsTime(canonical(string(k.key))) || ok && len(k.value) > 8
}

// isTextLine tells whether a line that is no field may be of a text: not "---", "*** 2. row ***" or "-[ RECORD 2 ]".
func isTextLine(line []byte) bool {
	return bytes.IndexByte([]byte("-*="), line[0]) < 0 && !bytes.HasPrefix(line, []byte("LogRecord #"))
}

// Cut tells whether a record was longer than is kept.
func (f *fields) Cut() bool { return f.cut }

// Feed gathers the fields of a record.
func (f *fields) Feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n') + 1
		if end == 0 {
			f.keep(&f.rest, in)
			return out
		}
		if len(f.rest) == 0 {
			out = f.line(out, in[:end])
		} else {
			f.keep(&f.rest, in[:end])
			out = f.line(out, f.rest)
			f.rest = f.rest[:0]
		}
		in = in[end:]
	}
	return out
}

// keep appends to a buffer as long as the record is not too long.
func (f *fields) keep(to *[]byte, b []byte) {
	if f.size+len(*to)+len(b) > maxUnit {
		f.cut = true
		return
	}
	*to = append(*to, b...)
}

// line takes a line into the record, or begins the next one with it.
func (f *fields) line(out, line []byte) []byte {
	k, ok := keyedLine(line)
	text := bytes.TrimRight(line, "\r\n")
	switch {
	case ok && f.form.holds(k):
		if k.item || f.has(k.key) {
			out = f.flush(out)
		}
		f.begin(k)
	case string(text) == "---" || len(f.record) == 0 || ok && k.indent < f.form.indent && !f.form.aligned:
		if out = f.flush(out); string(text) != "---" {
			out = append(append(out, text...), '\n')
		}
	case len(text) == 0 || text[0] == ' ' || text[0] == '\t':
		f.goOn(text)
	case (f.form.loose || f.form.aligned) && f.record[len(f.record)-1].isText:
		f.goOn(text)
	default:
		out = append(append(f.flush(out), text...), '\n')
	}
	return out
}

// goOn adds a line to the value of the last field.
func (f *fields) goOn(text []byte) {
	last := &f.record[len(f.record)-1]
	n := len(last.value)
	f.keep(&last.value, []byte("\n"))
	f.keep(&last.value, text)
	f.size += len(last.value) - n
}

func (f *fields) has(key []byte) bool {
	for i := range f.record {
		if bytes.Equal(f.record[i].key, key) {
			return true
		}
	}
	return false
}

// begin adds a field, in the memory of the one that stood at its place.
func (f *fields) begin(k keyed) {
	if len(f.record) < cap(f.record) {
		f.record = f.record[:len(f.record)+1]
	} else {
		f.record = append(f.record, field{})
	}
	last := &f.record[len(f.record)-1]
	last.key, last.value = append(last.key[:0], k.key...), last.value[:0]
	last.isText = record.IsText(f.form.names[string(k.key)])
	f.size += len(k.key)
	f.keep(&last.value, k.value)
	f.size += len(last.value)
}

// flush gives out the record as an object.
func (f *fields) flush(out []byte) []byte {
	var o object
	for i := range f.record {
		r := &f.record[i]
		if value := bytes.TrimRight(r.value, "\n"); len(value) > 0 && value[0] == '\n' && !r.isText {
			o.addNested(value)
		} else {
			o.add(f.form.nameOf(r.key), plainValue(value))
		}
	}
	f.record, f.size = f.record[:0], 0
	return o.endLine(out)
}

// addNested adds the fields that stand deeper than their key.
func (o *object) addNested(value []byte) {
	for line := range bytes.SplitSeq(value, []byte("\n")) {
		if k, ok := keyedLine(line); ok && !k.item && len(k.value) > 0 && !isTextKey(k.key) {
			o.add(k.key, plainValue(k.value))
		}
	}
}

// plainValue returns the text that a value stands for: quoted, folded or typed.
func plainValue(value []byte) []byte {
	if len(value) == 0 {
		return value
	}
	var text string
	mark, lines := value[0], bytes.IndexByte(value, '\n') >= 0
	switch {
	case mark == '\'' && !lines:
		inside := bytes.TrimSuffix(value[1:], []byte("'"))
		return bytes.ReplaceAll(inside, []byte("''"), []byte("'"))
	case mark == '"' && !lines && bytes.IndexByte(value, '\\') < 0:
		return bytes.Trim(value, `"`)
	case mark == '"' && json.Unmarshal(value, &text) == nil:
		return []byte(text)
	case mark == '"' || lines && (mark == '\'' || mark == '|' || mark == '>'):
		var found struct{ Value string }
		if yaml.Unmarshal(append([]byte("value: "), value...), &found) == nil {
			return []byte(found.Value)
		}
	}
	if begin := bytes.IndexByte(value, '('); begin > 0 && begin < 8 && mark >= 'A' && mark <= 'Z' &&
		value[len(value)-1] == ')' && bytes.IndexByte(value[:begin], ' ') < 0 {
		return value[begin+1 : len(value)-1] // "Str(text)"
	}
	return value
}

// End gives out the last record.
func (f *fields) End(out []byte) []byte {
	if len(f.rest) > 0 {
		out = f.line(out, f.rest)
		f.rest = nil
	}
	return f.flush(out)
}
