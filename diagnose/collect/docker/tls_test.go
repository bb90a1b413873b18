package docker

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

// certificateFolder is a folder as DOCKER_CERT_PATH names it.
func certificateFolder(t *testing.T, ca []byte, client bool) string {
	t.Helper()
	dir := t.TempDir()
	put := func(name, kind string, der []byte) {
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("ca.pem", "CERTIFICATE", ca)
	if client {
		cert, key := selfSigned(t)
		put("cert.pem", "CERTIFICATE", cert)
		put("key.pem", "EC PRIVATE KEY", key)
	}
	return dir
}

func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err = x509.CreateCertificate(rand.Reader, template, template, &pair.PublicKey, pair)
	if err != nil {
		t.Fatal(err)
	}
	key, err = x509.MarshalECPrivateKey(pair)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// TestRemoteTLS: an engine behind TLS that wants a client certificate, as dockerd --tlsverify does.
func TestRemoteTLS(t *testing.T) {
	quiet := log.New(io.Discard, "", 0)
	secure := httptest.NewUnstartedServer(enginetest.NewRunning(t))
	secure.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(enginetest.NewRunning(t))
	defer plain.Close()
	secureHost := "tcp://" + secure.Listener.Addr().String()
	stranger, _ := selfSigned(t)
	ours := secure.Certificate().Raw
	for name, test := range map[string]struct{ host, folder, want, do string }{
		"all in order":          {secureHost, certificateFolder(t, ours, true), "", ""},
		"no client certificate": {secureHost, certificateFolder(t, ours, false), "wants one", "cert.pem and key.pem"},
		"another authority":     {secureHost, certificateFolder(t, stranger, true), "unknown authority", "ca.pem"},
		"no certificates":       {secureHost, t.TempDir(), "no ca.pem, cert.pem or key.pem", "DOCKER_CERT_PATH"},
		"another name": {strings.Replace(secureHost, "127.0.0.1", "localhost", 1), certificateFolder(t, ours, true),
			"not localhost", "as its certificate does"},
		"without TLS": {secureHost, "", "speaks TLS only", "DOCKER_TLS_VERIFY=1"},
		"TLS to a plain port": {"tcp://" + plain.Listener.Addr().String(), certificateFolder(t, ours, true),
			"does not speak TLS", "2376"},
	} {
		env := map[string]string{"DOCKER_HOST": test.host}
		if test.folder != "" {
			env["DOCKER_TLS_VERIFY"], env["DOCKER_CERT_PATH"] = "1", test.folder
		}
		where, err := Resolve(Where{Getenv: func(key string) string { return env[key] }})
		if err != nil {
			t.Fatal(err)
		}
		e, err := New(where, "", 5*time.Second)
		if err == nil {
			err = e.Ping(t.Context())
			e.Close()
		}
		var access *AccessError
		switch {
		case test.want == "" && err == nil:
		case test.want == "" || !errors.As(err, &access):
			t.Errorf("%s: %v (%T)", name, err, err)
		case !strings.Contains(access.What, test.want) || !strings.Contains(access.Do, test.do):
			t.Errorf("%s: %q, %q; want %q, %q", name, access.What, access.Do, test.want, test.do)
		}
	}
}
