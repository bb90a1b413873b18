package collect

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// podman makes the fake engine answer as Podman of a version does: it names itself in the ping, answers events only
// when no until is asked, and takes its time for /version and /info.
func podman(t *testing.T, version, state string) (*enginetest.Engine, Options) {
	t.Helper()
	f := enginetest.New(t)
	f.Route("/_ping", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Libpod-Api-Version", version)
		fmt.Fprint(w, "OK")
	})
	f.Route("/version", enginetest.Silence)
	f.Route("/info", enginetest.Silence)
	f.Route("/events", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("until") == "" && r.URL.Query().Get("stream") == "false" {
			fmt.Fprint(w, enginetest.Event(enginetest.WebID, "start", "shop", 0))
		}
	})
	f.Route("/libpod/containers/"+enginetest.WebID+"/json",
		enginetest.Body(`{"Id":"`+enginetest.WebID+`","RestartCount":0,"State":{`+state+`}}`))
	opts := optionsOf(t, f)
	opts.ProcRoot = enginetest.WriteTree(t, map[string]string{fmt.Sprint(os.Getpid()) + "/comm": "podman\n",
		"sys/kernel/random/boot_id": "7d5f1f5e-0c4e-4f2e-9a64-0b7c1fd7d9a1\n"})
	opts.KmsgPath = filepath.Join(enginetest.WriteTree(t, map[string]string{"kmsg": "6,1,1000000,-;hello\n"}), "kmsg")
	return f, opts
}

// TestPodman: a runtime of its own, whose slow calls hold nothing up because they are not made.
func TestPodman(t *testing.T) {
	f, opts := podman(t, "5.4.2", `"StoppedByUser":true`)
	b := collectWeb(t, opts)
	if got := b.Manifest().Target.Runtime; got != bundle.RuntimePodman {
		t.Errorf("runtime %q", got)
	}
	wantStatus(t, b, fact.SourceEngine, fact.StatusCollected, "Podman")
	wantStatus(t, b, fact.SourceEvents, fact.StatusCollected, "1 of this container among 1 that Podman stored")
	wantStatus(t, b, fact.SourceStateFile, fact.StatusCollected, "Podman has no state file")
	wantStatus(t, b, fact.SourceKernelLog, fact.StatusCollected, "")
	if got := text(t, b, bundle.FileStateFile); !strings.Contains(got, `"hasBeenManuallyStopped": true`) {
		t.Errorf("state %s", got)
	}
	if f.Asked("version") || f.Asked("info") {
		t.Errorf("asked what takes Podman seconds: %q", f.Requests())
	}
}

// TestPodmanRunning: of a container that runs nobody asks for /info either, which takes 2.7 s in a small machine.
func TestPodmanRunning(t *testing.T) {
	f, opts := podman(t, "5.4.2", "")
	f.Route("/containers/web/json", enginetest.Body(runningBody))
	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(map[string]string{
		"4711/cgroup": "0::/machine.slice/libpod-" + enginetest.WebID + ".scope\n", "4711/comm": "web\n",
		"sys/kernel/core_pattern": "core\n"}))
	b := collectWeb(t, opts)
	wantStatus(t, b, fact.SourceCorePolicy, fact.StatusCollected, "")
	if f.Asked("version") || f.Asked("info") {
		t.Errorf("asked what takes Podman seconds: %q", f.Requests())
	}
}

// TestPodmanRecord: left out is false where the version writes it, unknown where it does not.
func TestPodmanRecord(t *testing.T) {
	for version, status := range map[string]fact.Status{"5.4.2": fact.StatusCollected, "5.8.6": fact.StatusCollected,
		"4.3.1": fact.StatusAbsent, "4.6.2": fact.StatusAbsent, "4.7.2": fact.StatusCollected,
		"5.0.0": fact.StatusCollected, "6.0.0-dev": fact.StatusCollected, "odd": fact.StatusAbsent} {
		_, opts := podman(t, version, "")
		b := collectWeb(t, opts)
		wantStatus(t, b, fact.SourceStateFile, status, "Podman has no state file")
		if got, _ := b.File(bundle.FileStateFile); status == fact.StatusCollected &&
			!strings.Contains(string(got), `"hasBeenManuallyStopped": false`) {
			t.Errorf("%s: state %s", version, got)
		}
	}
	f, opts := podman(t, "5.4.2", "")
	f.Route("/libpod/containers/"+enginetest.WebID+"/json", enginetest.Refuse(403, "GET only of /containers"))
	b := collectWeb(t, opts)
	wantStatus(t, b, fact.SourceStateFile, fact.StatusFailed, "Podman has no state file")
	if c := b.Source(fact.SourceStateFile).Command; c != "podman inspect --format '{{.State.StoppedByUser}}' web" {
		t.Errorf("command %q", c)
	}
}

// neverStarted is inspect's answer of what has never run.
var neverStarted = strings.NewReplacer(`"exited"`, `"created"`, `"ExitCode":137,"OOMKilled":true,`, `"ExitCode":0,`,
	"2026-11-23T20:05:38.6Z", "0001-01-01T00:00:00Z", "2026-11-23T20:05:38.8Z", "0001-01-01T00:00:00Z")

// TestPodmanRefusedStart: why 4.3 refused a start stands in what the OCI runtime wrote, in the container's own folder.
func TestPodmanRefusedStart(t *testing.T) {
	const refused = `{"msg":"executable file not found in $PATH","level":"error","time":"2026-11-27"}` + "\n"
	userdata, never := enginetest.WebID+"/userdata", neverStarted.Replace(enginetest.InspectBody)
	for name, test := range map[string]struct {
		log, file string // "" = there is none
		inspect   string
		status    fact.Status
		want      string
	}{
		"refused":          {refused, "/pidfile", never, fact.StatusCollected, "not found in $PATH"},
		"only a warning":   {`{"msg":"no weight","level":"warning"}`, "/pidfile", never, fact.StatusAbsent, ""},
		"nobody tried":     {"", "/pidfile", never, fact.StatusAbsent, ""},
		"it ran":           {refused, "/pidfile", enginetest.InspectBody, fact.StatusAbsent, ""},
		"another's folder": {refused, "/../../other/pidfile", never, fact.StatusAbsent, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, opts := podman(t, "4.3.1", "")
			root := t.TempDir()
			if test.log != "" {
				root = enginetest.WriteTree(t, map[string]string{userdata + "/oci-log": test.log})
			}
			f.Route("/containers/web/json", enginetest.Body(test.inspect))
			f.Route("/libpod/containers/"+enginetest.WebID+"/json", enginetest.Body(fmt.Sprintf(
				`{"Id":%q,"State":{"Status":"created"},"PidFile":%q}`, enginetest.WebID, root+"/"+userdata+test.file)))
			b := collectWeb(t, opts)
			wantStatus(t, b, fact.SourceStateFile, test.status, "")
			if got, _ := b.File(bundle.FileStateFile); !strings.Contains(string(got), test.want) {
				t.Errorf("state %s", got)
			}
		})
	}
}

// TestPodmanAsked: 4.3 notes nowhere who stopped a container, but its API service writes down each call.
func TestPodmanAsked(t *testing.T) {
	line := func(call string) string {
		return `{"__REALTIME_TIMESTAMP":"1795464339100000","MESSAGE":"@ - - [23/Nov/2026:20:05:36 +0000] \"` + call +
			` \"\" \"Docker-Client/20.10.24 (linux)\""}` + "\n"
	}
	for name, test := range map[string]struct {
		version, call string
		want          bool
	}{
		"by name": {"4.3.1", `POST /v1.41/containers/web/stop?t=2 HTTP/1.1\" 204 0`, true},
		"by id": {"4.3.1", `POST /v4.0.0/libpod/containers/` + enginetest.WebID[:12] +
			`/restart HTTP/1.1\" 204 0`, true},
		"another's":       {"4.3.1", `POST /v1.41/containers/web-2/stop HTTP/1.1\" 204 0`, false},
		"it had ended":    {"4.3.1", `POST /v1.41/containers/web/stop HTTP/1.1\" 304 0`, false},
		"refused":         {"4.3.1", `POST /v1.41/containers/web/stop HTTP/1.1\" 500 90`, false},
		"another call":    {"4.3.1", `GET /v1.41/containers/web/json HTTP/1.1\" 200 9`, false},
		"a start":         {"4.3.1", `POST /v1.41/containers/web/start HTTP/1.1\" 204 0`, false},
		"its record does": {"4.7.0", `POST /v1.41/containers/web/stop HTTP/1.1\" 204 0`, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, opts := podman(t, test.version, "")
			opts.Journalctl = around(t, "case \"$*\" in *_SYSTEMD_UNIT=podman.service*) cat <<'END'\n"+line(test.call)+
				"END\n;; esac\n")
			b := collectWeb(t, opts)
			got, ok := b.File(bundle.FileAsked)
			if ok != test.want || ok && !strings.Contains(string(got), `"done":"2026-11-23T20:05:39.1Z"`) {
				t.Errorf("asked %q: %s", got, b.Source(fact.SourceStateFile).Detail)
			}
		})
	}
	for socket, want := range map[string]string{"unix:///run/podman/podman.sock": "[_SYSTEMD_UNIT=podman.service]",
		"unix:///run/user/1000/podman/podman.sock": "[_SYSTEMD_USER_UNIT=podman.service _UID=1000]"} {
		if got := fmt.Sprint(podmanUnit(socket)); got != want {
			t.Errorf("%s: %s", socket, got)
		}
	}
}

// TestPodmanWholeLog: where the newest lines would come with their pieces the wrong way round, all are asked for.
func TestPodmanWholeLog(t *testing.T) {
	journal := strings.Replace(enginetest.InspectBody, `"json-file"`, `"journald"`, 1)
	for name, test := range map[string]struct{ version, inspect, want string }{
		"4.3 in files":   {"4.3.1", enginetest.InspectBody, "tail=all"},
		"4.3 in journal": {"4.3.1", journal, "tail=2000"},
		"5.4 in files":   {"5.4.2", enginetest.InspectBody, "tail=2000"},
	} {
		f, opts := podman(t, test.version, "")
		f.Route("/containers/web/json", enginetest.Body(test.inspect))
		collectWeb(t, opts)
		asked := slices.DeleteFunc(f.Requests(), func(r string) bool {
			return !strings.Contains(r, enginetest.WebID+"/logs")
		})
		if len(asked) == 0 || !strings.Contains(asked[0], test.want) {
			t.Errorf("%s: asked %s", name, asked)
		}
	}
}

// TestPodmanAskedTooLate: a journal that gives no answer is said to have given none, and takes nothing else with it.
func TestPodmanAskedTooLate(t *testing.T) {
	_, opts := podman(t, "4.3.1", "")
	opts.Timeout, opts.Journalctl = 2*time.Second, around(t, "case \"$*\" in *podman.service*) exec sleep 60;; esac\n")
	b := collectWeb(t, opts)
	wantStatus(t, b, fact.SourceStateFile, fact.StatusAbsent, "which may tell, gave no answer in time")
}

// TestMachineProvedWithoutInfo: a layer on our disk proves the machine, whoever listens on the socket.
func TestMachineProvedWithoutInfo(t *testing.T) {
	f, opts := podman(t, "5.4.2", "")
	opts.ProcRoot = t.TempDir() // nothing is known of the listener
	layer := t.TempDir()
	f.Route("/containers/web/json", enginetest.Body(strings.Replace(enginetest.InspectBody, `"Image"`,
		`"GraphDriver":{"Name":"overlay","Data":{"UpperDir":"`+layer+`"}},"Image"`, 1)))
	b := collectWeb(t, opts)
	wantStatus(t, b, fact.SourceKernelLog, fact.StatusCollected, "")
	wantStatus(t, b, fact.SourceChanges, fact.StatusCollected, layer)
	if f.Asked("info") {
		t.Error("asked for /info")
	}
}

// TestKernelLogOfUnprovenMachine: nobody knows whose kernel it is, so it is read, and its silence proves nothing.
func TestKernelLogOfUnprovenMachine(t *testing.T) {
	_, opts := podman(t, "5.4.2", "")
	opts.ProcRoot, opts.Timeout = t.TempDir(), time.Second
	b := collectWeb(t, opts)
	wantStatus(t, b, fact.SourceKernelLog, fact.StatusTruncated, "its silence does not")
	if b.Source(fact.SourceKernelLog).From != nil {
		t.Error("the log counts as reaching back")
	}
}

// TestOtherEnginesAreNamed: the socket that answers is not the one that was asked.
func TestOtherEnginesAreNamed(t *testing.T) {
	f := enginetest.New(t)
	users := t.TempDir()
	socket := filepath.Join(users, "1000", "podman", "podman.sock")
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(f.Socket, socket); err != nil {
		t.Fatal(err)
	}
	opts := options(t, "unix:///nonexistent/docker.sock")
	opts.userSockets = users
	_, err := Container(t.Context(), opts)
	if err == nil || !strings.Contains(err.Error(), "other engines of this machine: ") ||
		!strings.Contains(err.Error(), "--host unix://"+socket) {
		t.Errorf("error %v", err)
	}
}

// around is a journalctl that has kernel lines of an earlier boot.
func around(t *testing.T, answer string) string {
	t.Helper()
	dir := enginetest.WriteTree(t, map[string]string{"journalctl": "#!/bin/sh\n" + answer})
	if err := os.Chmod(filepath.Join(dir, "journalctl"), 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "journalctl")
}

// TestJournalAroundTheEnd: the ring begins after the container's end, so the journal of whatever boot is asked.
func TestJournalAroundTheEnd(t *testing.T) {
	const line = `{"__REALTIME_TIMESTAMP":"1795464338000000","_TRANSPORT":"kernel","MESSAGE":"hello"}`
	for name, test := range map[string]struct {
		answer, detail string
		reaches        bool
	}{
		"another boot has it": {"echo '" + line + "'\n", "the journal around the end", true},
		"nothing was logged": {"case \"$*\" in *'-n 1'*) echo '" + line + "';; esac\n",
			"the journal around the end: 0 bytes", true},
		"it begins later": {"exit 0\n", "no journal does", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, opts := podman(t, "5.4.2", "")
			opts.Journalctl = around(t, test.answer)
			b := collectWeb(t, opts)
			wantStatus(t, b, fact.SourceKernelLog, fact.StatusCollected, test.detail)
			if _, ok := b.File(bundle.FileAroundSpan); ok != test.reaches {
				t.Errorf("around the end: %v", ok)
			}
			if c := b.Source(fact.SourceKernelLog).Command; !test.reaches &&
				!strings.HasPrefix(c, "sudo journalctl -k -b all --since '2026-11-23 20:00:38 UTC'") {
				t.Errorf("command %q", c)
			}
		})
	}
}

// TestJournalKillers: where the ring holds the whole boot, the journal is asked only for what daemons wrote that kill
// for lack of memory, and only where the end may be theirs.
func TestJournalKillers(t *testing.T) {
	const script = "case \"$*\" in *kernel*) exit 1;; " +
		"*systemd-oomd.service*) echo '{\"MESSAGE\":\"killed\"}';; esac\n"
	for code, asked := range map[int]bool{137: true, 143: true, 0: true, 1: false, 139: false} {
		f, opts := podman(t, "5.4.2", "")
		opts.Journalctl = around(t, script)
		opts.KmsgPath = filepath.Join(enginetest.WriteTree(t, map[string]string{"kmsg": "6,0,0,-;Linux version\n"}), "kmsg")
		now := time.Now().UTC().Format(time.RFC3339Nano)
		body := strings.NewReplacer("2026-11-23T20:05:38.8Z", now, `"ExitCode":137`, fmt.Sprintf(`"ExitCode":%d`, code))
		f.Route("/containers/web/json", enginetest.Body(body.Replace(enginetest.InspectBody)))
		b := collectWeb(t, opts)
		_, read := b.File(bundle.FileAround)
		if _, span := b.File(bundle.FileAroundSpan); read != asked || span {
			t.Errorf("exit code %d: killers read %v, a span %v: %s", code, read, span, b.Source(fact.SourceKernelLog).Detail)
		}
	}
}

// TestJournalHangs: a journal that gives no answer takes nothing of the ring, which was read before, and is not said to
// hold nothing.
func TestJournalHangs(t *testing.T) {
	for name, ended := range map[string]string{
		"the ring has the end": time.Now().UTC().Format(time.RFC3339Nano),
		"it begins later":      "2026-11-23T20:05:38.8Z",
	} {
		t.Run(name, func(t *testing.T) {
			f, opts := podman(t, "5.4.2", "")
			opts.Journalctl = around(t, "exec sleep 60\n")
			opts.Timeout = 2 * time.Second
			ring := enginetest.WriteTree(t, map[string]string{"kmsg": "6,0,0,-;Linux version\n"})
			opts.KmsgPath = filepath.Join(ring, "kmsg")
			f.Route("/containers/web/json",
				enginetest.Body(strings.Replace(enginetest.InspectBody, "2026-11-23T20:05:38.8Z", ended, 1)))
			b := collectWeb(t, opts)
			wantStatus(t, b, fact.SourceKernelLog, fact.StatusCollected, "the journal gave no answer in time")
			if text, _ := b.File(bundle.FileKmsg); !strings.Contains(string(text), "Linux version") {
				t.Errorf("ring %q", text)
			}
		})
	}
}

// TestLatePing: systemd starts Podman for the first call, which is too late for the ping; what answers then is no mute
// engine, and says whose it is.
func TestLatePing(t *testing.T) {
	f, opts := podman(t, "5.4.2", "")
	f.Route("/_ping", enginetest.Silence)
	f.Route("/containers/web/json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Libpod-Api-Version", "5.4.2")
		fmt.Fprint(w, enginetest.InspectBody)
	})
	opts.Timeout = time.Second
	b := collectWeb(t, opts)
	if got := b.Manifest().Target.Runtime; got != bundle.RuntimePodman {
		t.Errorf("runtime %q", got)
	}
	wantStatus(t, b, fact.SourceEvents, fact.StatusCollected, "that Podman stored")
}

// TestPodmanLies holds the one endpoint that only Podman has against every way of failing: it takes no longer than it
// may, and what was not understood is not called collected.
func TestPodmanLies(t *testing.T) {
	path := "/libpod/containers/" + enginetest.WebID + "/json"
	for _, fault := range enginetest.Faults() {
		if testing.Short() && !fault.Sample {
			continue
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			f, opts := podman(t, "5.4.2", `"StoppedByUser":true`)
			opts.Timeout = 200 * time.Millisecond
			serve := fault.Serve
			if serve == nil {
				serve = fault.Spoil(f.Routes[path])
			}
			f.Route(path, serve)
			b := collectWeb(t, opts)
			if s := b.Source(fact.SourceStateFile); s.Status == fact.StatusCollected && !fault.Partly {
				t.Errorf("collected: %s", s.Detail)
			}
		})
	}
}

// TestSudoNamesTheUsersEngine: root would look for the container at the machine's own engine, and find none or another.
func TestSudoNamesTheUsersEngine(t *testing.T) {
	const plain = "sudo gwdoctor diagnose web"
	users := "unix:///run/user/1000/podman/podman.sock"
	for host, want := range map[string]string{
		users:                            plain + " --host " + users,
		"unix:///var/run/docker.sock":    plain,
		"unix:///run/podman/podman.sock": plain,
	} {
		s := &session{Options: Options{Ref: "web"}, endpoint: docker.Endpoint{Host: host, Local: true}}
		if got := s.sudo(); got != want {
			t.Errorf("%s: %q", host, got)
		}
	}
	s := &session{endpoint: docker.Endpoint{Host: "unix:///run/user/7/docker.sock", Local: true}}
	if got := s.sudo(); got != "sudo gwdoctor sources --host unix:///run/user/7/docker.sock" {
		t.Errorf("no container: %q", got)
	}
}
