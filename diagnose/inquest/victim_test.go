package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
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
	curls, asks := exec("/bin/sh -c curl -f localhost || exit 1", 20, 0), exec("/bin/sh -c /ask.sh || exit 1", 20, 0)
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
		"a shell that runs a prober, not Python":    {app, curls, kill(30, 20), 3000, false},
		"a shell that runs who knows what":          {app, asks, kill(30, 20), 3000, true},
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

// TestIsOfMain: the process table tells whose a victim was while nobody has collected it.
func TestIsOfMain(t *testing.T) {
	main, exec := 10, 40
	table := func(state string, session *int) *evidence.Process {
		return &evidence.Process{PID: main, Tasks: []evidence.Task{{PID: main, TID: main, Session: &main, State: "S"},
			{PID: 30, TID: 30, PPID: 20, Session: session, State: state}}}
	}
	for name, tt := range map[string]struct {
		table *evidence.Process
		want  bool
	}{
		"a worker that nobody collected":   {table("Z", &main), true},
		"an exec's":                        {table("Z", &exec), false},
		"another process has its number":   {table("S", &main), false},
		"sessions are not told":            {table("Z", nil), false},
		"no process table":                 {nil, false},
		"it was collected, and is no more": {&evidence.Process{PID: main}, false},
	} {
		if got := isOfMain(tt.table, kernellog.Kill{PID: 30}); got != tt.want {
			t.Errorf("%s: of the main process %v", name, got)
		}
	}
}

// TestMainKill: where the kernel killed the only process of a container, or its oldest shortly before the end, the end
// is that kill's; and where it killed any, nobody says that nothing was seen.
func TestMainKill(t *testing.T) {
	end := time.Date(2026, 11, 27, 3, 23, 8, 0, time.UTC)
	kill := func(before time.Duration, lowest, count int) []kernellog.Kill {
		at := end.Add(-before)
		return []kernellog.Kill{{At: &at, PID: 30, LowestPID: lowest, TaskCount: count, Scope: kernellog.ScopeOwnLimit}}
	}
	outer := kill(7*time.Second, 30, 1)
	outer[0].Scope = kernellog.ScopeOuterLimit
	const s = time.Second
	for name, tt := range map[string]struct {
		kills        []kernellog.Kill
		beside       bool
		code         int
		main, lately bool
	}{
		"the only process, 7 s before":        {kill(7*s, 30, 1), false, 137, true, true},
		"the only process, half a minute":     {kill(30*s, 30, 1), false, 137, true, true},
		"the only process, long before":       {kill(200*s, 30, 1), false, 137, false, false},
		"the oldest of three, 7 s before":     {kill(7*s, 30, 3), false, 137, true, true},
		"the oldest of three, half a minute":  {kill(30*s, 30, 3), false, 137, false, true},
		"a younger one":                       {kill(7*s, 20, 3), false, 137, false, true},
		"no table was printed":                {kill(7*s, 0, 0), false, 137, false, true},
		"the table is of a larger group":      {outer, false, 137, false, true},
		"a command beside the main process":   {kill(7*s, 30, 1), true, 137, false, false},
		"it ended with a code of its own":     {kill(7*s, 30, 1), false, 1, false, true},
		"the kernel killed none":              {nil, false, 137, false, false},
		"killed after the end: another story": {kill(-9*s, 30, 1), false, 137, false, false},
	} {
		signs, life := MemorySigns{Kills: tt.kills}, &evidence.Life{End: &end, ExitCode: &tt.code}
		if tt.beside {
			signs.Beside = tt.kills
		}
		if got := signs.mainKill(life); (got != nil) != tt.main {
			t.Errorf("%s: %v", name, got)
		}
		if gap, ok := signs.memoryLately(life); ok != tt.lately {
			t.Errorf("%s: lately %v, %s", name, ok, gap)
		}
	}
}

// TestRelayedKill: a shell that ends seconds after the kernel killed its child passes that death on.
func TestRelayedKill(t *testing.T) {
	end := time.Date(2026, 11, 26, 20, 0, 0, 0, time.UTC)
	told := func(before time.Duration) LogSigns {
		f := servicelog.Finding{ID: "shell-killed", At: end.Add(-before), LastAt: end.Add(-before)}
		return LogSigns{Log: &servicelog.Run{Findings: []servicelog.Finding{f}}}
	}
	kills := func(before ...time.Duration) []kernellog.Kill {
		var list []kernellog.Kill
		for i, d := range before {
			at := end.Add(-d)
			list = append(list, kernellog.Kill{At: &at, PID: 30 + i})
		}
		return list
	}
	const s = time.Second
	for name, tt := range map[string]struct {
		kills  []kernellog.Kill
		beside bool
		log    LogSigns
		code   int
		want   bool
	}{
		"the shell says it as it ends":           {kills(3400 * time.Millisecond), false, told(0), 137, true},
		"the shell said it long before":          {kills(9 * s), false, told(8 * s), 137, false},
		"the kill was another story":             {kills(40 * s), false, told(0), 137, false},
		"two kills: which one it was":            {kills(9*s, 3*s), false, told(0), 137, false},
		"the victim was a command beside it":     {kills(3 * s), true, told(0), 137, false},
		"nobody says that a child was killed":    {kills(3 * s), false, LogSigns{}, 137, false},
		"the shell ended with a code of its own": {kills(3 * s), false, told(0), 1, false},
		"no kill is told":                        {nil, false, told(0), 137, false},
	} {
		signs := MemorySigns{Kills: tt.kills}
		if tt.beside {
			signs.Beside = tt.kills
		}
		if got := signs.relayedKill(&evidence.Life{End: &end, ExitCode: &tt.code}, tt.log); (got != nil) != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
