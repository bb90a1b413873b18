package inside

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// wanted is a pool as testdata/pools.py knows it; nil = it does not say.
type wanted struct {
	Class                       string
	Size, Used, Holders, Queued *int
	Waiting                     int
}

func (w wanted) is(p evidence.InsidePool) bool {
	same := func(a, b *int) bool { return a == nil || b != nil && *a == *b }
	holders := len(p.Holders)
	return p.Class == w.Class && len(p.Waiting) == w.Waiting && same(w.Size, p.Size) && same(w.Used, p.Used) &&
		same(w.Holders, &holders) && same(w.Queued, p.Queued)
}

// TestPools fills the pools of each client library that a Python has ($PYTHONPATH may give it more), and looks at how
// much is used, who waits and who holds it: nothing more and nothing less than what is so.
func TestPools(t *testing.T) {
	notInShort(t)
	each(t, func(t *testing.T, path string) {
		pid, line := start(t, path, "-u", "testdata/pools.py")
		var want []wanted
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		got := lookOnce(t, Target{PIDs: []int{pid}})
		t.Logf("%d pools", len(want))
		for _, w := range want {
			i := slices.IndexFunc(got.Pools, w.is)
			if i < 0 {
				t.Errorf("%s is not among %s", shown(w), shown(got.Pools))
				continue
			}
			got.Pools = slices.Delete(got.Pools, i, i+1)
		}
		if len(got.Pools) > 0 {
			t.Errorf("beyond what is so: %s", shown(got.Pools))
		}
	})
}

func notInShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts each Python of this machine")
	}
}

func shown(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// lookOnce looks until what is seen stands, as it does after a moment.
func lookOnce(t *testing.T, target Target) evidence.InsideProcess {
	t.Helper()
	target.ProcRoot, target.Now = cmp.Or(target.ProcRoot, "/proc"), time.Now
	var p evidence.InsideProcess
	for range 20 {
		got, err := Look(context.Background(), target)
		if err != nil || len(got.Processes) != 1 {
			t.Fatal(got, err)
		}
		p = got.Processes[0]
		if p.Moved == 0 && !slices.ContainsFunc(p.Threads, func(t evidence.InsideThread) bool { return t.Moves }) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return p
}

// TestCensus: tasks that ended, and queues that nobody serves, are found where a census is asked for, and without one
// 3.14 is said to keep the tasks back.
func TestCensus(t *testing.T) {
	notInShort(t)
	each(t, func(t *testing.T, path string) {
		pid, _ := start(t, path, "-u", "testdata/pools.py")
		got := lookOnce(t, Target{PIDs: []int{pid}, Census: true})
		states := map[string]string{}
		for _, task := range got.Tasks {
			states[task.Names[0]] = task.State + " " + task.Exception
		}
		if states["done-consumer"] != "finished " || states["dead-consumer"] != "finished KeyError" {
			t.Errorf("tasks: %v", states)
		}
		unserved := 0
		for _, p := range got.Pools {
			if p.Class == "Queue" && len(p.Waiting) == 0 && p.Used != nil && *p.Used == 3 {
				unserved++
			}
		}
		if unserved != 2 || len(got.Notes) > 0 {
			t.Errorf("%d of 2 unserved queues, notes %q: %s", unserved, got.Notes, shown(got.Pools))
		}
		without := lookOnce(t, Target{PIDs: []int{pid}})
		told := slices.ContainsFunc(without.Notes, func(n string) bool { return strings.Contains(n, "no longer lists them") })
		if told != (got.Version == "3.14") {
			t.Errorf("without: %q", without.Notes)
		}
	})
}

// TestCensusKeepsOff: the heap is left alone where reading it may harm, or that is not known.
func TestCensusKeepsOff(t *testing.T) {
	const group, parent = "cgroup/memory/shop/gateway/", "cgroup/memory/shop/"
	well := map[string]string{"proc/7/status": "Name:\tpython3\nVmSwap:\t       0 kB",
		"proc/7/cgroup":                 "4:memory:/shop/gateway",
		group + "memory.limit_in_bytes": "1000", group + "memory.usage_in_bytes": "500",
		parent + "memory.limit_in_bytes": "9223372036854771712", parent + "memory.usage_in_bytes": "500"}
	for name, tt := range map[string]struct{ file, text, want string }{
		"well":                {"", "", ""},
		"no limit":            {group + "memory.limit_in_bytes", "9223372036854771712", ""},
		"no swap at all":      {"proc/7/status", "Name:\tpython3", ""},
		"swapped out":         {"proc/7/status", "Name:\tpython3\nVmSwap:\t12 kB", "12 kB of its memory are swapped out"},
		"nearly at its limit": {group + "memory.usage_in_bytes", "950", "95 % of its memory limit are used"},
		"a parent is":         {parent + "memory.limit_in_bytes", "520", "96 % of its memory limit are used"},
		"not told":            {"proc/7/cgroup", "", "how much of its memory limit is used is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			files := maps.Clone(well)
			if tt.file != "" {
				files[tt.file] = tt.text
			}
			for path, text := range files {
				path = filepath.Join(root, path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755),
					os.WriteFile(path, []byte(text+"\n"), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			s := &seen{pid: 7, folder: filepath.Join(root, "proc/7")}
			got := s.harm(host.Machine{ProcRoot: filepath.Join(root, "proc"), CgroupRoot: filepath.Join(root, "cgroup")})
			if !strings.HasPrefix(got, tt.want) || (got == "") != (tt.want == "") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
