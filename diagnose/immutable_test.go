package diagnose

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/rank"
)

// TestNobodyWritesIntoACase: a Case is handed on by value, but its lists and pointers are shared. Of each incident two
// are made; after all rules and advice were at work on the one it still equals the other. So do the diagnoses after
// chains were made of them.
func TestNobodyWritesIntoACase(t *testing.T) {
	traps, err := filepath.Glob(filepath.Join("..", "fixtures", "traps", "*.tar.gz"))
	if err != nil || len(traps) == 0 {
		t.Fatal("no traps: ", err)
	}
	var used, untouched []answer.Diagnosis
	for _, path := range append(incidents(t), traps...) {
		c, b := openCase(t, path)
		used = append(used, answer.Diagnose(c, rank.Of(c), b.Manifest()))
		untouched = append(untouched, answer.Diagnose(c, rank.Of(c), b.Manifest()))
		answer.ExitOfCase(c)
		answer.CoresOf(c)
		health.Examine(c.Health())
		same(t, path, fresh(t, path), c)
	}
	Chains(used)
	same(t, "the diagnoses", untouched, used)
}

func openCase(t *testing.T, path string) (inquest.Case, *bundle.Bundle) {
	t.Helper()
	b, err := bundle.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return caseOf(b), b
}

func fresh(t *testing.T, path string) inquest.Case {
	t.Helper()
	c, _ := openCase(t, path)
	return c
}

func same(t *testing.T, what string, before, after any) {
	t.Helper()
	if !reflect.DeepEqual(before, after) {
		all := cmp.Exporter(func(reflect.Type) bool { return true })
		t.Errorf("%s: written into (-before +after):\n%s", what, cmp.Diff(before, after, all))
	}
}
