package redact

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/command"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// maskJSONLines masks JSON documents, one a line.
func (m *masker) maskJSONLines(data []byte) []byte {
	var out []byte
	used := 0
	for i := 0; i < len(data); {
		end := glyph.LineEnd(data, i)
		line := data[i:end]
		if next := m.maskJSON(line); !bytes.Equal(next, line) {
			out = append(append(out, data[used:i]...), next...)
			used = end
		}
		i = end + 1
	}
	if out == nil {
		return data
	}
	return append(out, data[used:]...)
}

// maskJSON masks the strings of a JSON document and leaves every other byte as it
// is: order, white space and the text of numbers. What is no JSON is masked as
// text.
func (m *masker) maskJSON(data []byte) []byte {
	if !json.Valid(data) {
		return m.maskText(data)
	}
	w := walker{m: m, in: data, secret: holdsSecretObject(data)}
	w.walk()
	return w.done()
}

// walker goes over a valid document token by token.
type walker struct {
	m      *masker
	in     []byte
	edits  []replacement
	stack  []frame
	secret bool // the document is, or holds, an object of Kubernetes' kind Secret
}

// replacement is a literal of the document that gets another value.
type replacement struct {
	start, end int
	value      []byte
}

// frame is an object or array that is open.
type frame struct {
	object  bool
	wantKey bool          // the next string is a key
	key     string        // of the current member; of the array itself in an array
	env     bool          // the values of an Env list
	all     bool          // below a key such as "credentials": every string goes
	command *command.Line // of a list of arguments
	flag    string        // the element before
	named   keyname.Class // what the object's member "name" promises of its "value"
	held    *replacement  // the "value", where it came before the "name"
}

func (w *walker) top() *frame {
	if len(w.stack) == 0 {
		return &frame{}
	}
	return &w.stack[len(w.stack)-1]
}

func (w *walker) walk() {
	for i := 0; i < len(w.in); {
		switch c := w.in[i]; c {
		case '{', '[':
			w.push(c == '{')
			i++
		case '}', ']':
			w.stack = w.stack[:len(w.stack)-1]
			i++
		case ',':
			f := w.top()
			f.wantKey = f.object
			i++
		case '"':
			end := jsontext.StringEnd(w.in, i)
			w.text(i, end)
			i = end
		case ' ', '\t', '\n', '\r', ':':
			i++
		default:
			end := i
			for end < len(w.in) && !ascii.IsSpace(w.in[end]) && !ascii.OneOf(w.in[end], ",]}") {
				end++
			}
			w.number(i, end)
			i = end
		}
	}
}

// push opens an object or array; what its key says holds for all below it.
func (w *walker) push(object bool) {
	above := w.top()
	f := frame{object: object, wantKey: object, key: above.key}
	f.all = above.all || w.m.class([]byte(above.key)) == keyname.Strong || w.secret && above.key == "data"
	f.env = isEnvKey(above.key)
	if !object && !above.object {
		f.env = false
	}
	f.command = above.command
	w.stack = append(w.stack, f)
}

func isEnvKey(key string) bool {
	return strings.EqualFold(key, "Env") || strings.EqualFold(key, "environment") || strings.EqualFold(key, "EnvVars")
}

// text handles the string literal in[start:end].
func (w *walker) text(start, end int) {
	f := w.top()
	value := jsontext.Unquoted(w.in[start:end])
	if f.wantKey {
		f.wantKey = false
		f.key = string(value)
		if next := w.m.maskText(value); !bytes.Equal(next, value) {
			w.replace(start, end, next)
		}
		return
	}
	if next := w.masked(f, value); !bytes.Equal(next, value) {
		w.replace(start, end, next)
	} else if f.object {
		w.pair(f, value, start, end)
	}
	w.follow(f, string(value))
}

// pair masks the value of an object that holds a name and a value apart:
// {"name":"DB_PASSWORD","value":"x"}, in any order.
func (w *walker) pair(f *frame, v []byte, start, end int) {
	key := ascii.Lowered(f.key)
	switch c := w.m.class(v[:min(len(v), keyname.MaxKey)]); {
	case nameWords[key] && c != keyname.None && c != keyname.Weak && c != keyname.Long &&
		bytes.IndexByte(v, ' ') < 0:
		f.named = c
		if f.held != nil && look.IsSecret(keyname.PlainClass(c), look.Tight, f.held.value) {
			w.replace(f.held.start, f.held.end, w.hide(f.held.value, KindKeyValue))
		}
	case slices.Contains(valueWords, key) && f.named != keyname.None && look.IsSecret(keyname.PlainClass(f.named),
		look.Tight, v):
		w.replace(start, end, w.hide(v, KindKeyValue))
	case slices.Contains(valueWords, key):
		f.held = &replacement{start, end, v}
	}
}

// holdsSecretObject tells whether Kubernetes' kind Secret stands in a document: all
// of its data are secrets.
func holdsSecretObject(data []byte) bool {
	return ascii.Holds(data, `"kind":"Secret"`) || ascii.Holds(data, `"kind": "Secret"`)
}

// follow remembers the command and the flag for the arguments that come next. In
// Docker's inspect the command is the member Path, its arguments the array Args.
func (w *walker) follow(f *frame, value string) {
	if f.object && f.key != "Path" {
		return
	}
	if f.command != nil {
		f.command.Next([]byte(value[:min(len(value), look.MaxValue)]))
	}
	if t, ok := command.Find([]byte(value)); ok {
		f.command = &command.Line{Tool: t}
	}
	f.flag = value
}

// masked returns what is left of a string value.
func (w *walker) masked(f *frame, v []byte) []byte {
	switch {
	case len(v) == 0 || string(v) == look.Mask:
		return v
	case f.all:
		return w.hide(v, KindKeyValue)
	case f.env && f.object:
		return w.variable(f.key, v)
	case f.env:
		return w.variableEntry(v)
	case f.object && !numeric(f.key):
		return w.member(f.key, v)
	case !f.object:
		return w.argument(f, v)
	}
	return w.m.maskText(v)
}

func numeric(key string) bool { return strings.Trim(key, "0123456789") == "" }

// hide masks a whole value and looks for it elsewhere later.
func (w *walker) hide(v []byte, kind string) []byte {
	w.m.remember(v)
	w.m.count(kind)
	return []byte(look.Mask)
}

// member masks the value of an object's member by its key.
func (w *walker) member(key string, v []byte) []byte {
	c := keyname.PlainClass(w.m.class([]byte(key)))
	if c != keyname.None && look.IsSecret(c, look.Tight, v) || c == keyname.Weak && look.IsUserinfo(v) {
		return w.hide(v, KindKeyValue)
	}
	return w.m.maskText(v)
}

// variableEntry masks an element "NAME=value" of an Env list.
func (w *walker) variableEntry(v []byte) []byte {
	name, value, ok := bytes.Cut(v, []byte("="))
	if !ok {
		return w.m.maskText(v)
	}
	next := w.variable(string(name), value)
	if bytes.Equal(next, value) {
		return v
	}
	return append(append(bytes.Clone(name), '='), next...)
}

// variable masks a variable's value, unless its name is harmless and the value
// holds nothing that looks like a credential.
func (w *walker) variable(name string, v []byte) []byte {
	if len(v) == 0 || string(v) == look.Mask {
		return v
	}
	clean := bytes.Equal(w.m.maskQuietly(v), v) // and remembers the password of a URL
	if clean && keyname.HarmlessEnvName(name) && !ascii.Holds(v, "://") && !holdsCredential(name, v) {
		return v
	}
	if w.m.class([]byte(name)) != keyname.None {
		w.m.remember(v)
	}
	w.m.count(KindEnvironment)
	return []byte(look.Mask)
}

// holdsCredential tells whether a word of a harmless variable's value is
// user:password@host, or long and random where no digest belongs.
func holdsCredential(name string, v []byte) bool {
	digest := strings.Contains(name, "SHA256") || name == "GPG_KEY"
	for word := range bytes.FieldsSeq(v) {
		_, value, _ := bytes.Cut(word, []byte("="))
		if bareUserinfo(word) > 0 || !digest && (look.IsLongRandom(word) && len(value) == 0 || look.IsLongRandom(value)) {
			return true
		}
	}
	return false
}

// maskQuietly masks a text without counting, for what the rules remember.
func (m *masker) maskQuietly(v []byte) []byte {
	counts := m.counts
	m.counts = map[maskKey]int{}
	defer func() { m.counts = counts }()
	return m.maskText(v)
}

// argument masks an element of an array: the secret of a flag that stands in the
// element before it, the second of a pair, or as text.
func (w *walker) argument(f *frame, v []byte) []byte {
	before := w.m.class([]byte(f.flag[:min(len(f.flag), keyname.MaxKey)]))
	switch isFlag := len(f.flag) > 1 && f.flag[0] == '-'; {
	case before == keyname.None || v[0] == '-' || strings.ContainsAny(f.flag, "= "):
	case isFlag && look.IsSecret(before, look.Flag, v):
		return w.hide(v, KindArgument)
	case keyname.PlainClass(before) != before && look.IsSecret(keyname.Token, look.Tight,
		v): // ["authorization","Bearer x"]
		return w.hide(v, KindHeader)
	}
	if f.command != nil {
		next := *f.command
		if from, ok := next.SecretIn(v[:min(len(v), look.MaxValue)]); ok && !look.IsReference(v[from:]) &&
			string(v[from:]) != look.Mask {
			w.m.remember(v[from:])
			w.m.count(KindArgument)
			return append(bytes.Clone(v[:from]), look.Mask...)
		}
	}
	if c := w.m.class([]byte(f.key)); c != keyname.None && look.IsSecret(c, look.Tight,
		v) { // "Authorization": ["Basic …"]
		return w.hide(v, KindKeyValue)
	}
	return w.m.maskText(v)
}

// number handles a number, true, false or null: a number behind a strong key goes.
func (w *walker) number(start, end int) {
	f := w.top()
	c := w.in[start]
	if c != '-' && !ascii.IsDigit(c) {
		return
	}
	class := w.m.class([]byte(f.key))
	if f.all || f.object && (class == keyname.Strong || class == keyname.Code &&
		look.IsCodeWord(w.in[start:end])) {
		w.m.count(KindKeyValue)
		w.replace(start, end, []byte(look.Mask))
	}
}

// replace puts a string literal in place of in[start:end].
func (w *walker) replace(start, end int, value []byte) {
	w.edits = append(w.edits, replacement{start, end, value})
}

func (w *walker) done() []byte {
	if len(w.edits) == 0 {
		return w.in
	}
	slices.SortStableFunc(w.edits, func(a, b replacement) int { return a.start - b.start })
	out, used := make([]byte, 0, len(w.in)+64), 0
	for _, e := range w.edits {
		if e.start < used {
			continue
		}
		out = jsontext.AppendQuoted(append(out, w.in[used:e.start]...), e.value)
		used = e.end
	}
	return append(out, w.in[used:]...)
}
