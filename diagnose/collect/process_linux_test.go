package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const initPID = "4242"

// stat is a line of /proc/PID/stat; the comm may hold blanks and parentheses.
func stat(pid, ppid int, comm, state string) string {
	return fmt.Sprintf("%d (%s) %s %d 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 308020 1048576 262 "+
		"18446744073709551615 1 1 0 0 0 0 0 4096 16386 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n", pid, comm, state, ppid)
}

const limitsFile = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max core file size        0                    unlimited            bytes     
Max open files            1024                 524288               files     
`

// liveMachine is thisMachine with the running container web: PID 1 "uvicorn (x)"
// with a second thread, a zombie child, and an exec'd sh whose parent is outside.
func liveMachine() map[string]string {
	proc := enginetest.ThisMachine(map[string]string{
		"4242/cgroup": "4:memory:/docker/" + enginetest.WebID + "\n9:pids:/docker/" + enginetest.WebID +
			"\n1:cpu:/docker/" + enginetest.WebID + "\n0::/docker/" + enginetest.WebID + "\n",
		"4242/status": "Name:\tuvicorn (x)\nSigBlk:\t0000000000000000\nSigIgn:\t0000000001001000\nSigCgt:\t0000000" +
			"000004002\n",
		"4242/limits": limitsFile,
		"4242/fd/0":   "", "4242/fd/1": "", "4242/fd/7": "",
		"4242/net/tcp": enginetest.TCPHeader +
			enginetest.TCPLine("00000000:1F90", "00000000:0000", "0A", "00000011") + // :8080 listens, 17 wait
			enginetest.TCPLine("020011AC:1F90", "010011AC:D431", "08", "00000001") + // a client's, not closed by us
			enginetest.TCPLine("020011AC:1F90", "010011AC:D432", "08", "00000001") +
			enginetest.TCPLine("020011AC:C000", "030011AC:18EB", "01", "00000000"), // to :6379
		"4242/mountinfo": "30 25 0:36 / / rw,relatime master:1 - btrfs /dev/vda rw\n" +
			"31 30 0:40 / /data rw,nosuid - tmpfs tmpfs rw,size=2048k\n" +
			"32 30 8:1 /a /config ro,relatime - ext4 /dev/sda1 rw\n" + // nobody writes there
			"33 30 0:50 / /share rw,relatime - nfs4 gone:/x rw\n" + // may never answer
			"34 30 8:1 /b /etc/hosts rw,relatime - ext4 /dev/sda1 rw\n",
		"4242/root/data/x": "",
		"4242/net/netstat": "TcpExt: ListenOverflows ListenDrops\nTcpExt: 12 13\n",
		"5000/cgroup":      "4:memory:/docker/" + enginetest.WebID + "\n",
	})
	for _, p := range []struct {
		pid, tid, ppid int
		comm, state    string
		wchan, call    string
	}{
		{4242, 4242, 4200, "uvicorn (x)", "S", "ep_poll", "232 0x5"},
		{4242, 4243, 4200, "worker", "D", "anon_pipe_write", "1 0x1 0x7f"},
		{4100, 4100, 4242, "curl", "Z", "0", ""}, // a smaller pid than its parent's
		{5000, 5000, 4200, "sh", "S", "wait_woken", ""},
		{4200, 4200, 1, "containerd-shim", "S", "", ""},
	} {
		line := stat(p.tid, p.ppid, p.comm, p.state)
		if p.tid == p.pid {
			proc[fmt.Sprintf("%d/stat", p.pid)] = line
		}
		task := fmt.Sprintf("%d/task/%d/", p.pid, p.tid)
		proc[task+"stat"], proc[task+"wchan"], proc[task+"syscall"] = line, p.wchan, p.call
	}
	return proc
}

func cgroupV1() map[string]string {
	own := "/docker/" + enginetest.WebID + "/"
	return map[string]string{
		"memory" + own + "memory.limit_in_bytes":      "20971520\n",
		"memory" + own + "memory.oom_control":         "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
		"memory/docker/memory.limit_in_bytes":         "104857600\n",
		"memory/docker/memory.stat":                   "not of interest\n",
		"memory/memory.limit_in_bytes":                "9223372036854771712\n",
		"memory" + own + "cgroup.procs":               "4242\n5000\n0\n",
		"pids" + own + "pids.max":                     "max\n",
		"cpu" + own + "cpu.stat":                      "nr_throttled 7\n",
		"unified" + own + "cpu.stat":                  "usage_usec 1\n",
		"unified" + own + "memory.pressure":           "some avg10=0.00\n",
		"memory/../secret/memory.limit_in_bytes":      "outside the mount\n",
		"memory" + own + "memory.kmem.limit_in_bytes": "no file of ours\n",
	}
}

// runningWeb is the fake engine with web alive as process 4242 of this machine.
func runningWeb(t *testing.T) (*enginetest.Engine, Options) {
	f := enginetest.New(t)
	running := strings.Replace(enginetest.InspectBody, `"Running":false,"Pid":0`, `"Running":true,"Pid":`+initPID, 1)
	f.Route("/containers/web/json", enginetest.Body(running))
	opts := optionsOf(t, f)
	opts.ProcRoot = enginetest.WriteTree(t, liveMachine())
	opts.CgroupRoot = enginetest.WriteTree(t, cgroupV1())
	return f, opts
}

// TestProcessLacksCheckProgram: a check in exec form whose program is nowhere in the container; a shell looks for
// its own.
func TestProcessLacksCheckProgram(t *testing.T) {
	for form, want := range map[string]string{`"CMD","wget","-q"`: "wget", `"CMD","curl","-f"`: "",
		`"CMD-SHELL","wget -q"`: ""} {
		f, opts := runningWeb(t)
		body := strings.NewReplacer(`"Running":false,"Pid":0`, `"Running":true,"Pid":`+initPID, `"Config":{`,
			`"Config":{"Healthcheck":{"Test":[`+form+`]},`).Replace(enginetest.InspectBody)
		f.Route("/containers/web/json", enginetest.Body(body))
		curl := filepath.Join(opts.ProcRoot, initPID, "root", "usr", "bin", "curl")
		if err := errors.Join(os.MkdirAll(filepath.Dir(curl), 0o755), os.WriteFile(curl, nil, 0o755)); err != nil {
			t.Fatal(err)
		}
		var got evidence.Process
		if err := json.Unmarshal([]byte(text(t, collectWeb(t, opts), bundle.FileProcess)), &got); err != nil {
			t.Fatal(err)
		}
		if got.LackedByCheck() != want {
			t.Errorf("%s: lacks %q, want %q", form, got.LackedByCheck(), want)
		}
	}
	if (*evidence.Process)(nil).LackedByCheck() != "" {
		t.Error("a process that was not read lacks something")
	}
}

func TestProcessOfRunningContainer(t *testing.T) {
	_, opts := runningWeb(t)
	at := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	opts.Now = func() time.Time { return at }
	b := collectWeb(t, opts)
	wantStatus(t, b, "process", fact.StatusCollected, "4 tasks")
	var got evidence.Process
	if err := json.Unmarshal([]byte(text(t, b, bundle.FileProcess)), &got); err != nil {
		t.Fatal(err)
	}
	started, rss, page, session := int64(308020), int64(262*os.Getpagesize()), 3, 1
	want := evidence.Process{
		At: at, PID: 4242, Comm: "uvicorn (x)", Zombies: 1,
		FDs: &page, FDMax: ptr(1024), CoreLimit: ptr(int64(0)),
		SigCgt: ptr(uint64(0x4002)), SigIgn: ptr(uint64(0x1001000)), SigBlk: ptr(uint64(0)),
		Tasks: []evidence.Task{
			{PID: 4100, TID: 4100, PPID: 4242, Session: &session, Comm: "curl", State: "Z", RSS: &rss, Started: &started},
			{PID: 4242, TID: 4242, PPID: 4200, Session: &session, Comm: "uvicorn (x)", State: "S", WChan: "ep_poll",
				Syscall: "232 0x5", RSS: &rss, Started: &started, FDs: &page},
			{PID: 4242, TID: 4243, PPID: 4200, Session: &session, Comm: "worker", State: "D", WChan: "anon_pipe_write",
				Syscall: "1 0x1 0x7f", Started: &started},
			{PID: 5000, TID: 5000, PPID: 4200, Session: &session, Comm: "sh", State: "S", WChan: "wait_woken", RSS: &rss,
				Started: &started},
		},
		Listeners: []evidence.Listener{{Address: "0.0.0.0", Port: 8080, Queue: 17}},
		Peers:     []evidence.Peer{{Port: 0, State: "CLOSE_WAIT", Count: 2}, {Port: 6379, State: "ESTABLISHED", Count: 1}},
		Remotes:   []evidence.Remote{{Address: "172.17.0.3", Port: 6379, State: "ESTABLISHED", Count: 1}},
		Overflows: ptr(uint64(12)), Drops: ptr(uint64(13)),
	}
	var rooms []string
	for _, r := range got.Rooms { // how much room they have is this machine's
		rooms = append(rooms, r.Mount+" "+r.Type)
	}
	if diff := cmp.Diff([]string{"/ btrfs", "/data tmpfs"}, rooms); diff != "" {
		t.Error(diff)
	}
	got.Rooms = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func ptr[T any](v T) *T { return &v }

func TestCgroupOfRunningContainer(t *testing.T) {
	_, opts := runningWeb(t)
	b := collectWeb(t, opts)
	got := map[string]string{}
	for _, name := range b.Names() {
		if rest, ok := strings.CutPrefix(name, bundle.DirCgroup); ok {
			got[rest] = strings.TrimSpace(text(t, b, name))
		}
	}
	want := map[string]string{
		"memory.limit_in_bytes":          "20971520",
		"memory.oom_control":             "oom_kill_disable 0\nunder_oom 0\noom_kill 1",
		"parent-1/memory.limit_in_bytes": "104857600",
		"parent-2/memory.limit_in_bytes": "9223372036854771712",
		"pids.max":                       "max",
		"cpu.stat":                       "nr_throttled 7",
		"memory.pressure":                "some avg10=0.00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCgroupV2(t *testing.T) {
	_, opts := runningWeb(t)
	files := liveMachine()
	scope := "/system.slice/docker-" + enginetest.WebID + ".scope"
	files["4242/cgroup"] = "0::" + scope + "\n"
	opts.ProcRoot = enginetest.WriteTree(t, files)
	opts.CgroupRoot = enginetest.WriteTree(t, map[string]string{
		scope + "/memory.events":     "oom_kill 1\n",
		scope + "/cpu.stat":          "nr_throttled 3\n",
		"system.slice/memory.max":    "max\n",
		"system.slice/memory.events": "oom_kill 1\n",
		scope + "/hugetlb.1GB.max":   "no file of ours\n",
	})
	b := collectWeb(t, opts)
	var got []string
	for _, name := range b.Names() {
		if rest, ok := strings.CutPrefix(name, bundle.DirCgroup); ok {
			got = append(got, rest)
		}
	}
	if diff := cmp.Diff([]string{"cpu.stat", "memory.events", "parent-1/memory.events", "parent-1/memory.max"},
		got); diff != "" {
		t.Error(diff)
	}
}

// The pid is the engine's word. Without the id in its cgroup it may be anybody's.
func TestForeignPIDIsNeverRead(t *testing.T) {
	_, opts := runningWeb(t)
	files := liveMachine()
	files["4242/cgroup"] = "4:memory:/docker/" + enginetest.TwinID + "\n"
	opts.ProcRoot = enginetest.WriteTree(t, files)
	b := collectWeb(t, opts)
	for _, name := range []string{"process", "cgroup"} {
		wantStatus(t, b, name, fact.StatusAbsent, "is not the container's")
	}
}
