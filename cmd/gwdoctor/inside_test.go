package main

import (
	"context"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// lookedInside is what a look into a container gave, as a recording keeps it.
const lookedInside = `{"at":"2026-11-23T19:59:00Z","looks":1,"cut":false,"processes":[{"pid":4711,"comm":"uvicorn",
"python":"3.11","asyncio":true,"tasksMoved":0,"handlers":[{"class":"StreamHandler","fd":2,"owner":"batch"}],"notes":["x"],
"pools":[{"class":"BlockingConnectionPool","size":4,"used":4,"waiting":["Task-37"],"holders":["Task-29"]}],
"threads":[{"tid":4711,"innerTid":1,"name":"MainThread","state":"S","moves":false,"lastRan":27.1,"still":true,"depth":9,
"frames":[{"file":"/app/app.py","line":31,"function":"get_stock"}],"wait":{"call":"recvfrom","fd":8,"target":"socket:[7]",
"socket":{"protocol":"tcp","state":"ESTABLISHED","local":"10.0.0.2:4","remote":"10.0.0.3:6379","unread":0,"unacked":0,
"name":"redis","condition":"paused","peerUnread":24}}}],
"tasks":[{"names":["order-consumer"],"count":1,"coroutine":"consume","state":"finished","frames":[],"exception":"KeyError",
"raised":{"file":"/app/app.py","line":17,"function":"handle"},"retrieved":false,"loop":1}]}]}`

func insideBundle(t *testing.T) string {
	t.Helper()
	b := bundle.New("test", bundle.Target{ID: strings.Repeat("a6", 32), Name: "gateway"}, now)
	b.Put(bundle.FileInside, []byte(lookedInside))
	b.SetSource(bundle.Source{Name: fact.SourceInside, Status: fact.StatusCollected, Files: []string{bundle.FileInside}})
	folder := t.TempDir() + "/incident"
	if err := b.WriteDir(folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestInsideFromABundle: what a recording holds is told as of the living.
func TestInsideFromABundle(t *testing.T) {
	path := insideBundle(t)
	for format, want := range map[string]string{
		"text":   "connection to container redis (10.0.0.3:6379), which is paused",
		"json":   `"peerUnread": 24`,
		"folded": "uvicorn;MainThread;get_stock (/app/app.py:31) 1\n",
	} {
		w := healthShop(t)
		if code := w.gwdoctor("inside", "--bundle", path, "--format", format); code != exitOK {
			t.Fatalf("%s: exit code %d: %s", format, code, w.err.String())
		}
		if got := strings.Join(strings.Fields(w.out.String()), " "); !strings.Contains(got,
			strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%s: no %q in\n%s", format, want, w.out.String())
		}
	}
}

func TestInsideArguments(t *testing.T) {
	for _, args := range [][]string{{}, {"web", "--pid", "7"}, {"--pid", "0"}, {"web", "--looks", "0"},
		{"web", "--watch", "--format", "json"}} {
		w := healthShop(t)
		if code := w.gwdoctor(append([]string{"inside"}, args...)...); code != exitUsage {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
}

// TestInsideNothing: why nothing was seen is the answer, in the form that was asked for, and a script can tell.
func TestInsideNothing(t *testing.T) {
	for format, want := range map[string]string{"text": "NOT SEEN", "json": `"status": "not-asked"`, "folded": ""} {
		w := healthShop(t)
		code := w.gwdoctor("inside", "--pid", "7", "--format", format)
		if code != exitFailed || !strings.Contains(w.out.String(), want) || w.err.Len() > 0 {
			t.Errorf("%s: exit code %d: %s%s", format, code, w.out.String(), w.err.String())
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := pause(ctx, 1<<40); err == nil {
		t.Error("an interruption is heeded only at the end of a pause")
	}
}
