package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// processes are the container's on this machine.
func (s *session) processes() Processes {
	return Processes{Machine: s.Machine, ID: s.subject.ID, PID: s.subject.PID}
}

// collectProcess describes a running container's processes from the host's /proc.
func collectProcess(ctx context.Context, s *session) outcome {
	if o, ok := s.notLive(ctx); ok {
		return o
	}
	p, shut, err := s.processes().describe(ctx)
	if err != nil {
		return failed(err)
	}
	// The pid may have been reused while we read.
	if !s.processes().alive() {
		return absent("the container ended while its processes were read", "")
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return failed(err)
	}
	o := collected(fmt.Sprintf("%d tasks", len(p.Tasks)))
	if p.TasksCut || ctx.Err() != nil {
		o = truncated(fmt.Sprintf("the first %d tasks", len(p.Tasks)))
	}
	if s.subject.Network == "host" {
		o.source.Detail += "; the network is the host's: its sockets are all programs'"
	}
	if shut {
		o.source.Detail += "; descriptors, wait channels and system calls need root"
		o.source.Command = s.sudo()
	}
	o.source.From, o.source.To = &p.At, &p.At
	return o.with(bundle.FileProcess, append(data, '\n'))
}

// collectCgroup keeps the raw files of a running container's control group and of
// its parents, as parent-1/memory.limit_in_bytes and so on upwards. They are gone
// the moment the container ends.
func collectCgroup(ctx context.Context, s *session) outcome {
	if o, ok := s.notLive(ctx); ok {
		return o
	}
	files, folder, err := s.processes().cgroupFiles(ctx)
	if err != nil {
		return failed(err)
	}
	if len(files) == 0 {
		return denied("no file of the control group could be read (rootless engines lack delegation)", s.sudo())
	}
	if !s.processes().alive() {
		return absent("the container ended while its control group was read", "")
	}
	o := collected(fmt.Sprintf("%d files of %s", len(files), folder))
	o.source.From, o.source.To = wall(s.Now()), wall(s.Now())
	o.files = files
	return o
}

// notLive is the outcome of a source that only a running, local container has.
func (s *session) notLive(ctx context.Context) (outcome, bool) {
	switch {
	case !s.subject.Known:
		return failed(fmt.Errorf("the container's id is not known: %w", s.subject.inspectErr)), true
	case !s.subject.Running:
		return absent("the container is not running: the kernel drops this at its end", ""), true
	case s.subject.PID == 0:
		return absent("the engine did not tell the process id", ""), true
	}
	if proof := s.host(ctx); !proof.here {
		return absent(proof.reason, "run gwdoctor on the engine's host"), true
	}
	if _, err := os.Stat(s.processes().procPath("")); errors.Is(err, fs.ErrNotExist) {
		return absent(fmt.Sprintf("process %d is not in %s: the container ended meanwhile, or another pid namespace", s.subject.PID, s.ProcRoot), ""), true
	}
	if !s.processes().alive() {
		return absent(fmt.Sprintf("process %d of this machine is not the container's", s.subject.PID), "run gwdoctor on the engine's host, outside of a container"), true
	}
	return outcome{}, false
}
