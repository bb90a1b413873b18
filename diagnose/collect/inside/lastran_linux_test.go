package inside

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLastRan: of a thread whose run queue tells no time nothing is said, and none ran before it was made.
func TestLastRan(t *testing.T) {
	stat, err := os.ReadFile("/proc/thread-self/stat")
	if err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct {
		name, sched string
		told        bool
	}{
		{"at boot", "se.exec_start                                :             0.000000\n", false},
		{"long before it was made", "se.exec_start                                :             1.000000\n", true},
		{"not shown", "nr_switches                                  :                 12\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string][]byte{"stat": stat, "sched": []byte(tt.sched)} {
				if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, age, ok := threadStat(dir)
			if !ok {
				t.Fatal("stat was not read")
			}
			c := clocks{}
			for cpu := range 4096 {
				c[cpu] = 1e15 // the clocks are far ahead
			}
			ran, told := c.lastRan(dir)
			if told != tt.told || ran > age+60 {
				t.Errorf("%v s ago, told %v; it was made %v s ago", ran, told, age)
			}
		})
	}
}
