package inquest

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestRefused: what a runtime says is read without the layers that passed it on, and whole where there are none.
func TestRefused(t *testing.T) {
	for said, want := range map[string]string{
		"": "",
		"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: " +
			"exec: \"/entrypoint.sh\": permission denied: unknown": `exec: "/entrypoint.sh": permission denied`,
		"OCI runtime create failed: container_linux.go:380: starting container process caused: exec: \"gw\": executable " +
			"file not found in $PATH: unknown": `exec: "gw": executable file not found in $PATH`,
		"failed to create endpoint gw on network bridge: adding interface veth1 to bridge docker0 failed": "adding " +
			"interface veth1 to bridge docker0 failed",
		"driver failed programming external connectivity on endpoint gw (48c20b61f9ba): Bind for 0.0.0.0:80 failed: port " +
			"is already allocated": "Bind for 0.0.0.0:80 failed: port is already allocated",
		"unable to find user app: no matching entries in passwd file": "unable to find user app: no matching entries in " +
			"passwd file",
	} {
		var c Case
		c.Status = &evidence.Status{Error: said}
		if got := c.Refused(); got != want {
			t.Errorf("of %q: %q, want %q", said, got, want)
		}
	}
}

// TestRefusalIsOfTheProgram: what the engine could not reach is no dependency of the program; what it could not start
// is told like the program's own words.
func TestRefusalIsOfTheProgram(t *testing.T) {
	for said, want := range map[string]string{
		"failed to initialize logging driver: dial tcp 127.0.0.1:24224: connect: connection refused": "",
		"runc create failed: unable to start container process: exec: \"gw\": executable file not found in $PATH: " +
			"unknown": fact.CommandMissing,
		"driver failed programming external connectivity on endpoint gw (48c2): Bind for 0.0.0.0:80 failed: port is " +
			"already allocated": fact.PortTaken,
	} {
		got := ""
		for _, f := range refusalOf(&evidence.Evidence{Runtime: evidence.Runtime{Status: &evidence.Status{Error: said}}}) {
			got = f.Other
		}
		if got != want {
			t.Errorf("of %q: %q, want %q", said, got, want)
		}
	}
}
