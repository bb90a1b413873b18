package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
)

const maxDiskRecords = 5000

// collectStateFile keeps the three fields that the API does not give. They
// outlive the event ring and a restart of the daemon (docs/notes/DOCKER.md#a1).
func collectStateFile(ctx context.Context, s *session) source.Outcome {
	if !s.container.Known {
		return source.Failed(fmt.Errorf("the container's id is not known: %w", s.container.InspectErr))
	}
	if s.podman() {
		return collectPodmanRecord(ctx, s)
	}
	if s.containerd() {
		return noStateFile()
	}
	if proof := s.host(ctx); !proof.here {
		return source.Absent(proof.reason, "")
	}
	path := filepath.Join(s.root(ctx), "containers", s.container.ID, "config.v2.json")
	record, err := source.Await2(ctx, func() (docker.DiskRecord, error) { return docker.ReadDiskRecord(path) })
	switch {
	case errors.Is(err, fs.ErrPermission):
		return source.Denied("read "+path+": permission denied", s.sudo())
	case errors.Is(err, fs.ErrNotExist):
		return source.Absent(path+" does not exist (removed meanwhile, or not Docker's layout)", "")
	case err != nil:
		return source.Failed(err)
	}
	return stateOutcome(path, decode.StateFile{
		HasBeenManuallyStopped: record.HasBeenManuallyStopped.Value,
		HasBeenStartedBefore:   record.HasBeenStartedBefore.Value,
		RestartCount:           record.RestartCount.Value,
	})
}

func stateOutcome(detail string, state decode.StateFile) source.Outcome {
	data, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return source.Failed(err)
	}
	return source.Collected(detail).With(bundle.FileStateFile, append(data, '\n'))
}

// root is the engine's data folder, as it says or the usual one.
func (s *session) root(ctx context.Context) string {
	if s.podman() { // it has another layout, and would take seconds to say where
		return s.dockerRoot
	}
	if info := s.info(ctx); filepath.IsAbs(info.DockerRootDir) {
		return filepath.Clean(info.DockerRootDir)
	}
	return s.dockerRoot
}

// lookOnDisk finds a container when the engine does not answer. A folder named by
// the whole id is read at once; otherwise every record's name is compared.
func (s *session) lookOnDisk(ctx context.Context, ref string) lookup {
	if !s.endpoint.Local {
		return lookup{}
	}
	soon, cancel := context.WithTimeout(ctx, 100*time.Millisecond) // info may be as mute as inspect
	defer cancel()
	folder := filepath.Join(s.root(soon), "containers")
	entries, err := os.ReadDir(folder)
	if err != nil {
		return lookup{}
	}
	var byPrefix []lookup
	for _, entry := range entries[:min(len(entries), maxDiskRecords)] {
		if ctx.Err() != nil || !docker.ValidID(entry.Name()) {
			continue
		}
		path := filepath.Join(folder, entry.Name(), "config.v2.json")
		record, err := docker.ReadDiskRecord(path)
		if err != nil || record.ID != entry.Name() {
			continue
		}
		found := lookup{container: record.Container(), through: path}
		if record.ID == ref || record.Name == "/"+ref {
			return found
		}
		if strings.HasPrefix(record.ID, ref) {
			byPrefix = append(byPrefix, found)
		}
	}
	if len(byPrefix) == 1 {
		return byPrefix[0]
	}
	return lookup{}
}
