package redact

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// TestRedactorMasksLines: what a command quotes of a plain text loses the same
// secrets as a bundle does.
func TestRedactorMasksLines(t *testing.T) {
	r := New()
	for _, c := range canaries() {
		if got := r.Text("ERROR app: " + c.text); strings.Contains(got, c.hide) {
			t.Errorf("%q survives in %q", c.hide, got)
		}
	}
	const plain = "INFO:     172.18.0.7:4711 - \"GET /orders/7 HTTP/1.1\" 200 OK"
	if got := r.Text(plain); got != plain {
		t.Errorf("an access line became %q", got)
	}
}

func TestRedactorCountsByKind(t *testing.T) {
	r := New()
	r.Text("redis://:cnry20@redis:6379/0")
	r.Text("redis://:cnry21@redis:6379/1")
	if diff := cmp.Diff([]bundle.Mask{{Kind: KindURL, Count: 2}}, r.Masked()); diff != "" {
		t.Error(diff)
	}
}

func TestNilRedactorMasksNothing(t *testing.T) {
	var r *Redactor
	if got := r.Text("password=cnry01"); got != "password=cnry01" || len(r.Masked()) != 0 {
		t.Errorf("a nil redactor gave %q, %v", got, r.Masked())
	}
}
