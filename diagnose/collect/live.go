package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// processes are the container's on this machine.
func (s *session) processes() host.Processes {
	return host.Processes{Machine: s.Machine, ID: s.container.ID, PID: s.container.PID}
}

// collectProcess describes a running container's processes from the host's /proc.
func collectProcess(ctx context.Context, s *session) source.Outcome {
	if o, ok := s.notLive(ctx); ok {
		return o
	}
	p, shut, err := s.processes().Describe(ctx)
	if err != nil {
		return source.Failed(err)
	}
	// The pid may have been reused while we read.
	if !s.processes().Alive() {
		return source.Absent("the container ended while its processes were read", "")
	}
	if s.processes().Lacks(s.container.Checker, s.container.Env) && s.processes().Alive() {
		p.NoProgram = s.container.Checker
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return source.Failed(err)
	}
	o := source.Collected(fmt.Sprintf("%d tasks", len(p.Tasks)))
	if p.TasksCut || ctx.Err() != nil {
		o = source.Truncated(fmt.Sprintf("the first %d tasks", len(p.Tasks)))
	}
	if s.container.Network == "host" {
		o.Source.Detail += "; the network is the host's: its sockets are all programs'"
	}
	if shut {
		o.Source.Detail += "; descriptors, wait channels and system calls need root"
		o.Source.Command = s.sudo()
	}
	o.Source.From, o.Source.To = &p.At, &p.At
	return o.With(bundle.FileProcess, append(data, '\n'))
}

// collectCgroup keeps the raw files of a running container's control group and of
// its parents, as parent-1/memory.limit_in_bytes and so on upwards. They are gone
// the moment the container ends.
func collectCgroup(ctx context.Context, s *session) source.Outcome {
	if o, ok := s.notLive(ctx); ok {
		return o
	}
	files, folder, err := s.processes().CgroupFiles(ctx)
	if err != nil {
		return source.Failed(err)
	}
	if len(files) == 0 {
		return source.Denied("no file of the control group could be read (rootless engines lack delegation)", s.sudo())
	}
	if !s.processes().Alive() {
		return source.Absent("the container ended while its control group was read", "")
	}
	o := source.Collected(fmt.Sprintf("%d files of %s", len(files), folder))
	o.Source.From, o.Source.To = source.Wall(s.Now()), source.Wall(s.Now())
	o.Files = append(files, s.throttledLater(ctx, files)...)
	return o
}

// throttleTime is how long a CPU quota is watched: ten of its usual periods.
const throttleTime = time.Second

// throttledLater reads cpu.stat once more where there is a CPU quota: what was counted since the container began says
// nothing of now. Nothing, where there is none or no time.
func (s *session) throttledLater(ctx context.Context, files []source.File) []source.File {
	limited := slices.ContainsFunc(files, func(f source.File) bool {
		v1 := f.Name == bundle.DirCgroup+"cpu.cfs_quota_us" && !bytes.HasPrefix(f.Data, []byte("-"))
		return v1 || f.Name == bundle.DirCgroup+"cpu.max" && !bytes.HasPrefix(f.Data, []byte("max"))
	})
	if !limited {
		return nil
	}
	select {
	case <-time.After(throttleTime):
	case <-ctx.Done():
		return nil
	}
	later, _, err := s.processes().CgroupFiles(ctx)
	i := slices.IndexFunc(later, func(f source.File) bool { return f.Name == bundle.DirCgroup+"cpu.stat" })
	if err != nil || i < 0 {
		return nil
	}
	return []source.File{{Name: bundle.DirCgroup + bundle.CPUStatLater, Data: later[i].Data}}
}

// notLive is the outcome of a source that only a running, local container has.
func (s *session) notLive(ctx context.Context) (source.Outcome, bool) {
	switch {
	case !s.container.Known:
		return source.Failed(fmt.Errorf("the container's id is not known: %w", s.container.InspectErr)), true
	case !s.container.Running:
		return source.Absent("the container is not running: the kernel drops this at its end", ""), true
	case s.container.PID == 0:
		return source.Absent("the engine did not tell the process id", ""), true
	}
	if proof := s.host(ctx); !proof.here {
		return source.Absent(proof.reason, "run gwdoctor on the engine's host"), true
	}
	if _, err := os.Stat(s.processes().ProcPath("")); errors.Is(err, fs.ErrNotExist) {
		return source.Absent(fmt.Sprintf("process %d is not in %s: the container ended meanwhile, or another pid namespace",
			s.container.PID, s.ProcRoot), ""), true
	}
	if !s.processes().Alive() {
		return source.Absent(fmt.Sprintf("process %d of this machine is not the container's", s.container.PID),
			"run gwdoctor on the engine's host, outside of a container"), true
	}
	return source.Outcome{}, false
}
