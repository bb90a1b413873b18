package collect

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func TestContainerCollectsWhatTheEngineSays(t *testing.T) {
	b := collectWeb(t, optionsOf(t, enginetest.New(t)))
	m := b.Manifest()
	if want := (bundle.Target{ID: enginetest.WebID, Name: "web", Runtime: bundle.RuntimeDocker,
		Kind: bundle.KindContainer}); m.Target != want {
		t.Errorf("target %v, want %v", m.Target, want)
	}
	var sources []string
	for _, s := range m.Sources {
		sources = append(sources, s.Name+" "+string(s.Status))
	}
	want := []string{
		"cgroup absent", "changes collected", "core-policy absent", "cores truncated", "engine collected",
		"events collected", "image collected",
		"inspect collected", "kernel-log absent", "logs collected", "neighbours collected", "ports not-asked",
		"process absent", "stacks absent", "state-file absent",
	}
	if diff := cmp.Diff(want, sources); diff != "" {
		t.Error(diff)
	}
	if got := text(t, b, bundle.FileChanges); got != `[{"Path":"/core","Kind":1}]` {
		t.Errorf("changes are not word for word: %q", got)
	}
	if got := text(t, b, bundle.FileLogs); got != "2026-11-23T20:05:38.665687543Z stdout F start\n" {
		t.Errorf("log %q", got)
	}
	wantStatus(t, b, fact.SourceLogs, fact.StatusCollected, "non-blocking")
}

// TestNoRedactKeepsSecrets: only where it was asked for, and the bundle says so.
func TestNoRedactKeepsSecrets(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/logs", enginetest.Body(enginetest.Frame(1,
		"2026-11-23T20:05:38.665687543Z password=cnry01\n")))
	opts := optionsOf(t, f)
	for _, keep := range []bool{false, true} {
		opts.NoRedact = keep
		b := collectWeb(t, opts)
		if got := strings.Contains(text(t, b, bundle.FileLogs), "cnry01"); got != keep || b.Manifest().Redacted == keep {
			t.Errorf("NoRedact %v: secret kept %v, manifest says redacted %v", keep, got, b.Manifest().Redacted)
		}
	}
}

func TestNegotiatedVersionIsUsed(t *testing.T) {
	f := enginetest.New(t)
	collectWeb(t, optionsOf(t, f))
	for _, request := range f.Requests() {
		if !strings.HasPrefix(request, "/v1.41/") && !strings.HasPrefix(request, "/_ping") {
			t.Errorf("request %q does not speak the engine's 1.41", request)
		}
	}
	pinned := optionsOf(t, f)
	pinned.Getenv = func(key string) string { return map[string]string{"DOCKER_API_VERSION": "1.40"}[key] }
	before := len(f.Requests())
	collectWeb(t, pinned)
	for _, request := range f.Requests()[before:] {
		if !strings.HasPrefix(request, "/v1.40/") && !strings.HasPrefix(request, "/_ping") {
			t.Errorf("request %q ignores DOCKER_API_VERSION", request)
		}
	}
}

func TestNotFoundNamesWhatLooksAlike(t *testing.T) {
	f := enginetest.New(t)
	for _, test := range []struct {
		ref  string
		near []string
	}{
		{"wbe", []string{"web"}},
		{"db", []string{"shop-db-1"}},
		{"webm", []string{"web", "webmail"}},
		{"shop", []string{"shop-db-1"}},
		{"quite-something-else", nil},
		{"../images", nil}, // never becomes a path
		{"..", nil},
		{"", nil},
	} {
		opts := optionsOf(t, f)
		opts.Ref = test.ref
		_, err := Container(context.Background(), opts)
		var missing *docker.NotFoundError
		if !errors.As(err, &missing) {
			t.Fatalf("%q: %v is no NotFoundError", test.ref, err)
		}
		if diff := cmp.Diff(test.near, missing.Near); diff != "" {
			t.Errorf("%q: %s", test.ref, diff)
		}
		if !strings.Contains(err.Error(), f.Socket) || !strings.Contains(err.Error(), "--host") {
			t.Errorf("%q does not say where it looked and why", err)
		}
	}
	for _, request := range f.Requests() {
		if strings.Contains(request, "..") {
			t.Errorf("a hostile name became the request %q", request)
		}
	}
}

func TestAmbiguousPrefix(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/35477042/json", enginetest.Refuse(500, "Multiple IDs found with provided prefix: 35477042"))
	opts := optionsOf(t, f)
	opts.Ref = "35477042"
	_, err := Container(context.Background(), opts)
	var missing *docker.NotFoundError
	if !errors.As(err, &missing) || !missing.Ambiguous {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff([]string{"web", "webmail"}, missing.Near); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedSocket(t *testing.T) {
	gone := enginetest.SocketPath(t) // a folder without a socket
	dead := enginetest.SocketPath(t) // a socket that nobody listens on
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	for _, socket := range []string{gone, dead} {
		_, err := Container(context.Background(), options(t, "unix://"+socket))
		var refused *docker.UnreachableError
		if !errors.As(err, &refused) || refused.Endpoint.How != "--host" {
			t.Errorf("%s: %v", socket, err)
		}
	}
}

func TestForbiddenSocket(t *testing.T) {
	// connect(2) asks for write permission, which root always has.
	err := docker.ConnectError(docker.Endpoint{Host: "unix:///x", How: "default socket"},
		&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", os.ErrPermission)})
	var shut *docker.DeniedError
	if !errors.As(err, &shut) || !strings.Contains(err.Error(), "group docker") {
		t.Errorf("%v", err)
	}
	if os.Getuid() == 0 {
		t.Skip("the rest needs a user other than root, whom no socket's mode stops")
	}
	f := enginetest.New(t)
	if err := os.Chmod(f.Socket, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Container(context.Background(), optionsOf(t, f)); !errors.As(err, &shut) {
		t.Errorf("%v", err)
	}
}

// A mute engine accepts connections and never answers (docs/notes/DOCKER.md#a8).
func TestMuteEngineGivesPartialBundle(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the kernel log and the socket's listener are Linux's")
	}
	socket := enginetest.SocketPath(t)
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() }) // one that nobody holds is closed with the garbage
		}
	}()
	opts := options(t, "unix://"+socket)
	opts.Timeout = time.Second
	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(nil))
	opts.dockerRoot = enginetest.WriteTree(t, map[string]string{
		"containers/" + enginetest.WebID + "/config.v2.json": `{"ID":"` + enginetest.WebID +
			`","Name":"/web","State":{"Running":false},"HasBeenManuallyStopped":true}`,
	})
	opts.KmsgPath = filepath.Join(enginetest.WriteTree(t, map[string]string{"kmsg": "6,1,1000000,-;hello\n"}), "kmsg")
	b := collectWeb(t, opts)
	if got := b.Manifest().Target; got.ID != enginetest.WebID {
		t.Errorf("target %v: the engine's file names it", got)
	}
	for _, name := range []string{"engine", "image", "events", "logs", "changes", "neighbours"} {
		wantStatus(t, b, name, fact.StatusFailed, "answers nothing")
	}
	wantStatus(t, b, "inspect", fact.StatusFailed, "no answer")
	wantStatus(t, b, "kernel-log", fact.StatusCollected, "")
	wantStatus(t, b, "state-file", fact.StatusCollected, "")
	if got := text(t, b, bundle.FileStateFile); !strings.Contains(got, `"hasBeenManuallyStopped": true`) {
		t.Errorf("state file %s", got)
	}
}

// One container's inspect hangs while the list answers: a blocked log driver.
func TestHangingInspectFallsBackToTheList(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/web/json", enginetest.Silence)
	opts := optionsOf(t, f)
	opts.Timeout = time.Second
	b := collectWeb(t, opts)
	if got := b.Manifest().Target; got.ID != enginetest.WebID {
		t.Errorf("target %v", got)
	}
	wantStatus(t, b, "inspect", fact.StatusFailed, "the engine's list")
	wantStatus(t, b, "logs", fact.StatusCollected, "")
	wantStatus(t, b, "image", fact.StatusCollected, "")
}

func TestHangingInspectOfUnknownContainer(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/nope/json", enginetest.Silence)
	opts := optionsOf(t, f)
	opts.Ref, opts.Timeout = "nope", time.Second
	_, err := Container(context.Background(), opts)
	var missing *docker.NotFoundError
	if !errors.As(err, &missing) {
		t.Errorf("%v: the list answered and knows no such container", err)
	}
}

func TestRemovedHalfWay(t *testing.T) {
	f := enginetest.New(t)
	for _, path := range []string{"/logs", "/changes"} {
		f.Route("/containers/"+enginetest.WebID+path, enginetest.Refuse(404, "No such container: "+enginetest.WebID))
	}
	b := collectWeb(t, optionsOf(t, f))
	wantStatus(t, b, "inspect", fact.StatusCollected, "")
	wantStatus(t, b, "logs", fact.StatusAbsent, "removed while we looked")
	wantStatus(t, b, "changes", fact.StatusAbsent, "removed while we looked")
	if command := b.Source(fact.SourceChanges).Command; command != "" {
		t.Errorf("of what was removed: %q", command)
	}
	wantStatus(t, b, "events", fact.StatusCollected, "")
}

// TestInsideNoProcess: a number that no process has is told apart from one that ended at the look.
func TestInsideNoProcess(t *testing.T) {
	opts := optionsOf(t, enginetest.New(t))
	b := InsidePID(context.Background(), opts, 999999999)
	wantStatus(t, b, fact.SourceInside, fact.StatusFailed, "there is no process 999999999")
}

func TestHostileBodies(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/images/sha256:852c7ec4/json", enginetest.Endless(`{"Id":"`))
	f.Route("/containers/json", enginetest.Body(`{"this is":"no list"`))
	f.Route("/events", enginetest.Endless(""))
	f.Route("/containers/"+enginetest.WebID+"/logs",
		enginetest.Endless("\x01\x00\x00\x00\xff\xff\xff\xff2026-11-23T20:05:38Z "))
	opts := optionsOf(t, f)
	opts.LogBytes, opts.Timeout = 1<<20, 2*time.Minute
	b := collectWeb(t, opts)
	wantStatus(t, b, "image", fact.StatusFailed, "larger than the cap")
	wantStatus(t, b, "neighbours", fact.StatusFailed, "not understood")
	wantStatus(t, b, "events", fact.StatusTruncated, "")
	wantStatus(t, b, "logs", fact.StatusTruncated, "")
	if got := len(text(t, b, bundle.FileLogs)); got > 1<<20 {
		t.Errorf("%d bytes of log kept, the budget was 1 MiB", got)
	}
}

func TestHostileInspectFallsBack(t *testing.T) {
	for name, hostile := range map[string]string{
		"not JSON":   `<html>`,
		"no id":      `{"Id":"../../etc","Name":"/web"}`,
		"wrong type": `["web"]`,
	} {
		f := enginetest.New(t)
		f.Route("/containers/web/json", enginetest.Body(hostile))
		b := collectWeb(t, optionsOf(t, f))
		if got := b.Manifest().Target.ID; got != enginetest.WebID {
			t.Errorf("%s: target %q", name, got)
		}
		want := "not understood"
		if name == "no id" {
			want = "decode inspect"
		}
		wantStatus(t, b, "inspect", fact.StatusFailed, want)
	}
}

// TestAnswersThatAreNone: collected means that an answer was understood.
func TestAnswersThatAreNone(t *testing.T) {
	other := strings.Replace(strings.Replace(enginetest.InspectBody, enginetest.WebID, enginetest.DBID, 1),
		`"/web"`, `"/db"`, 1)
	for _, source := range []struct{ name, path, fine string }{ // fine: what is an answer there
		{"inspect", "/containers/web/json", "-"}, {"image", "/images/sha256:852c7ec4/json", other},
		{"changes", "/containers/" + enginetest.WebID + "/changes", "null"},
		{"neighbours", "/containers/json", "-"}, {"logs", "/containers/" + enginetest.WebID + "/logs", ""},
		{"events", "/events", ""},
		{"engine", "/version", "-"}, {"engine", "/info", "-"},
	} {
		for _, answer := range []string{"null", "42", "", `{"Id`, "<html>", other} {
			if answer == source.fine {
				continue
			}
			f := enginetest.New(t)
			f.Route(source.path, enginetest.Body(answer))
			b := collectWeb(t, optionsOf(t, f))
			if got := b.Source(source.name); got.Status == fact.StatusCollected {
				t.Errorf("%s answers %.20q: %s is collected (%s)", source.path, answer, source.name, got.Detail)
			}
		}
	}
}

// One odd field (here a port of the wrong type) must not cost the rest.
func TestOddFieldHarmsNoOther(t *testing.T) {
	f := enginetest.New(t)
	odd := strings.Replace(enginetest.InspectBody, `"Config":{"Tty":false`, `"Config":{"Tty":"maybe"`, 1)
	odd = strings.Replace(odd, `"Pid":0`, `"Pid":"zero"`, 1)
	f.Route("/containers/web/json", enginetest.Body(odd))
	b := collectWeb(t, optionsOf(t, f))
	wantStatus(t, b, "inspect", fact.StatusCollected, "")
	wantStatus(t, b, "neighbours", fact.StatusCollected, `project "shop"`)
}

func TestNeighbours(t *testing.T) {
	b := collectWeb(t, optionsOf(t, enginetest.New(t)))
	got := text(t, b, bundle.FileNeighbours)
	for _, want := range []string{`"name": "shop-db-1"`, `"service": "db"`, `"exitCode": 1`, `"health": "unhealthy"`,
		`"oomKilled": false`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	for _, not := range []string{"webmail", enginetest.WebID, "finishedAt"} {
		if strings.Contains(got, not) {
			t.Errorf("%s in %s", not, got)
		}
	}
}

func TestPanicAndHangHarmNoOther(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	s := &session{Options: Options{Timeout: 500 * time.Millisecond}}
	b := bundle.New("test", bundle.Target{}, time.Unix(0, 0))
	runAll(context.Background(), s, b, []collector{
		{"bad", func(context.Context, *session) source.Outcome { panic("boom") }},
		{"hung", func(context.Context, *session) source.Outcome {
			<-release
			return source.Collected("late").With("late", nil)
		}},
		{"good", func(context.Context, *session) source.Outcome {
			return source.Collected("fine").With("file", []byte("x"))
		}},
	})
	wantStatus(t, b, "bad", fact.StatusFailed, "boom at ")
	wantStatus(t, b, "bad", fact.StatusFailed, "collect_test.go:")
	wantStatus(t, b, "hung", fact.StatusFailed, "abandoned")
	wantStatus(t, b, "good", fact.StatusCollected, "fine")
	if diff := cmp.Diff([]string{"file"}, b.Names()); diff != "" {
		t.Error(diff)
	}
}

func TestInterruptedRunKeepsWhatItHas(t *testing.T) {
	f := enginetest.New(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f.Route("/containers/"+enginetest.WebID+"/changes",
		func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	b, err := Container(ctx, optionsOf(t, f))
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, b, "inspect", fact.StatusCollected, "")
	wantStatus(t, b, "changes", fact.StatusFailed, "interrupted")
	cancelled, cancel2 := context.WithCancel(context.Background())
	cancel2()
	if _, err := Container(cancelled, optionsOf(t, f)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestListAndSources(t *testing.T) {
	f := enginetest.New(t)
	list, err := List(context.Background(), optionsOf(t, f))
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{ID: enginetest.DBID, Name: "shop-db-1", Image: "postgres", State: "running", Status: "Up 2 hours",
		Project: "shop", Service: "db"}
	if diff := cmp.Diff(want, list[1]); len(list) != 3 || diff != "" {
		t.Errorf("%d containers: %s", len(list), diff)
	}
	opts := optionsOf(t, f)
	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(nil))
	for _, s := range Sources(context.Background(), opts) {
		switch {
		case s.Name == "engine" && s.Status != fact.StatusCollected,
			s.Name == "core-policy" && s.Status != fact.StatusCollected,
			s.Name == "kernel-log" && s.Status != fact.StatusAbsent,
			s.Name == "logs" && s.Status != fact.StatusNotAsked:
			t.Errorf("%+v", s)
		}
	}
	unreachable := Sources(context.Background(), options(t, "unix://"+enginetest.SocketPath(t)))
	if len(unreachable) != 14 {
		t.Errorf("%d sources, want all 14", len(unreachable))
	}
}
