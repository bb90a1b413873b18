package cause

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// TestStartupTitle: a lifespan is named where the log has one, a server where there is one, and neither of a script.
func TestStartupTitle(t *testing.T) {
	began := func(id string, frames ...traceback.Frame) servicelog.Finding {
		f := servicelog.Finding{ID: id, Cause: fact.StartupFailure, Role: fact.RoleRoot, Strength: fact.Conclusive, At: end,
			LastAt: end, Count: 1}
		if len(frames) > 0 {
			f.Exception = &traceback.Exception{Type: "KeyError", Frames: frames}
		}
		return f
	}
	script := traceback.Frame{File: "/app/job.py", Line: 3, Function: "<module>"}
	uvicorn := traceback.Frame{File: "/usr/lib/python3.11/site-packages/uvicorn/main.py", Function: "run"}
	lifespan := traceback.Frame{File: "/usr/lib/python3.11/site-packages/starlette/routing.py", Function: "lifespan"}
	for _, tt := range []struct {
		name string
		log  *servicelog.Run
		want string
	}{
		{"a script", &servicelog.Run{Findings: []servicelog.Finding{began("startup-exception", script)}},
			"The program's start failed"},
		{"a module that is not there", &servicelog.Run{Findings: []servicelog.Finding{began("python-entry-missing")}},
			"The program's start failed"},
		{"a server's command", &servicelog.Run{Findings: []servicelog.Finding{began("startup-exception", uvicorn, script)}},
			"The server's start failed"},
		{"a server that said its name", &servicelog.Run{Lifecycle: servicelog.Lifecycle{Server: "gunicorn"},
			Findings: []servicelog.Finding{began("startup-exception", script)}}, "The server's start failed"},
		{"the server says that it was the lifespan", &servicelog.Run{Lifecycle: servicelog.Lifecycle{Server: "uvicorn"},
			Findings: []servicelog.Finding{began("uvicorn-startup-failed")}}, "Startup (lifespan) failed"},
		{"through the lifespan's call", &servicelog.Run{Findings: []servicelog.Finding{began("startup-exception", lifespan,
			script)}}, "Startup (lifespan) failed"},
		{"the lifespan goes on starting", &servicelog.Run{Lifecycle: servicelog.Lifecycle{Server: "uvicorn", Waiting: true}},
			"Startup (lifespan) failed"},
		{"nothing of a start", &servicelog.Run{}, "Startup failed"},
		{"no log", nil, "Startup failed"},
	} {
		c := inquest.Case{Signs: inquest.Signs{LogSigns: inquest.LogSigns{Log: tt.log}}}
		if got := startupFailure.TitleIn(c); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
