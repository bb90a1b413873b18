package docker

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

// TestEngineIsExchanged: the engine that answered the ping was updated before it was asked. What it names now counts,
// once; a version that the user pinned stays.
func TestEngineIsExchanged(t *testing.T) {
	for name, tt := range map[string]struct {
		pin, accepts string
		ok           bool
	}{
		"it became newer":              {"", "/v1.44/", true},
		"it became older":              {"", "/v1.24/", true},
		"it refuses each":              {"", "/none/", false},
		"the user has named a version": {"1.41", "/v1.44/", false},
	} {
		f := enginetest.New(t) // names 1.41
		refused := 0
		f.Route("/containers/web/json", func(w http.ResponseWriter, r *http.Request) {
			if tt.accepts == "/v1.24/" && strings.HasPrefix(r.URL.Path, "/containers/") || // below our oldest: none is asked for
				strings.HasPrefix(r.URL.Path, tt.accepts) {
				enginetest.Body(enginetest.InspectBody)(w, r)
				return
			}
			refused++
			w.Header().Set("Api-Version", strings.Trim(tt.accepts, "/v"))
			enginetest.Refuse(400, "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade "+
				"your client to a newer version")(w, r)
		})
		target, err := Resolve(Where{Host: "unix://" + f.Socket, Getenv: func(string) string { return "" }})
		if err != nil {
			t.Fatal(err)
		}
		e, err := New(target, tt.pin, 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = e.Inspect(t.Context(), "web")
		if (err == nil) != tt.ok || refused > 2 {
			t.Errorf("%s: %v, refused %d times", name, err, refused)
		}
		if !tt.ok && !strings.Contains(err.Error(), "is too old") {
			t.Errorf("%s: the engine's words are lost: %v", name, err)
		}
		e.Close()
	}
}

// TestOtherHands: where Podman answers in Docker's place from the n-th call on, that is what is said, and not that the
// container was removed; a proxy's own answer, and a new version of the same engine, are nobody else's.
func TestOtherHands(t *testing.T) {
	const docker, podman = "Docker/26.1.5 (linux)", "Libpod/5.4.2 (linux)"
	for _, test := range []struct {
		servers [2]string
		refused bool
	}{
		{[2]string{docker, podman}, true},
		{[2]string{podman, docker}, true},
		{[2]string{docker, "Docker/28.5.2 (linux)"}, false},
		{[2]string{docker, "nginx/1.22"}, false},
		{[2]string{"", podman}, false},
	} {
		f := enginetest.New(t)
		calls := 0
		answer := func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Server", test.servers[min(calls, 1)])
			calls++
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message":"no such container"}`)
		}
		f.Route("/containers/web/json", answer)
		e, err := New(address{Endpoint: Endpoint{Host: "unix://" + f.Socket, Local: true}}, "", time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if _, err := e.Inspect(t.Context(), "web"); StatusCode(err) != http.StatusNotFound {
			t.Errorf("%v: the first answer is %v", test.servers, err)
		}
		_, err = e.Inspect(t.Context(), "web")
		if refused := err != nil && strings.Contains(err.Error(), "another engine answers there"); refused != test.refused {
			t.Errorf("%v: %v", test.servers, err)
		}
	}
}
