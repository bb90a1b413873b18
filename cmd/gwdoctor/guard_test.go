package main

import (
	"strings"
	"testing"
)

// TestGuardOnly: the parts as people write them, and a variable of a script that is not set.
func TestGuardOnly(t *testing.T) {
	w := shop(t)
	if code := w.gwdoctor("guard", "--only", "health, celery"); code != exitOK {
		t.Errorf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "health, celery", w.out.String(), "# --- health: ", "# --- celery: ")
	if strings.Contains(w.out.String(), "# --- memory: ") {
		t.Error("parts that nobody asked for")
	}
	for only, says := range map[string]string{"": "--only names no part", "health,": `no part ""`,
		"healht": "did you mean health?"} {
		w := shop(t)
		if code := w.gwdoctor("guard", "--only", only); code != exitUsage {
			t.Errorf("%q: exit code %d", only, code)
		}
		contains(t, only, w.err.String(), says, "gwdoctor guard --list")
		if w.out.Len() > 0 {
			t.Errorf("%q: %s", only, w.out.String())
		}
	}
}
