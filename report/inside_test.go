package report

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

func insideSample() answer.Inside {
	at := time.Date(2026, 11, 26, 17, 31, 28, 0, time.UTC)
	no, ran := false, 27.1
	app := answer.Frame{File: "/app/app.py", Line: 38, Function: "cart"}
	get := answer.Frame{File: "/usr/lib/python3.11/asyncio/queues.py", Line: 158, Function: "Queue.get"}
	thread := answer.InsideThread{TID: 7, Name: "batch", State: "S", LastRan: &ran, Frames: []answer.Frame{app}}
	return answer.Inside{SchemaVersion: 1, At: &at, Looks: 1, Target: &answer.CoreTarget{ID: strings.Repeat("a6", 32),
		Name: "gateway"}, Processes: []answer.InsideProcess{{PID: 4711, Comm: "uvicorn", Version: "3.11", Asyncio: true,
		Threads: []answer.InsideThread{thread, thread},
		Tasks: []answer.InsideTask{
			{Names: []string{"Task-37", "Task-38"}, Count: 6, Coroutine: "cart", State: "pending",
				Frames: []answer.Frame{get, app}},
			{Names: []string{"order-consumer"}, Count: 1, Coroutine: "consume", State: "finished", Exception: "KeyError",
				Raised: &answer.Frame{File: "/app/app.py", Line: 17, Function: "handle"}, Retrieved: &no},
			{Names: []string{"evil\x1b[2J"}, Count: 1, Coroutine: "x", State: "pending", Frames: []answer.Frame{get}}},
		Connections: []answer.InsideConnection{{Tasks: []string{"Task-38"}, Socket: evidence.Peering{Name: "redis",
			Remote: "192.168.32.2:6379", Condition: "paused"}}},
		Moved: 3, Notes: []string{"a note"}}}}
}

// TestInside: what stands alike is told once, a stranger's name cannot write on the
// terminal, and nothing that was seen is left out silently.
func TestInside(t *testing.T) {
	var b strings.Builder
	if err := Inside(&b, insideSample(), layout.Style{Width: 200}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"uvicorn, pid 4711: Python 3.11, 2 threads, 8 tasks", "2 threads (batch, batch …)",
		"last ran 27.1 s ago", "/app/app.py:38 cart",
		"6 tasks (Task-37, Task-38 …) cart [pending]\n        /usr/lib/python3.11/asyncio/queues.py:158 Queue.get <- " +
			"/app/app.py:38 cart\n        on a connection to container redis (192.168.32.2:6379), which is paused",
		"task order-consumer consume [finished]\n        KeyError at /app/app.py:17 handle, which nobody asked for",
		"3 more tasks moved", "a note"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("a task's name writes on the terminal")
	}
}

// TestInsideDenied: where the memory is shut, what the kernel shows of the threads all the same does not hide that.
func TestInsideDenied(t *testing.T) {
	var b strings.Builder
	doc := insideSample()
	doc.Source = answer.InsideSource{Status: "denied", Detail: "Yama", Command: "sudo gwdoctor inside web"}
	if err := Inside(&b, doc, layout.Style{Width: 200}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"NOT SEEN denied: Yama", "sudo gwdoctor inside web", "uvicorn, pid 4711"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "read from memory") {
		t.Errorf("nothing was read from memory:\n%s", b.String())
	}
}

func TestInsideNotSeen(t *testing.T) {
	var b strings.Builder
	doc := answer.Inside{Source: answer.InsideSource{Status: "denied", Detail: "Yama",
		Command: "sudo gwdoctor inside web"}}
	if err := Inside(&b, doc, layout.Style{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"NOT SEEN", "denied: Yama", "sudo gwdoctor inside web"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestInsideFolded(t *testing.T) {
	f := answer.Folded{}
	f.Add(insideSample())
	f.Add(insideSample())
	var b strings.Builder
	if err := InsideFolded(&b, f); err != nil {
		t.Fatal(err)
	}
	want := "uvicorn;task cart;cart (/app/app.py:38);Queue.get (/usr/lib/python3.11/asyncio/queues.py:158) 12\n"
	if !strings.Contains(b.String(), want) || !strings.Contains(b.String(), "uvicorn;batch;cart (/app/app.py:38) 4\n") {
		t.Errorf("got\n%s", b.String())
	}
}
