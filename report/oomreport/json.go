package oomreport

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// JSON writes an answer as docs/schema/oom.schema.json describes it, record by
// record and one a line: a large log has thousands, and the whole text of them is
// never held.
func JSON(w io.Writer, a oom.Answer) error {
	d := &documentWriter{out: bufio.NewWriterSize(w, 64<<10)}
	d.field("schemaVersion", a.SchemaVersion)
	d.field("source", a.Source)
	listField(d, "kills", a.Kills)
	listField(d, "crashes", a.Crashes)
	listField(d, "trouble", a.Trouble)
	listField(d, "containers", a.Containers)
	listField(d, "notes", a.Notes)
	return d.close()
}

// Lines writes a follower's records as JSON, one object a line:
//
//	{"schemaVersion":1,"kill":{…}}
func Lines(w io.Writer, a oom.Answer) error {
	d := &documentWriter{out: bufio.NewWriterSize(w, 64<<10)}
	lines(d, a.SchemaVersion, "kill", a.Kills)
	lines(d, a.SchemaVersion, "crash", a.Crashes)
	lines(d, a.SchemaVersion, "trouble", a.Trouble)
	lines(d, a.SchemaVersion, "note", a.Notes)
	return d.flush()
}

// documentWriter writes a JSON object field by field. The first error stays.
type documentWriter struct {
	out    *bufio.Writer
	buf    bytes.Buffer
	fields int
	err    error
}

func (d *documentWriter) write(text string) {
	if d.err == nil {
		_, d.err = d.out.WriteString(text)
	}
}

// value writes one value; indentation is of the lines after its first.
func (d *documentWriter) value(v any, prefix, indent string) {
	d.buf.Reset()
	encoder := json.NewEncoder(&d.buf)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(prefix, indent)
	if err := encoder.Encode(v); err != nil && d.err == nil {
		d.err = fmt.Errorf("encode report: %w", err)
	}
	if d.err == nil {
		d.err = sanitize.JSON.Write(d.out, bytes.TrimSuffix(d.buf.Bytes(), []byte("\n")))
	}
}

func (d *documentWriter) name(name string) {
	between := ",\n"
	if d.fields++; d.fields == 1 {
		between = "{\n"
	}
	d.write(between + "  \"" + name + "\": ")
}

func (d *documentWriter) field(name string, v any) {
	d.name(name)
	d.value(v, "  ", "  ")
}

func listField[T any](d *documentWriter, name string, list []T) {
	d.name(name)
	for i := range list {
		between := ",\n    "
		if i == 0 {
			between = "[\n    "
		}
		d.write(between)
		d.value(&list[i], "", "")
	}
	if len(list) == 0 {
		d.write("[]")
		return
	}
	d.write("\n  ]")
}

func lines[T any](d *documentWriter, version int, name string, list []T) {
	for i := range list {
		d.write(fmt.Sprintf("{\"schemaVersion\":%d,%q:", version, name))
		d.value(&list[i], "", "")
		d.write("}\n")
	}
}

func (d *documentWriter) close() error {
	d.write("\n}\n")
	return d.flush()
}

func (d *documentWriter) flush() error {
	if d.err != nil {
		return d.err
	}
	return d.out.Flush()
}
