package document

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/record"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// table reads CSV whose first row names its columns, of which one holds the text:
//
//	timestamp,container,message
//	2026-11-23T09:06:15.123Z,gateway,"Worker (pid:7) was sent SIGKILL!"
type table struct {
	comma byte
	names []string
	rest  []byte
	cells [][]byte // of the last row
	now   object
	first bool // the row of names was taken
	cut   bool
}

// newTable returns the reader of a head that is CSV, nil where it is none.
func newTable(head []byte) *table {
	line, rest, ok := bytes.Cut(head, []byte("\n"))
	if !ok || len(rest) == 0 || len(line) > 2000 || bytes.Count(line, []byte(`"`))%2 != 0 {
		return nil
	}
	for _, comma := range []byte(",;\t|") {
		row, _ := cells(nil, bars(line, comma), comma)
		if len(row) < 2 {
			continue
		}
		names := columnNames(row)
		if names == nil {
			return nil
		}
		if slices.ContainsFunc(names, record.IsText) {
			namedByRows(names, rest, comma)
			return &table{comma: comma, names: names}
		}
	}
	return nil
}

// columnNames returns the names of the columns as JSON has them, nil where one is no name. What only looks like the
// name of the text or the time counts where no column has a known one ("_messagetime" beside "_raw").
func columnNames(row [][]byte) (names []string) {
	text, when := false, false
	for _, cell := range row {
		name := canonical(string(cell))
		if name == "" {
			return nil
		}
		text, when = text || record.IsText(name), when || record.IsTime(name)
		names = append(names, name)
	}
	for i, name := range names {
		lower := strings.ToLower(name)
		switch {
		case !text && hasWord(name, "message"):
			names[i] = "message"
		case !when && (strings.Contains(lower, "time") || strings.Contains(lower, "date")) && !record.IsText(name):
			names[i] = "timestamp"
		}
	}
	return names
}

// namedByRows finds the column of the time by what stands in it, where no column is named so.
func namedByRows(names []string, rows []byte, comma byte) {
	if slices.ContainsFunc(names, record.IsTime) {
		return
	}
	var clock stamp.Clock
	row, _ := cells(nil, bars(rows, comma), comma)
	for i, cell := range row[:min(len(row), len(names))] {
		if s, ok := clock.Value(bytes.TrimSpace(cell)); ok && s.Known && !record.IsText(names[i]) {
			names[i] = "timestamp"
			return
		}
	}
}

// hasWord tells whether a name has a word of its own in it: "Log message" and "messageText", not "_messagetime".
func hasWord(name, word string) bool {
	at := strings.Index(strings.ToLower(name), word)
	if at < 0 {
		return false
	}
	after := at + len(word)
	return after >= len(name) || name[after] < 'a' || name[after] > 'z'
}

// canonical returns the name of a column as JSON has it; "" for what is no name.
func canonical(name string) string {
	name = string(record.Untyped([]byte(strings.TrimSpace(name))))
	if at := strings.LastIndexAny(name, "[("); at > 0 && strings.ContainsAny(name[len(name)-1:], "])") {
		name = strings.TrimSpace(name[:at]) // "TimeGenerated [UTC]"
	}
	if name == "" || len(name) > 64 || lex.IsDigit(name[0]) || strings.ContainsAny(name, "[]{}\"'<>=!?") ||
		strings.Count(name, " ") > 2 {
		return ""
	}
	if record.IsKnown(name) {
		return name
	}
	switch lower := strings.ToLower(name); {
	case record.IsKnown(lower) || severity.Of([]byte(lower)) != severity.Unknown:
		return lower
	case lower == "severity" || lower == "level" || lower == "host" || lower == "hostname" || lower == "pod" ||
		lower == "container" || lower == "stream":
		return lower
	case strings.Contains(lower, "container"):
		return "container"
	}
	return name
}

// bars takes off the bars at both ends of a row of a table that is drawn with them, as Markdown's are.
func bars(row []byte, comma byte) []byte {
	if comma != '|' {
		return row
	}
	row = bytes.TrimSpace(row)
	return bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimPrefix(row, []byte("|")), []byte(" ")), []byte("|"))
}

// cells reads the first row, into list, and returns how long it is. It reads what encoding/csv does with LazyQuotes,
// which makes a buffer and strings for each row: that took half of the time.
func cells(list [][]byte, rows []byte, comma byte) (row [][]byte, size int) {
	at := len(rows) - len(bytes.TrimLeft(rows, "\r\n"))
	for row = list[:0]; at < len(rows); at++ {
		cell, n := firstCell(rows[at:], comma)
		row = append(row, cell)
		if at += n; at == len(rows) || rows[at] != comma {
			break
		}
		if at+1 == len(rows) { // nothing stands behind the last comma
			row = append(row, nil)
		}
	}
	return row, min(at+1, len(rows))
}

// firstCell reads the first cell and returns how long it is: up to the comma, or the end of its line.
func firstCell(text []byte, comma byte) (cell []byte, n int) {
	if len(text) > 0 && text[0] == '"' {
		n = quotedEnd(text, comma)
		cell = bytes.TrimSuffix(text[1:n], []byte(`"`))
		if bytes.IndexByte(cell, '"') >= 0 {
			cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
		}
		return cell, n + len(text[n:]) - len(bytes.TrimPrefix(text[n:], []byte("\r")))
	}
	end := bytes.IndexByte(text, '\n')
	if end < 0 {
		end = len(text)
	}
	if at := bytes.IndexByte(text[:end], comma); at >= 0 {
		return text[:at], at
	}
	return bytes.TrimSuffix(text[:end], []byte("\r")), end
}

// quotedEnd returns where a quoted cell ends, behind its quotation mark: one that stands neither twice nor at the end
// of a cell is the text's own.
func quotedEnd(text []byte, comma byte) int {
	for at := 1; ; {
		mark := bytes.IndexByte(text[at:], '"')
		if mark < 0 {
			return len(text)
		}
		at += mark + 1
		switch rest := bytes.TrimPrefix(text[at:], []byte("\r")); {
		case len(rest) == 0 || rest[0] == '\n' || text[at] == comma:
			return at
		case text[at] == '"':
			at++
		}
	}
}

// Cut tells whether a record was longer than is kept.
func (t *table) Cut() bool { return t.cut }

// Feed gathers rows: a row goes on where a quotation is open at the end of its line.
func (t *table) Feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n') + 1
		if end == 0 {
			end = len(in)
		}
		if len(t.rest) < maxUnit {
			t.rest = append(t.rest, in[:end]...)
		} else {
			t.cut = true
		}
		ended := in[end-1] == '\n'
		in = in[end:]
		if ended && (bytes.Count(t.rest, []byte(`"`))%2 == 0 || len(t.rest) >= maxUnit) {
			out = t.row(out)
		}
	}
	return out
}

// row gives out what was gathered: one row, or several where a quotation mark stands in the wrong place.
func (t *table) row(out []byte) []byte {
	text := bars(bytes.TrimRight(t.rest, "\r\n"), t.comma)
	t.rest = t.rest[:0]
	if t.first && t.comma == '|' && len(bytes.Trim(text, "|-+: ")) == 0 {
		return out // the line below the names
	}
	if !t.first {
		t.first = true
		return out
	}
	for len(text) > 0 {
		row, size := cells(t.cells, text, t.comma)
		t.cells = row
		last := len(t.names) - 1
		if len(row) > last+1 && record.IsText(t.names[last]) { // nobody quoted the commas in it
			row = append(row[:last], bytes.Join(row[last:], []byte{t.comma}))
		}
		if len(row) < 2 || len(row) > last+1 {
			return append(append(out, text...), '\n') // no row of this table
		}
		text = text[size:]
		for i, cell := range row {
			switch {
			case t.comma == '|':
				t.now.add([]byte(t.names[i]), bytes.TrimRight(bytes.TrimPrefix(cell, []byte(" ")), " "))
			case len(cell) > 0 || record.IsText(t.names[i]):
				t.now.add([]byte(t.names[i]), cell)
			}
		}
		out = t.now.endLine(out)
	}
	return out
}

func (t *table) End(out []byte) []byte {
	if len(t.rest) > 0 {
		out = t.row(out)
	}
	return out
}
