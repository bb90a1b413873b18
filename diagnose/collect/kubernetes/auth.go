package kubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
)

// execPlugin is a program that gives credentials: EKS, GKE, AKS and OIDC log in that way.
//
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
type execPlugin struct {
	Command    string   `yaml:"command"`
	Args       []string `yaml:"args"`
	APIVersion string   `yaml:"apiVersion"`
	Hint       string   `yaml:"installHint"`
	Env        []struct {
		Name  string `yaml:"name"`
		Value string `yaml:"value"`
	} `yaml:"env"`
}

// credential is the ExecCredential that a plugin prints.
type credential struct {
	Status struct {
		Token                 string
		ClientCertificateData string
		ClientKeyData         string
	}
}

// pluginTime is how long a plugin may take at least: one that asks a cloud for a token needs some seconds, one that
// asks for a password, or opens a browser, would wait for ever.
const pluginTime = 10 * time.Second

// run asks the plugin, without a terminal, until the deadline of ctx, which is within from its beginning.
func (p execPlugin) run(ctx context.Context, environ []string, within time.Duration) (credential, error) {
	var c credential
	if p.Command == "" {
		return c, &ConfigError{"log in to cluster: the kubeconfig names a plugin without a command", nil}
	}
	cmd := p.command(ctx, environ)
	var out, errs limitedBuffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist):
		return c, &ConfigError{fmt.Sprintf("log in to cluster: the plugin %q is not installed", p.Command), hints(p.Hint)}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return c, &ConfigError{fmt.Sprintf("log in to cluster: the plugin %q gave no answer within %s", p.Command,
			within), []string{"run kubectl get pods once by hand: it may want to ask something",
			"where it only needs longer, --timeout gives it more"}}
	case ctx.Err() != nil:
		return c, ctx.Err()
	case err != nil:
		return c, &ConfigError{fmt.Sprintf("log in to cluster: the plugin %q failed: %v: %s", p.Command, err,
			lastLine(errs.String())), hints(p.Hint)}
	}
	if json.Unmarshal(out.Bytes(), &c) != nil || c.Status.Token == "" && c.Status.ClientCertificateData == "" {
		return c, &ConfigError{fmt.Sprintf("log in to cluster: the plugin %q printed no credentials", p.Command), nil}
	}
	return c, nil
}

// command is the plugin in a session of its own: there is no terminal that it could ask, and what it starts ends with
// it.
func (p execPlugin) command(ctx context.Context, environ []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.Command, p.Args...)
	cmd.SysProcAttr = source.OwnSession()
	cmd.Cancel = func() error { return source.EndSession(cmd.Process) }
	cmd.WaitDelay = time.Second // one that left the session may hold the pipe open
	info := fmt.Sprintf(`{"apiVersion":%q,"kind":"ExecCredential","spec":{"interactive":false}}`, p.APIVersion)
	cmd.Env = append(environ, "KUBERNETES_EXEC_INFO="+info)
	for _, e := range p.Env {
		cmd.Env = append(cmd.Env, e.Name+"="+e.Value)
	}
	return cmd
}

func hints(hint string) []string {
	if hint = strings.TrimSpace(hint); hint == "" {
		return nil
	}
	return strings.Split(hint, "\n")[:1]
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	last := lines[len(lines)-1]
	return last[:min(len(last), 300)]
}

// limitedBuffer keeps the first part of what a program prints, and swallows the rest.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if room := 1<<20 - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

// token is what the requests bear; "" = a certificate, a password, or nothing.
func (c *chosen) token(ctx context.Context, environ []string, within time.Duration) (string, error) {
	switch {
	case c.Token != "":
		return c.Token, nil
	case c.TokenFile != "":
		data, err := interruptible.ReadFile(ctx, c.TokenFile, maxFile)
		if err != nil {
			return "", fmt.Errorf("read token: %w", err)
		}
		return strings.TrimSpace(string(data)), nil
	case c.Exec != nil:
		limited, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		got, err := c.Exec.run(limited, environ, within)
		if err != nil {
			return "", err
		}
		c.CertData, c.KeyData = encoded(got.Status.ClientCertificateData), encoded(got.Status.ClientKeyData)
		return got.Status.Token, nil
	case c.Provider != nil:
		if id := c.Provider.Config["id-token"]; id != "" {
			return id, nil
		}
		return "", &ConfigError{fmt.Sprintf("log in to cluster: the kubeconfig uses auth-provider %q, which Kubernetes "+
			"removed in 1.26", c.Provider.Name), []string{"log in with an exec plugin, as kubectl wants it, too"}}
	}
	return "", nil
}

// bearer adds who we are to every request.
type bearer struct {
	chosen
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	switch {
	case b.token != "":
		r.Header.Set("Authorization", "Bearer "+b.token)
	case b.Username != "":
		r.SetBasicAuth(b.Username, b.Password)
	}
	if b.As != "" {
		r.Header.Set("Impersonate-User", b.As)
	}
	for _, g := range b.AsGroups {
		r.Header.Add("Impersonate-Group", g)
	}
	return b.next.RoundTrip(r)
}
