package inside

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// TestLocks holds who waits for which lock, and who holds it, against what the script does.
func TestLocks(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		if strings.Contains(t.Name(), "/3.14") {
			t.Skip("locks of 3.14 have no semaphore of their own")
		}
		pid, _ := start(t, path, "-u", "testdata/locks.py")
		got, err := Look(context.Background(), Target{ProcRoot: "/proc", PIDs: []int{pid}, Now: time.Now, Twice: true})
		if err != nil || len(got.Processes) != 1 {
			t.Fatal(got, err)
		}
		pools := got.Processes[0].Pools
		for _, want := range []struct {
			class, waits string
			holders      []string
		}{
			{"lock", "a-b", []string{"b-a"}},
			{"lock", "b-a", []string{"a-b"}},
			{"lock", "behind", []string{"keeper"}},
			{"lock", "heir", []string{}},
			{"RLock", "after", []string{evidence.EndedThread}},
			{"RLock", "next", []string{}}, // its owner's identity is that of another thread now
			{"Semaphore", "spends", []string{}},
			{"Lock", "one-two", []string{"two-one"}},
			{"Lock", "two-one", []string{"one-two"}},
			{"Semaphore", "waits", []string{"holds"}},
			{"Semaphore", "request-0", []string{}},
		} {
			i := slices.IndexFunc(pools, func(p evidence.InsidePool) bool {
				return p.Class == want.class && slices.Contains(p.Waiting, want.waits)
			})
			if i < 0 {
				t.Errorf("nobody sees %s wait for a %s: %+v", want.waits, want.class, pools)
				continue
			}
			if p := pools[i]; !slices.Equal(p.Holders, want.holders) || !p.Sought {
				t.Errorf("%s, for which %s waits, is held by %q, want %q", want.class, want.waits, p.Holders, want.holders)
			}
		}
		i := slices.IndexFunc(pools, func(p evidence.InsidePool) bool { return slices.Contains(p.Waiting, "request-1") })
		if i >= 0 && (len(pools[i].Waiting) != 4 || pools[i].Free == nil || *pools[i].Free != 0 || pools[i].Still == nil ||
			!*pools[i].Still) {
			t.Errorf("the spent semaphore: %+v", pools[i])
		}
	})
}
