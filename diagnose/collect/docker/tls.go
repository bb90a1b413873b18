package docker

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// certificates holds the CLI's certificate files, as far as they are there: a server may ask for no client certificate.
type certificates struct{ ca, cert, key string }

// readCertificates refuses what is no regular file, because the SDK reads it and would wait for a FIFO for ever, and a
// folder that holds none: the machine's own authorities are not what somebody meant who named one.
func readCertificates(dir string) (c certificates, err error) {
	for name, path := range map[string]*string{"ca": &c.ca, "cert": &c.cert, "key": &c.key} {
		file := filepath.Join(dir, name+".pem")
		info, err := os.Stat(file)
		if err != nil {
			continue
		}
		if !info.Mode().IsRegular() {
			return certificates{}, fmt.Errorf("read certificate %q: it is no regular file", file)
		}
		*path = file
	}
	if c == (certificates{}) {
		return c, &AccessError{What: fmt.Sprintf("no ca.pem, cert.pem or key.pem can be read in %q", dir), Do: setTLS}
	}
	return c, nil
}

const setTLS = "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem"

// withoutTLS is what Go's HTTP server, and so dockerd, answers to who speaks plainly to its port for TLS.
var withoutTLS = []byte("HTTP request to an HTTPS server")

func speaksTLS(answer []byte) error {
	if bytes.Contains(answer, withoutTLS) {
		return &AccessError{What: "the server speaks TLS only", Do: setTLS}
	}
	return nil
}

// accessError is what of err tells why there is no way to the engine, with what helps; any other error stays as it is.
func accessError(err error) error {
	var (
		access  *AccessError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		refused *net.OpError
		plain   tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &access):
		return access
	case errors.As(err, &unknown):
		return &AccessError{What: err.Error(), Do: "the ca.pem in DOCKER_CERT_PATH or the context must be the one " +
			"that signed the server's certificate"}
	case errors.As(err, &name):
		return &AccessError{What: err.Error(), Do: "name the server as its certificate does"}
	case errors.As(err, &refused) && refused.Op == "remote error": // an alert; its type is crypto/tls's own
		return &AccessError{What: "the server refuses our certificate, or wants one: " + err.Error(),
			Do: "the folder of DOCKER_CERT_PATH, or the context, must hold the cert.pem and key.pem that it knows"}
	case errors.As(err, &plain):
		return &AccessError{What: "the server does not speak TLS at that port",
			Do: "name the port that does (2376), or unset DOCKER_TLS_VERIFY"}
	}
	return err
}
