package kubernetes

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
)

// Where says which cluster is meant. The zero value is what kubectl would take.
type Where struct {
	Kubeconfig string // --kubeconfig
	Context    string // --context
	Namespace  string // --namespace; "" = the context's, else default
	Getenv     func(string) string
	InCluster  string // folder of a pod's service account, for tests; "" = the usual one
}

// kubeconfig is the file in the parts that are read.
//
// https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
type kubeconfig struct {
	CurrentContext string         `yaml:"current-context"`
	Clusters       []namedCluster `yaml:"clusters"`
	Users          []namedUser    `yaml:"users"`
	Contexts       []namedContext `yaml:"contexts"`
}

type namedCluster struct {
	Name    string  `yaml:"name"`
	Cluster cluster `yaml:"cluster"`
}

type cluster struct {
	Server     string `yaml:"server"`
	CAFile     string `yaml:"certificate-authority"`
	CAData     string `yaml:"certificate-authority-data"`
	Insecure   bool   `yaml:"insecure-skip-tls-verify"`
	ServerName string `yaml:"tls-server-name"`
	ProxyURL   string `yaml:"proxy-url"`
}

type namedUser struct {
	Name string `yaml:"name"`
	User user   `yaml:"user"`
}

type user struct {
	Token     string      `yaml:"token"`
	TokenFile string      `yaml:"tokenFile"`
	CertFile  string      `yaml:"client-certificate"`
	CertData  string      `yaml:"client-certificate-data"`
	KeyFile   string      `yaml:"client-key"`
	KeyData   string      `yaml:"client-key-data"`
	Username  string      `yaml:"username"`
	Password  string      `yaml:"password"`
	As        string      `yaml:"as"`
	AsGroups  []string    `yaml:"as-groups"`
	Exec      *execPlugin `yaml:"exec"`
	Provider  *provider   `yaml:"auth-provider"`
}

// provider is what clusters used before exec plugins; the kinds gcp and azure were removed in 1.26.
type provider struct {
	Name   string            `yaml:"name"`
	Config map[string]string `yaml:"config"`
}

type namedContext struct {
	Name    string       `yaml:"name"`
	Context contextEntry `yaml:"context"`
}

type contextEntry struct {
	Cluster   string `yaml:"cluster"`
	User      string `yaml:"user"`
	Namespace string `yaml:"namespace"`
}

// ConfigError is a cluster that cannot be found out or spoken to, with what to try.
type ConfigError struct {
	Text  string
	Hints []string
}

func (e *ConfigError) Error() string { return e.Text }

// chosen is one cluster with one way of speaking to it.
type chosen struct {
	cluster
	user
	context   string
	namespace string
}

// serviceAccount is where a pod finds its own token.
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

// choose finds the cluster as kubectl does: --kubeconfig, else KUBECONFIG, else ~/.kube/config, else the pod's own
// service account.
func (w Where) choose(ctx context.Context) (chosen, error) {
	paths, named := w.paths()
	var config kubeconfig
	for _, path := range paths {
		part, err := readConfig(ctx, path)
		if errors.Is(err, fs.ErrNotExist) && (!named || len(paths) > 1) {
			continue
		}
		if errors.Is(err, context.Canceled) {
			return chosen{}, err
		}
		if err != nil {
			return chosen{}, &ConfigError{fmt.Sprintf("read kubeconfig %q: %v", path, err), nil}
		}
		config.merge(part)
	}
	if len(config.Clusters) == 0 && len(config.Contexts) == 0 && w.Context == "" {
		return w.ownPod(ctx, paths)
	}
	return config.choose(w)
}

func (w Where) paths() (list []string, named bool) {
	if w.Kubeconfig != "" {
		return []string{w.Kubeconfig}, true
	}
	if env := w.Getenv("KUBECONFIG"); env != "" {
		return slices.DeleteFunc(filepath.SplitList(env), func(s string) bool { return s == "" }), true
	}
	home := cmp.Or(w.Getenv("HOME"), w.Getenv("USERPROFILE"))
	return []string{filepath.Join(home, ".kube", "config")}, false
}

// maxFile bounds a kubeconfig, a token, a certificate: those of hundreds of clusters take a megabyte.
const maxFile = 16 << 20

// readConfig reads one file; what it names relative to itself becomes absolute.
func readConfig(ctx context.Context, path string) (kubeconfig, error) {
	var config kubeconfig
	data, err := interruptible.ReadFile(ctx, path, maxFile)
	if err != nil {
		return config, err
	}
	if err := yaml.Unmarshal(data, &config); err != nil {
		return config, errors.New("it is not YAML of a kubeconfig") // the parser's words quote what is in it
	}
	beside := func(name *string) {
		if *name != "" && !filepath.IsAbs(*name) {
			*name = filepath.Join(filepath.Dir(path), *name)
		}
	}
	for i := range config.Clusters {
		beside(&config.Clusters[i].Cluster.CAFile)
	}
	for i := range config.Users {
		u := &config.Users[i].User
		beside(&u.CertFile)
		beside(&u.KeyFile)
		beside(&u.TokenFile)
		if u.Exec != nil && strings.ContainsRune(u.Exec.Command, '/') {
			beside(&u.Exec.Command)
		}
	}
	return config, nil
}

// merge adds what a later file has; the first that names a thing wins.
func (k *kubeconfig) merge(more kubeconfig) {
	k.CurrentContext = cmp.Or(k.CurrentContext, more.CurrentContext)
	k.Clusters = append(k.Clusters, more.Clusters...)
	k.Users = append(k.Users, more.Users...)
	k.Contexts = append(k.Contexts, more.Contexts...)
}

func (k kubeconfig) choose(w Where) (chosen, error) {
	name := cmp.Or(w.Context, k.CurrentContext)
	i := slices.IndexFunc(k.Contexts, func(c namedContext) bool { return c.Name == name })
	if i < 0 {
		text := fmt.Sprintf("find context %q: the kubeconfig has none of that name", name)
		if name == "" {
			text = "find cluster: the kubeconfig has no current context"
		}
		return chosen{}, &ConfigError{text, []string{"kubectl config get-contexts lists them; choose one with --context"}}
	}
	c := k.Contexts[i].Context
	got := chosen{context: name, namespace: cmp.Or(w.Namespace, c.Namespace, "default")}
	i = slices.IndexFunc(k.Clusters, func(n namedCluster) bool { return n.Name == c.Cluster })
	if i < 0 || k.Clusters[i].Cluster.Server == "" {
		return chosen{}, &ConfigError{fmt.Sprintf("find cluster %q of context %q: the kubeconfig has no server for it",
			c.Cluster, name), nil}
	}
	got.cluster = k.Clusters[i].Cluster
	if i = slices.IndexFunc(k.Users, func(u namedUser) bool { return u.Name == c.User }); i >= 0 {
		got.user = k.Users[i].User
	}
	return got, nil
}

// ownPod is the cluster in which we run.
func (w Where) ownPod(ctx context.Context, tried []string) (chosen, error) {
	host, port := w.Getenv("KUBERNETES_SERVICE_HOST"), w.Getenv("KUBERNETES_SERVICE_PORT")
	folder := cmp.Or(w.InCluster, serviceAccount)
	token := filepath.Join(folder, "token")
	if _, err := os.Stat(token); host == "" || err != nil {
		return chosen{}, &ConfigError{fmt.Sprintf("find cluster: no kubeconfig at %s, and this is no pod",
			strings.Join(tried, ", ")), []string{"name one with --kubeconfig or KUBECONFIG",
			"a recorded incident needs no cluster: gwdoctor diagnose --bundle PATH"}}
	}
	namespace, _ := interruptible.ReadFile(ctx, filepath.Join(folder, "namespace"), maxFile)
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return chosen{
		cluster:   cluster{Server: "https://" + host + ":" + cmp.Or(port, "443"), CAFile: filepath.Join(folder, "ca.crt")},
		user:      user{TokenFile: token},
		context:   "in-cluster",
		namespace: cmp.Or(w.Namespace, strings.TrimSpace(string(namespace)), "default"),
	}, nil
}

// tlsConfig is how the server is checked, and who we are by certificate.
func (c chosen) tlsConfig(ctx context.Context) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.ServerName, InsecureSkipVerify: c.Insecure}
	ca, err := either(ctx, c.CAData, c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read certificate authority: %w", err)
	}
	if len(ca) > 0 {
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(ca) {
			return nil, errors.New("read certificate authority: it holds no certificate")
		}
	}
	cert, err := either(ctx, c.CertData, c.CertFile)
	if err != nil {
		return nil, fmt.Errorf("read client certificate: %w", err)
	}
	key, err := either(ctx, c.KeyData, c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read client key: %w", err)
	}
	return t, addCertificate(t, cert, key)
}

func addCertificate(t *tls.Config, cert, key []byte) error {
	if len(cert) == 0 {
		return nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return errors.New("use client certificate: certificate and key do not make a pair")
	}
	t.Certificates = []tls.Certificate{pair}
	return nil
}

// either is what a field holds in base64, else what the file that another names holds.
func either(ctx context.Context, data, file string) ([]byte, error) {
	if data != "" {
		return base64.StdEncoding.DecodeString(data)
	}
	if file == "" {
		return nil, nil
	}
	return interruptible.ReadFile(ctx, file, maxFile)
}

// proxy is the proxy that the kubeconfig names; nil = as the environment says.
func (c chosen) proxy() (*url.URL, error) {
	if c.ProxyURL == "" {
		return nil, nil
	}
	return url.Parse(c.ProxyURL)
}
