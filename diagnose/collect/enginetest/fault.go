package enginetest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Fault is one way of not answering.
type Fault struct {
	Name   string
	Hangs  bool // it never ends by itself
	Sample bool // one of the few that a short test tries
	Partly bool // a part of the answer is right, or all of it where there is little to spoil
	Serve  http.HandlerFunc
	Spoil  func(right http.HandlerFunc) http.HandlerFunc // in the place of Serve
}

// Faults are the ways in which an engine, or what stands before it, fails to answer.
func Faults() []Fault {
	return append([]Fault{
		{Name: "hangs before the headers", Hangs: true, Serve: Silence},
		{Name: "hangs in the headers", Hangs: true, Serve: spoken("HTTP/1.1 200 OK\r\nContent-Type: application/j", hold)},
		{Name: "hangs after the headers", Hangs: true, Sample: true, Serve: spoken("HTTP/1.1 200 OK\r\nContent-Type: "+
			"application/json\r\nContent-Length: 9999\r\n\r\n", hold)},
		{Name: "hangs in the body", Hangs: true, Serve: spoken("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"+
			"{\"Id\":\"3547", hold)},
		{Name: "drips", Hangs: true, Serve: spoken("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "+
			"99999999\r\n\r\n[", drip)},
		{Name: "never ends", Serve: Endless(`[{"Id":"`)},
		{Name: "sends empty lines for ever", Serve: Endless("\n\n\n\n")},
		{Name: "switches protocols", Hangs: true, Sample: true, Serve: spoken("HTTP/1.1 101 UPGRADED\r\n"+
			"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
			hold)},
		{Name: "goes on with 102", Hangs: true, Serve: informing},
		{Name: "closes before the headers", Serve: spoken("", func(net.Conn) {})},
		{Name: "closes in the body", Serve: spoken("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Id\":\"3547",
			func(net.Conn) {})},
		{Name: "is no HTTP", Serve: spoken("SSH-2.0-OpenSSH_9.6\r\n", func(net.Conn) {})},
	}, lies()...)
}

// spoken takes the connection, says words and leaves it to then.
func spoken(words string, then func(net.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err) // not a connection of HTTP/1: a mistake of the test
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, words); err == nil {
			then(conn)
		}
	}
}

// hold waits until the client goes.
func hold(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// drip sends a byte now and then, each soon enough to look alive.
func drip(conn net.Conn) {
	for {
		if _, err := io.WriteString(conn, " "); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// informing sends one interim answer after the other.
func informing(w http.ResponseWriter, r *http.Request) {
	spoken("", func(conn net.Conn) {
		for {
			if _, err := io.WriteString(conn, "HTTP/1.1 102 Processing\r\n\r\n"); err != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	})(w, r)
}

// ExecID is the id of every exec of [NewRunning].
const ExecID = "5f0d7b1a1c9e4a6db1c0a4ef0a6ec0a0f3e1f8f2f8f0b8a5c2d1e0f9a8b7c6d5"

// RunningBody is what the engine answers for a running container of project shop with a
// health check.
const RunningBody = `{"Id":"` + WebID + `","Name":"/web","Image":"sha256:852c7ec4",
 "State":{"Status":"running","Running":true,"Pid":4711,"StartedAt":"2026-11-23T20:05:38.6Z"},
 "Config":{"Tty":false,"Env":["PATH=/opt/bin:/bin"],"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"},
  "Healthcheck":{"Test":["CMD","curl","-fsS","http://127.0.0.1:8000/"],"Timeout":200000000}},
 "HostConfig":{"NetworkMode":"default","LogConfig":{"Type":"json-file"}}}`

// NewRunning starts an engine like [New]'s with web alive: its health check ends at once
// and passes.
func NewRunning(t testing.TB) *Engine {
	t.Helper()
	f := New(t)
	f.Route("/containers/web/json", Body(RunningBody))
	f.Route("/containers/"+WebID+"/json", Body(RunningBody))
	f.Route("/containers/"+TwinID+"/json", Body(strings.ReplaceAll(strings.Replace(InspectBody, WebID, TwinID, 1),
		`"/web"`, `"/webmail"`)))
	f.Route("/containers/"+TwinID+"/logs", Body(""))
	f.Route("/containers/"+TwinID+"/changes", Body("null"))
	f.Route("/containers/"+DBID+"/logs", Body(""))
	f.Route("/containers/"+DBID+"/changes", Body("null"))
	f.Route("/containers/"+WebID+"/archive", Refuse(404, "no such file"))
	f.Route("/containers/"+WebID+"/exec", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"Id":%q}`, ExecID)
	})
	f.Route("/exec/"+ExecID+"/start", Body(Frame(1, "fine\n")))
	f.Route("/exec/"+ExecID+"/json", Body(`{"Running":false,"ExitCode":0,"Pid":0}`))
	return f
}

// Endpoints lists every path of [NewRunning] that a command of ours may ask, by name.
func Endpoints() map[string][]string {
	return map[string][]string{
		"ping": {"/_ping"}, "version": {"/version"}, "info": {"/info"}, "events": {"/events"}, "list": {"/containers/json"},
		"inspect": {"/containers/web/json", "/containers/" + WebID + "/json"},
		"logs":    {"/containers/" + WebID + "/logs"}, "changes": {"/containers/" + WebID + "/changes"},
		"archive": {"/containers/" + WebID + "/archive"},
		"image":   {"/images/sha256:852c7ec4/json"}, "exec": {"/containers/" + WebID + "/exec"},
		"exec start": {"/exec/" + ExecID + "/start"}, "exec inspect": {"/exec/" + ExecID + "/json"},
		"neighbour": {"/containers/" + DBID + "/json"}, "neighbour's log": {"/containers/" + DBID + "/logs"},
	}
}

// Break lets an endpoint fail in one way.
func (f *Engine) Break(endpoint string, fault Fault) {
	for _, path := range Endpoints()[endpoint] {
		serve := fault.Serve
		if serve == nil {
			serve = fault.Spoil(f.Routes[path])
		}
		f.Route(path, serve)
	}
}

// Asked tells whether an endpoint was asked at all.
func (f *Engine) Asked(endpoint string) bool {
	for _, request := range f.Requests() {
		path, _, _ := strings.Cut(versionPrefix.ReplaceAllString(request, ""), "?")
		for _, p := range Endpoints()[endpoint] {
			if p == path {
				return true
			}
		}
	}
	return false
}
