package kubernetes_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
)

// opened opens a session whose user has a plugin, which is a script of the shell.
func opened(t *testing.T, ctx context.Context, script string, within time.Duration) (*kubernetes.Session,
	*kubetest.Server, error) {
	t.Helper()
	server := kubetest.New(t, records+"oom-main/1-after-first")
	user := fmt.Sprintf(`exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: ["-c", %q], env: [{name: ROLE, value: "a b"}]}`,
		script)
	s, err := kubernetes.Open(ctx, kubernetes.Options{PluginTime: within,
		Where: kubernetes.Where{Kubeconfig: server.Kubeconfig(t, user), Getenv: func(string) string { return "" }}})
	return s, server, err
}

// TestPluginGivesTheToken: with what it is told of the request, and with the environment that the kubeconfig adds.
func TestPluginGivesTheToken(t *testing.T) {
	s, server, err := opened(t, context.Background(), `case $KUBERNETES_EXEC_INFO in *'"interactive":false'*) ;; *) exit 3;; esac
printf '{"kind":"ExecCredential","status":{"token":"made for %s"}}' "$ROLE"`, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	bore := ""
	server.Answer = func(_ http.ResponseWriter, r *http.Request) bool {
		bore = r.Header.Get("Authorization")
		return false
	}
	if _, err := s.Select(context.Background(), "", ""); err != nil || bore != "Bearer made for a b" {
		t.Errorf("%q, %v", bore, err)
	}
}

// TestPluginThatHangs is ended with all that it started, and what it says then is no answer.
func TestPluginThatHangs(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	_, _, err := opened(t, context.Background(), "sleep 600 & echo $$ $! >"+pids+"; wait", time.Second)
	var config *kubernetes.ConfigError
	if !errors.As(err, &config) || len(config.Hints) == 0 ||
		!strings.Contains(err.Error(), `"sh" gave no answer within 1s`) {
		t.Fatalf("%v", err)
	}
	data, err := os.ReadFile(pids)
	if err != nil {
		t.Skip("the plugin did not come up in time")
	}
	for _, pid := range strings.Fields(string(data)) {
		if !ends(pid) {
			t.Errorf("process %s of the plugin goes on", pid)
		}
	}
}

// ends waits until a process is gone, or only its exit code is left.
func ends(pid string) bool {
	if runtime.GOOS != "linux" {
		return true
	}
	for range 1000 {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// TestPluginIsLeft: a signal ends the command whatever the plugin waits for.
func TestPluginIsLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, _, err := opened(t, ctx, "sleep 600", time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestInThePod: without a kubeconfig, a pod's service account says where and who.
func TestInThePod(t *testing.T) {
	server := kubetest.New(t, records+"oom-main/1-after-first")
	folder := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, data := range map[string]string{"token": "of the account\n", "namespace": "shop\n", "ca.crt": string(ca)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "https://"), ":")
	environment := map[string]string{"HOME": folder, "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
	s, err := kubernetes.Open(context.Background(), kubernetes.Options{Where: kubernetes.Where{
		Getenv: func(name string) string { return environment[name] }, InCluster: folder}})
	if err != nil || s.Namespace != "shop" {
		t.Fatalf("%+v, %v", s, err)
	}
	bore := ""
	server.Answer = func(_ http.ResponseWriter, r *http.Request) bool {
		bore = r.Header.Get("Authorization")
		return false
	}
	if _, err := s.Select(context.Background(), "", ""); err != nil || bore != "Bearer of the account" {
		t.Errorf("%q, %v", bore, err)
	}
}

// TestSeveralKubeconfigs: the first file that names a thing wins, and what a file names relative to itself is beside
// it.
func TestSeveralKubeconfigs(t *testing.T) {
	server := kubetest.New(t, records+"oom-main/1-after-first")
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("a/token", "beside\n")
	list := []string{
		filepath.Join(folder, "gone"),
		write("a/config", fmt.Sprintf(`{current-context: one, clusters: [{name: c, cluster: {server: %q, insecure-skip-tls-verify: true}}],
users: [{name: u, user: {tokenFile: token}}]}`, server.URL)),
		write("b", `{current-context: two, clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}],
contexts: [{name: one, context: {cluster: c, user: u, namespace: shop}}, {name: two, context: {cluster: none}}]}`),
	}
	where := kubernetes.Where{Getenv: func(name string) string {
		if name == "KUBECONFIG" {
			return strings.Join(list, string(filepath.ListSeparator))
		}
		return ""
	}}
	s, err := kubernetes.Open(context.Background(), kubernetes.Options{Where: where})
	if err != nil || s.Namespace != "shop" || s.Server != server.URL {
		t.Fatalf("%+v, %v", s, err)
	}
	where.Context = "two"
	if _, err := kubernetes.Open(context.Background(), kubernetes.Options{Where: where}); err == nil ||
		!strings.Contains(err.Error(), `no server`) {
		t.Errorf("a context without a cluster: %v", err)
	}
}
