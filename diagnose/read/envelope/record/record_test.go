package record

import (
	"strings"
	"testing"
)

// TestTheBetterName: whatever the order of the members, the text is the one with the better name, and only members that
// shippers wrap a record in are looked into.
func TestTheBetterName(t *testing.T) {
	for _, c := range []struct{ object, text string }{
		{`{"labels":{"container":"gateway"},"line":"ready","timestamp":"2026-11-23T09:06:15Z"}`, `"ready"`},
		{`{"log":"shipped","message":"ready"}`, `"ready"`},
		{`{"message":"ready","log":"shipped"}`, `"ready"`},
		{`{"_source":{"message":"ready"},"host":"a"}`, `"ready"`},
		{`{"message":"ready","_source":{"message":"older"}}`, `"ready"`},
		{`{"locals":{"message":"a stranger's"},"level":"error"}`, ""},
		{`{"Log_s":"ready"}`, `"ready"`},
		{`{"MESSAGE":null}`, "null"},
	} {
		r := New()
		if end := r.Read([]byte(c.object)); end != len(c.object) || string(r.Text) != c.text {
			t.Errorf("%s: %d, text %s", c.object, end, r.Text)
		}
	}
}

// TestWhoMadeIt tells a logger's record from a runtime's and a shipper's, and from one that cannot be told.
func TestWhoMadeIt(t *testing.T) {
	for _, c := range []struct {
		object                       string
		application, shipped, docker bool
	}{
		{`{"level":"error","message":"no"}`, true, false, false},
		{`{"log":"no\n","stream":"stderr","time":"2026-11-23T09:06:15Z"}`, false, false, true},
		{`{"log":"no\n","time":"2026-11-23T09:06:15Z","kubernetes":{"pod_name":"gateway-7"}}`, false, true, false},
		{`{"CONTAINER_NAME":"gateway","MESSAGE":"no"}`, false, true, false},
		{`{"message":"no","status":"error"}`, false, false, false},
	} {
		r := New()
		r.Read([]byte(c.object))
		if r.ByApplication() != c.application || r.NamesContainer() != c.shipped || r.IsJSONFile() != c.docker {
			t.Errorf("%s: application %v, container %v, json-file %v", c.object, r.ByApplication(), r.NamesContainer(),
				r.IsJSONFile())
		}
	}
}

// TestSpare: a text without a known name is found by what it holds, at any depth; a short one is none.
func TestSpare(t *testing.T) {
	const object = `{"id":"short","extra":{"note":"Worker (pid:7) was sent SIGKILL!"},"other":"Booting worker with pid: 12"}`
	holds := func(word string) func([]byte) bool {
		return func(value []byte) bool { return strings.Contains(string(value), word) }
	}
	if got := string(FindSpare([]byte(object), holds("SIGKILL"))); got != `"Worker (pid:7) was sent SIGKILL!"` {
		t.Errorf("found %s", got)
	}
	if got := FindSpare([]byte(object), holds("short")); got != nil {
		t.Errorf("found %s", got)
	}
	r := New()
	if r.Read([]byte(object)); string(r.Spare) != `"Booting worker with pid: 12"` {
		t.Errorf("spare %s", r.Spare)
	}
	if r.TakeSpare(); string(r.Text) != string(r.Spare) || r.ByApplication() {
		t.Errorf("text %s", r.Text)
	}
}
