package report

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/oomreport"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// outputs are everything else that this package writes, each of a document in which
// every field is set and every text is poisoned.
func outputs(poison string) map[string]func(io.Writer, layout.Style) error {
	return map[string]func(io.Writer, layout.Style) error{
		"exit":     of(poison, Exit),
		"explain":  of(poison, Explain),
		"sources":  of(poison, Sources),
		"cores":    of(poison, Cores),
		"logs":     of(poison, Logs),
		"logs end": of(poison, LogsEnd),
		"finding":  of(poison, LogFinding),
		"oom":      of(poison, oomreport.Text),
		"oom more": of(poison, oomreport.Records),
		"oom end":  of(poison, oomreport.Summary),
		"health":   of(poison, Health),
		"demos":    of(poison, Demos),
		"version":  of(poison, Version),
		"capture":  of(poison, func(w io.Writer, c answer.Capture, _ layout.Style) error { return Captured(w, c) }),
		"oom JSON": of(poison, func(w io.Writer, a oom.Answer, _ layout.Style) error { return oomreport.JSON(w, a) }),
		"oom line": of(poison, func(w io.Writer, a oom.Answer, _ layout.Style) error { return oomreport.Lines(w, a) }),
		"document": of(poison, func(w io.Writer, e health.Examination, _ layout.Style) error { return Document(w, e) }),
		"message": func(w io.Writer, _ layout.Style) error {
			return sanitize.Message(w, "error: "+poison, poison)
		},
	}
}

func of[T any](poison string, render func(io.Writer, T, layout.Style) error) func(io.Writer, layout.Style) error {
	document := poisoned(filled(reflect.TypeFor[T](), 0), poison).Interface().(T)
	return func(w io.Writer, s layout.Style) error { return render(w, document, s) }
}

// filled makes a value with every field set, so that a renderer says all it can.
func filled(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(end))
	case depth > 8:
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				v.Field(i).Set(filled(t.Field(i).Type, depth+1))
			}
		}
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(filled(t.Elem(), depth+1))
	case t.Kind() == reflect.Slice:
		n := 1
		if depth < 3 {
			n = 2
		}
		v.Set(reflect.MakeSlice(t, n, n))
		for i := range n {
			v.Index(i).Set(filled(t.Elem(), depth+1))
		}
	case t.Kind() == reflect.String:
		v.SetString("MARK")
	case t.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1)
	case v.CanUint():
		v.SetUint(1)
	case v.CanFloat():
		v.SetFloat(0.5)
	}
	return v
}

func output(t *testing.T, name string, render func(io.Writer, layout.Style) error, s layout.Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := render(&out, s); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out.String()
}

// TestOutputsAreInert: nothing of what a terminal obeys, and no line that a
// stranger's newline began.
func TestOutputsAreInert(t *testing.T) {
	for _, poison := range poisons {
		for name, render := range outputs(poison) {
			out := output(t, name, render, layout.Style{Verbose: true})
			if i := strings.IndexFunc(out, terminalObeys); i >= 0 {
				t.Errorf("%s: %.40q: %q reaches the terminal", name, poison, out[i:min(i+20, len(out))])
			}
			if strings.Contains(out, "\nFAKE") {
				t.Errorf("%s: a stranger's newline begins a line", name)
			}
			if !clips[name] && !strings.Contains(out, "MARK") {
				t.Errorf("%s: %.40q: the text is lost", name, poison)
			}
		}
	}
}

// TestOutputsCommandNoRunner is TestFormatsCommandNoRunner for everything else.
func TestOutputsCommandNoRunner(t *testing.T) {
	for _, text := range commandingTexts() {
		for name, render := range outputs(text) {
			for _, s := range []layout.Style{{}, {Color: true, Verbose: true, Width: 60}} {
				for _, line := range commands(sanitize.Prose, output(t, name, render, s)) {
					t.Errorf("%s: %.60q: %.80q", name, text, line)
				}
			}
		}
	}
}

// TestOutputsReturnWriteErrors: a full disk is an error of every output.
func TestOutputsReturnWriteErrors(t *testing.T) {
	for name, render := range outputs("MARK") {
		if err := render(&failing{}, layout.Style{}); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: a failed write gives %v", name, err)
		}
	}
}

// clips are the outputs that are tables, whose cells cut a text before its mark.
var clips = map[string]bool{"version": true, "oom end": true, "explain": true}
