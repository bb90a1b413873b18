package phrase

import "testing"

func TestChildEnd(t *testing.T) {
	for text, want := range map[string]int{
		"worker 12 ended with -6":                               -6,
		"[sup] child 4711 exited with code 1, restarting in 1s": 1,
		"process app (pid 9) terminated: exit status 2":         2,
		"Child process died (signal 11)":                        11,
		"service consumer crashed, returncode=-11":              -11,
		"worker ended, code: 0":                                 0,
	} {
		if code, ok := ChildEnd(text); !ok || code != want {
			t.Errorf("%q: %d, %t; want %d", text, code, ok, want)
		}
	}
	for _, text := range []string{"the job ended with 3 warnings", "process returned status 404", "worker 3 started",
		"request 17 ended with status 200", "child of 12 years exited the room", "server ended: 2026 was a good year",
		"exited with code 1"} {
		if code, ok := ChildEnd(text); ok {
			t.Errorf("%q is the end of a child with %d", text, code)
		}
	}
}
