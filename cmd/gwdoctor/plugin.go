package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The docker CLI runs a program docker-NAME from one of its plugin folders as its
// own command NAME, in three ways (measured with CLI 28.2):
//
//	docker-gwdoctor docker-cli-plugin-metadata              # who are you? JSON, nothing else
//	docker-gwdoctor -H unix:///x.sock gwdoctor diagnose a   # docker's global options stand before the name
//	docker-gwdoctor help gwdoctor, __complete gwdoctor dia  # docker help gwdoctor, completion
//
// https://github.com/docker/cli/blob/master/cli-plugins/metadata/metadata.go
const (
	pluginProgram  = "docker-gwdoctor"
	pluginMetadata = "docker-cli-plugin-metadata"
	pluginCaller   = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND" // set by the CLI for all but the first way
	pluginSocket   = "DOCKER_CLI_PLUGIN_SOCKET"               // closed when the CLI is told to end
)

func newPluginMetadata() *cobra.Command {
	return &cobra.Command{
		Use:    pluginMetadata,
		Short:  "Tell the docker CLI about this plugin",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]string{
				"SchemaVersion": "0.1.0", "Vendor": "gwdoctor", "Version": buildVersion().Version,
				"ShortDescription": "Say why a container died or went silent", "URL": "https://github.com/gwdoctor/gwdoctor",
			})
		}),
	}
}

// isPlugin tells whether the docker CLI runs us. The variable alone does not say
// so: another plugin that calls gwdoctor hands it down.
func (e env) isPlugin() bool {
	return strings.TrimSuffix(filepath.Base(e.Program), ".exe") == pluginProgram && e.Getenv(pluginCaller) != ""
}

// newPlugin is the command line `docker [OPTIONS] gwdoctor …`: docker's options
// become ours, and the commands hang below a docker that help can name.
func newPlugin(a *app, args []string) (*cobra.Command, []string, error) {
	var d dockerOptions
	rest, err := d.parse(args)
	if err != nil {
		return nil, nil, err
	}
	a.Getenv = d.getenv(a.Getenv)
	gwdoctor := newRoot(a)
	docker := &cobra.Command{Use: "docker", SilenceErrors: true, SilenceUsage: true}
	docker.AddCommand(gwdoctor)
	for flag, value := range map[string]string{"host": d.host, "context": d.context} {
		if value == "" {
			continue
		}
		if err := gwdoctor.PersistentFlags().Set(flag, value); err != nil {
			return nil, nil, err
		}
	}
	return docker, rest, nil
}

// dockerOptions are the docker CLI's global options, as far as they choose an
// engine.
type dockerOptions struct {
	host, context, config string
	tls, verify           bool
	ca, cert, key         string
}

// parse takes docker's options off the front. The CLI has parsed them before us,
// so one that is not known here is newer than this list: it is refused by name.
func (d *dockerOptions) parse(args []string) ([]string, error) {
	flags := pflag.NewFlagSet("docker", pflag.ContinueOnError)
	flags.SetInterspersed(false)
	flags.SetOutput(io.Discard)
	flags.StringVarP(&d.host, "host", "H", "", "")
	flags.StringVarP(&d.context, "context", "c", "", "")
	flags.StringVar(&d.config, "config", "", "")
	flags.BoolVar(&d.tls, "tls", false, "")
	flags.BoolVar(&d.verify, "tlsverify", false, "")
	flags.StringVar(&d.ca, "tlscacert", "", "")
	flags.StringVar(&d.cert, "tlscert", "", "")
	flags.StringVar(&d.key, "tlskey", "", "")
	flags.BoolP("debug", "D", false, "")
	flags.StringP("log-level", "l", "", "")
	if err := flags.Parse(args); err != nil {
		return nil, usagef("option of docker, before \"gwdoctor\": %v", err)
	}
	return flags.Args(), d.checkTLS()
}

// checkTLS refuses what would silently be another connection than docker's own.
func (d *dockerOptions) checkTLS() error {
	if d.tls && !d.verify {
		return usagef("docker --tls does not check the server's certificate, which gwdoctor refuses: use --tlsverify")
	}
	for path, name := range map[string]string{d.ca: "ca.pem", d.cert: "cert.pem", d.key: "key.pem"} {
		if path != "" && (filepath.Base(path) != name || filepath.Dir(path) != d.certDir()) {
			err := usagef("certificate %q: gwdoctor reads ca.pem, cert.pem and key.pem of one folder", path)
			err.hints = []string{"name the folder with DOCKER_CERT_PATH, or make a context: docker context create"}
			return err
		}
	}
	return nil
}

// certDir is the folder of the certificates that were named, "" where none was.
func (d *dockerOptions) certDir() string {
	for _, path := range []string{d.ca, d.cert, d.key} {
		if path != "" {
			return filepath.Dir(path)
		}
	}
	return ""
}

// getenv answers with docker's options where docker reads the same from a variable.
func (d *dockerOptions) getenv(getenv func(string) string) func(string) string {
	given := map[string]string{"DOCKER_CONFIG": d.config, "DOCKER_CERT_PATH": d.certDir()}
	if d.verify {
		given["DOCKER_TLS_VERIFY"] = "1"
	}
	return func(name string) string {
		if value := given[name]; value != "" {
			return value
		}
		return getenv(name)
	}
}

// endWith cancels the context when the docker CLI goes away: a signal to it alone
// (kill, a CI job's end) does not reach its plugins; it closes a socket instead
// (since CLI 25; cli-plugins/socket).
func endWith(ctx context.Context, address string) context.Context {
	if address == "" {
		return ctx
	}
	conn, err := net.Dial("unix", address)
	if err != nil { // an older CLI, or one that is gone
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, conn)
	}()
	return ctx
}
