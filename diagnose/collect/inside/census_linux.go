package inside

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
)

const (
	censusTime = 2 * time.Second // of one process
	fullMemory = 0.9             // of the limit
)

// census has the readings to come tell of all objects of the heap, where reading all of it does no harm.
func (s *seen) census(m host.Machine) {
	if harm := s.harm(m); harm != "" {
		s.notes = append(s.notes, "no census: "+harm)
		return
	}
	all := s.memory.ctx
	ctx, cancel := context.WithTimeout(all, censusTime)
	defer cancel()
	s.memory.ctx = ctx
	defer func() { s.memory.ctx = all }()
	if note := s.python.Census(s.memory, s.memory.fresh); note != "" {
		s.notes = append(s.notes, "census: "+note)
	}
}

// harm tells why the whole heap is not to be read: what is swapped out would come back, at the cost of the process's
// own group; "" = it may be.
func (s *seen) harm(m host.Machine) string {
	status, err := host.ReadCapped(filepath.Join(s.folder, "status"), 64<<10)
	if err != nil {
		return "how much of its memory is swapped out is not known"
	}
	// VmSwap:	       0 kB; a kernel without swap has no such line
	_, after, found := strings.Cut(string(status), "\nVmSwap:")
	if swapped := strings.Fields(after); found && len(swapped) > 1 && swapped[0] != "0" {
		return swapped[0] + " kB of its memory are swapped out, and reading brings them back"
	}
	share, err := m.MemoryShare(s.pid)
	switch {
	case err != nil:
		return "how much of its memory limit is used is not known: " + err.Error()
	case share > fullMemory:
		return fmt.Sprintf("%.0f %% of its memory limit are used", 100*share)
	}
	return ""
}
