package inside

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// TestLook looks into a process whose threads and tasks stand where its script says.
func TestLook(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		pid, _ := start(t, path, "-u", "testdata/stuck.py")
		got, err := Look(context.Background(), Target{ProcRoot: "/proc", PIDs: []int{pid}, Now: time.Now, Twice: true})
		if err != nil || len(got.Processes) != 1 {
			t.Fatal(got, err)
		}
		p := got.Processes[0]
		main := threadNamed(t, p, "MainThread")
		wait := main.Wait
		if wait == nil || wait.Socket == nil || wait.Socket.State != "ESTABLISHED" || wait.Socket.PeerUnread == nil ||
			*wait.Socket.PeerUnread != 5 {
			t.Errorf("the main thread waits for %+v", wait)
		}
		if main.Still == nil || !*main.Still || len(main.Frames) == 0 || main.Frames[0].Function != "ask" {
			t.Errorf("main thread: %+v", main)
		}
		logs := threadNamed(t, p, "logs")
		if logs.Wait == nil || logs.Wait.Call != "write" || !strings.HasPrefix(logs.Wait.Target, "pipe:") {
			t.Errorf("the thread that logs waits for %+v", logs.Wait)
		}
		if w := threadNamed(t, p, "behind").Wait; w == nil || w.Owner != "logs" || w.Lock != "lock of StreamHandler" {
			t.Errorf("the thread behind it waits for %+v", w)
		}
		if i := slices.IndexFunc(p.Handlers, func(h evidence.InsideHandler) bool { return h.Owner == "logs" }); i < 0 {
			t.Errorf("handlers: %+v", p.Handlers)
		}
		i := slices.IndexFunc(p.Tasks, func(k evidence.InsideTask) bool { return slices.Contains(k.Names, "waits") })
		if i < 0 || len(p.Tasks[i].Frames) < 2 {
			t.Errorf("tasks: %+v", p.Tasks)
		}
		pool := slices.IndexFunc(p.Pools, func(k evidence.InsidePool) bool { return k.Class == "Queue" })
		if pool < 0 || !slices.Contains(p.Pools[pool].Waiting, "waits") {
			t.Errorf("pools: %+v", p.Pools)
		}
	})
}

func threadNamed(t *testing.T, p evidence.InsideProcess, name string) evidence.InsideThread {
	t.Helper()
	for _, thread := range p.Threads {
		if thread.Name == name {
			return thread
		}
	}
	t.Errorf("no thread %q among %d", name, len(p.Threads))
	return evidence.InsideThread{}
}

// TestLookAtNothing: processes that ended, that are no Python, that have no memory.
func TestLookAtNothing(t *testing.T) {
	pid, _ := start(t, "/bin/sh", "-c", "echo ready; kill -STOP $$") // no exec: a process in it has no memory for a moment
	got, err := Look(context.Background(), Target{ProcRoot: "/proc", PIDs: []int{pid, 1 << 22, 2}, Now: time.Now})
	if err != nil || len(got.Processes) == 0 {
		t.Fatal(got, err)
	}
	p := got.Processes[0]
	if p.Version != "" || len(p.Threads) != 1 || len(p.Threads[0].Frames) != 0 {
		t.Errorf("a shell: %+v", p)
	}
	if _, err := Look(context.Background(), Target{ProcRoot: "/proc", PIDs: []int{1 << 22}, Now: time.Now}); err == nil {
		t.Error("a process that is not there was read")
	}
	if os.Geteuid() == 0 {
		return
	}
	if _, err := Look(context.Background(), Target{ProcRoot: "/proc", PIDs: []int{1}, Now: time.Now}); err == nil {
		t.Error("PID 1 was read without rights")
	}
}
