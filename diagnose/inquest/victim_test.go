package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// TestOfExec: whose process the kernel took, by pid, command and time.
func TestOfExec(t *testing.T) {
	base := time.Date(2026, 11, 26, 20, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return base.Add(time.Duration(ms) * time.Millisecond) }
	const none = -1
	// exec runs a command from -1 s on; it ends at a moment with a code, or nothing tells of its end.
	exec := func(command string, ends, code int) []evidence.Event {
		list := []evidence.Event{{Kind: fact.EventExecCreated, ExecID: "1", Command: command, At: at(-1000)}}
		if ends != none {
			list = append(list, evidence.Event{Kind: fact.EventExecEnded, ExecID: "1", ExitCode: &code, At: at(ends)})
		}
		return list
	}
	kill := func(pid int, others ...int) kernellog.Kill {
		moment := at(0)
		k := kernellog.Kill{At: &moment, PID: pid, Comm: "python3", Scope: kernellog.ScopeOwnLimit, LowestPID: 10,
			Tasks: []kernellog.Task{{PID: 10, Comm: "sh"}, {PID: pid, Comm: "python3"}}, TaskCount: 2 + len(others)}
		for _, other := range others {
			k.Tasks = append(k.Tasks, kernellog.Task{PID: other, Comm: "python3"})
		}
		return k
	}
	const python, app = "python3 x.py", "python3 app.py"
	killed := exec(python, 20, 137)
	bare := kill(30)
	bare.LowestPID, bare.TaskCount, bare.Tasks = 0, 0, nil
	for name, tt := range map[string]struct {
		own  string // the container's own command, under a shell
		exec []evidence.Event
		kill kernellog.Kill
		end  int // of the main process; none = it lives
		want bool
	}{
		"it got SIGKILL, the main process lived on": {app, killed, kill(30, 20), 3000, true},
		"the same, without the kernel's table":      {app, killed, bare, 3000, true},
		"the same, and the main process lives":      {app, killed, bare, none, true},
		"both ended at once, the newer was taken":   {app, killed, kill(30, 20), 100, true},
		"both ended at once, the older was taken":   {app, killed, kill(20, 30), 100, false},
		"both ended at once, no table":              {app, killed, bare, 100, false},
		"the exec ended well":                       {app, exec(python, 20, 0), kill(30, 20), 100, false},
		"the exec had ended long before":            {app, exec(python, -5000, 137), kill(30, 20), 100, false},
		"the exec outlived the kill":                {app, exec(python, 9000, 0), kill(30, 20), none, false},
		"a shell that lost the newer of two":        {app, exec("sh -c "+python+"; echo", 20, 0), kill(30, 20), 100, true},
		"a shell beside a shell, one program":       {app, exec("sh -c "+python+"; echo", 20, 0), kill(30), 100, false},
		"another program than the exec's":           {app, exec("curl localhost", 20, 137), kill(30, 20), 3000, false},
		"the victim is the main process":            {app, killed, kill(10), 3000, false},
		"no exec at all":                            {app, nil, kill(30, 20), 3000, false},
		"its end is not told, nor who is older":     {app, exec(python, none, 0), bare, 100, false},
	} {
		life := &evidence.Life{Start: at(-60_000), Events: tt.exec, Alive: tt.end == none}
		if tt.end != none {
			end := at(tt.end)
			life.End = &end
		}
		spec := &evidence.Spec{Command: []string{"sh", "-c", tt.own}}
		if got := ofExec(spec, life, tt.kill); got != tt.want {
			t.Errorf("%s: of an exec %v", name, got)
		}
	}
}
