package oom

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// Concerned tells of which containers the start and the end matter for an answer.
type Concerned struct {
	ids     map[string]bool     // those that the log names
	pods    map[string][]string // uids of the pods that it names, with the ids of their containers
	crashes bool                // the log names nobody's crashes
}

// ConcernedBy finds the containers that a log, and what was noted beside it, is about.
func ConcernedBy(log *kernellog.Log, cores []Core) Concerned {
	c := Concerned{ids: map[string]bool{}, pods: map[string][]string{},
		crashes: len(log.Crashes) > 0}
	for _, k := range log.Kills {
		c.add(k.Container)
	}
	for _, t := range log.Trouble {
		c.add(t.Container)
	}
	for _, core := range cores {
		c.add(core.Container)
	}
	return c
}

func (c Concerned) add(container *kernellog.Container) {
	if container != nil && container.ID != "" {
		c.ids[container.ID] = true
	}
	if container != nil && container.PodUID != "" && !slices.Contains(c.pods[container.PodUID], container.ID) {
		c.pods[container.PodUID] = append(c.pods[container.PodUID], container.ID)
	}
}

// Pods are the uids of the pods that the log names, with the ids of their containers.
func (c Concerned) Pods() map[string][]string { return c.pods }

// Nobody tells that no container matters: the engine need not be asked.
func (c Concerned) Nobody() bool { return len(c.ids) == 0 && !c.crashes }

// Has tells whether a container matters: it is named by the log, or there are
// crashes and a signal ended it, which `docker ps -a` shows as "Exited (139) …".
func (c Concerned) Has(id, status string) bool {
	return c.ids[id] || c.crashes && strings.HasPrefix(status, "Exited (1")
}
