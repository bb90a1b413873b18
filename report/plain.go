package report

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// Caps of one text in the formats that others read: an excerpt of 10 MB helps
// nobody, and a page must open.
const (
	maxPlainText  = 4000 // runes
	maxPlainLines = 60
	maxPlainItems = 1000 // of any list but the containers: a report.json may be anybody's
)

// plain returns a copy of a report in which every text is harmless to show: what a
// screen would act upon is a visible escape (see [sanitize.Clean]), bytes are UTF-8, and
// length is bounded. Lines stay lines. Markup is another matter: each renderer
// escapes its own.
func plain(r answer.Report) answer.Report {
	return deepPlain(reflect.ValueOf(r)).Interface().(answer.Report)
}

func deepPlain(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		out.SetString(plainText(v.String()))
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		n := v.Len()
		if v.Type() != reflect.TypeFor[[]answer.Diagnosis]() {
			n = min(n, maxPlainItems)
		}
		out.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			out.Index(i).Set(deepPlain(v.Index(i)))
		}
	case reflect.Struct:
		out.Set(v) // time.Time has fields of its own, which hold no text
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(deepPlain(v.Field(i)))
			}
		}
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(deepPlain(v.Elem()))
	default:
		return v
	}
	return out
}

// plainText cleans a text line by line and cuts it.
func plainText(s string) string {
	s = strings.TrimRight(s, "\r\n")
	cut := max(0, len(s)-utf8.UTFMax*maxPlainText) // so that a text of 10 MB costs no more than its beginning
	lines := strings.Split(s[:len(s)-cut], "\n")
	room, kept := maxPlainText, 0
	for kept < len(lines) && kept < maxPlainLines && room > 0 {
		line := strings.TrimRight(lines[kept], "\r")
		lines[kept] = sanitize.Clean(line, room)
		room -= utf8.RuneCountInString(line)
		kept++
	}
	for _, line := range lines[kept:] {
		cut += len(line) + 1
	}
	lines = lines[:kept]
	if cut > 0 {
		lines = append(lines, fmt.Sprintf("... (%d bytes more)", cut))
	}
	return strings.Join(lines, "\n")
}
