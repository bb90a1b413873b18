package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// victim is a program that eats memory until it is killed, has a child do so and
// lives on, or dies of a fault that nobody handles: the Go runtime's own handler
// is taken away first.
const victim = `package main

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

func eat() {
	var all [][]byte
	for {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
	}
}

func main() {
	switch os.Args[1] {
	case "eat":
		eat()
	case "parent":
		exec.Command("/dies", "eat").Run()
		time.Sleep(time.Hour)
	case "fault":
		time.Sleep(200 * time.Millisecond)
		runtime.LockOSThread()
		var deflt [64]byte
		syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGSEGV), uintptr(unsafe.Pointer(&deflt[0])),
			0, 8, 0, 0)
		*(*int)(unsafe.Pointer(uintptr(os.Getpid()))) = 1
	}
}
`

// TestLiveOOM makes real OOM kills and a real crash on the engine of this machine
// and finds them through /dev/kmsg: by a container's own limit, of a child under a
// living main process, of a main process by a fault.
func TestLiveOOM(t *testing.T) {
	if testing.Short() {
		t.Skip("starts containers; skipped with -short")
	}
	if out, err := exec.Command("docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		t.Skipf("no engine answers on this machine: %s", bytes.TrimSpace(out))
	}
	if f, err := os.Open("/dev/kmsg"); err != nil {
		t.Skipf("the kernel log cannot be read: %v", err)
	} else {
		_ = f.Close() // it was only tried
	}
	name := fmt.Sprintf("gwdoctor-oom-test-%d", os.Getpid())
	image := scratchImage(t, name, victim)

	t.Run("own limit", func(t *testing.T) {
		kill := killedIn(t, image, name+"-own", "eat")
		if kill.MainProcess != oom.MainVictim || kill.Victim.AnonRSS == nil || *kill.Victim.AnonRSS < 16<<20 {
			t.Errorf("main process %s (%s), victim %+v", kill.MainProcess, kill.MainReason, kill.Victim)
		}
	})
	t.Run("child under a living PID 1", func(t *testing.T) {
		kill := killedIn(t, image, name+"-child", "parent")
		if kill.MainProcess != oom.MainSurvived {
			t.Errorf("main process %s (%s)", kill.MainProcess, kill.MainReason)
		}
		if out, err := exec.Command("docker", "inspect", "--format", "{{.State.Running}}", name+
			"-child").Output(); err != nil || strings.TrimSpace(string(out)) != "true" {
			t.Errorf("the container should run on: %s, %v", out, err)
		}
	})
	t.Run("fault", func(t *testing.T) {
		if runtime.GOARCH != "amd64" {
			t.Skip("other kernels than x86's keep silent about faults by default")
		}
		crash := crashedIn(t, image, name+"-fault")
		if crash.Signal != "SIGSEGV" || crash.Address != "0x1" || crash.Object != "dies" {
			t.Errorf("%+v", crash.Crash)
		}
	})
}

// startVictim runs the victim in a container with 32 MiB.
func startVictim(t *testing.T, image, name, deed string) {
	t.Helper()
	runDocker(t, nil, "run", "-d", "--name", name, "--memory", "32m", "--memory-swap", "32m", image, "/dies", deed)
	t.Cleanup(func() { runDocker(t, nil, "rm", "-f", name) })
}

// killedIn waits for the kill in a container. The kernel prints ten dumps in five
// seconds for the whole host: on a busy machine ours can be left out, and then it
// is tried again.
func killedIn(t *testing.T, image, name, deed string) oom.Kill {
	t.Helper()
	for try := range 3 {
		if try > 0 {
			runDocker(t, nil, "rm", "-f", name)
			time.Sleep(6 * time.Second)
		}
		startVictim(t, image, name, deed)
		var found *oom.Kill
		wait(t, func() bool {
			for _, k := range liveOOM(t).Kills {
				if k.Container != nil && k.Container.Name == name {
					found = &k
				}
			}
			return found != nil
		})
		if found == nil {
			continue
		}
		if found.Comm != "dies" || found.Scope != kernellog.ScopeOwnLimit ||
			found.Attribution != kernellog.AttributionExact ||
			found.Memory == nil || *found.Memory.Limit != 32<<20 {
			t.Errorf("%+v", found)
		}
		return *found
	}
	t.Fatalf("no kill in %s after three tries", name)
	return oom.Kill{}
}

// crashedIn waits for the crash that is guessed to be a container's.
func crashedIn(t *testing.T, image, name string) oom.Crash {
	t.Helper()
	for try := range 3 { // crash lines have a limit of their own
		if try > 0 {
			runDocker(t, nil, "rm", "-f", name)
			time.Sleep(6 * time.Second)
		}
		started := time.Now()
		startVictim(t, image, name, "fault")
		runDocker(t, nil, "wait", name)
		var found *oom.Crash
		wait(t, func() bool {
			for _, c := range liveOOM(t).Crashes {
				if c.Comm == "dies" && c.At != nil && c.At.After(started.Add(-time.Second)) {
					found = &c
				}
			}
			return found != nil
		})
		if found == nil {
			continue
		}
		// Others may crash in the same seconds on a busy machine; then nobody is named.
		if found.Container != nil && found.Container.Name != name {
			t.Errorf("the crash is said to be of %+v", found.Container)
		}
		return *found
	}
	t.Fatalf("no crash in %s after three tries", name)
	return oom.Crash{}
}

func wait(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline) && !done(); {
		time.Sleep(300 * time.Millisecond)
	}
}

// liveOOM asks the real program about the last minutes.
func liveOOM(t *testing.T) oom.Answer {
	t.Helper()
	var out, errs bytes.Buffer
	e := system()
	e.Stdout, e.Stderr = &out, &errs
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if code := run(ctx, []string{"oom", "--since", "2m", "--format", "json"}, e); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var a oom.Answer
	must(t, json.Unmarshal(out.Bytes(), &a))
	return a
}
