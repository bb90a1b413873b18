package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report"
)

// secret is a text with a secret in it; hide is what must be nowhere.
type secret struct{ kind, text, hide string }

// secrets are forty kinds of it, each with a value of its own, put together here so
// that no scanner takes this file for a leak.
func secrets() []secret {
	e := base64.RawURLEncoding.EncodeToString
	token := e([]byte(`{"alg":"HS256"}`)) + "." + e([]byte(`{"sub":"cnry07"}`)) + "." + e([]byte("signature-of-it"))
	basic := base64.StdEncoding.EncodeToString([]byte("user:cnry06pass"))
	repeat := strings.Repeat
	return []secret{
		{"password in a pair", "password=cnry01", "cnry01"}, {"password of a database", "DB_PASS=cnry02", "cnry02"},
		{"client secret", "client_secret=cnry03", "cnry03"},
		{"API key header", "X-Api-Key: cnry04", "cnry04"}, {"bearer header", "Authorization: Bearer cnry05x", "cnry05"},
		{"basic header", "Proxy-Authorization: Basic " + basic, basic},
		{"JWT", "got " + token + " from", token}, {"cookie", "Cookie: a=1; sessionid=cnry08", "cnry08"},
		{"set-cookie", "Set-Cookie: sid=cnry09; Path=/", "cnry09"},
		{"session id", "session_id=cnry10", "cnry10"}, {"AWS key id", "AKIA" + "CNRY11CNRY11CNRY", "CNRY11CNRY11CNRY"},
		{"AWS secret", "aws_secret_access_key = cnry12/abc+def", "cnry12"},
		{"signed URL", "https://h/?X-Amz-Signature=cnry13abcdef", "cnry13"},
		{"Azure SAS", "blob?sig=cnry14%2Fabc", "cnry14"},
		{"Azure account key", "AccountKey=cnry15AAAA/BBBB+CCCC==;EndpointSuffix=core", "cnry15"},
		{"Google key", "AIza" + repeat("cnry16", 6), "cnry16"}, {"private key", "key is -----BEGIN PRIVATE " +
			"KEY-----\\nMIICNRY17ABCDEFGHIJKLMNOP\\n-----END PRIVATE KEY-----", "MIICNRY17"},
		{"redis URL", "redis://:cnry18@redis:6379/0", "cnry18"},
		{"postgres URL", "postgresql+asyncpg://app:cnry19@db/x?ssl=1", "cnry19"},
		{"mongo URL", "mongodb://u:cnry20@h1:27017,h2:27017/", "cnry20"},
		{"amqp URL", "amqp://guest:cnry21@rabbit:5672/", "cnry21"},
		{"Go MySQL DSN", "app:cnry22@tcp(db:3306)/shop", "cnry22"},
		{"ADO connection string", `connection_string="Server=db;Pwd=cnry23;"`, "cnry23"},
		{"Sentry DSN", "SENTRY_DSN=https://cnry24@sentry.example/7", "cnry24"},
		{"token in a query", "GET /cb?token=cnry25&x=1 HTTP/1.1", "cnry25"},
		{"JSON body", `{"apiKey":"cnry26", "n": 1}`, "cnry26"},
		{"JSON in JSON", `{\"refresh_token\":\"cnry27\"}`, "cnry27"},
		{"XML element", "<password>cnry28</password>", "cnry28"}, {"long option", "run --password cnry29 --x", "cnry29"},
		{"redis-cli -a", "redis-cli -a cnry30 ping", "cnry30"},
		{"mysqladmin -p", "mysqladmin -u root -pcnry31 ping", "cnry31"},
		{"curl -u", "curl -u admin:cnry32 http://127.0.0.1/", "cnry32"},
		{"sshpass", "sshpass -p cnry33 ssh h", "cnry33"}, {"requirepass", "redis-server --requirepass cnry34", "cnry34"},
		{"GitHub token", "ghp_" + repeat("cnry35", 6), "cnry35"},
		{"GitLab token", "glpat-" + repeat("cnry36", 4), "cnry36"}, {"Slack token", "xoxb-" + "123456-cnry37", "cnry37"},
		{"Stripe key", "sk_live_" + repeat("cnry38", 4), "cnry38"},
		{"npm token", "npm_" + repeat("cnry39", 6), "cnry39"}, {"Vault token", "hvs." + repeat("cnry40", 5), "cnry40"},
		{"OpenAI key", "sk-" + repeat("cnry41", 6), "cnry41"},
		{"SQL", "IDENTIFIED WITH PASSWORD 'cnry42'", "cnry42"},
		{"passphrase", "passphrase = 'cnry43 cnry43'", "cnry43 cnry43"},
	}
}

// leaky is a container that has a secret everywhere: environment, arguments, labels,
// aliases, health-check command and output, the engine's error, events, the log, and
// the words of a source that could not be read.
func leaky(t *testing.T, s secret) *bundle.Bundle {
	t.Helper()
	b := deadContainer(t, "gateway", 139, true)
	start, end := now.Add(-10*time.Minute), now.Add(-5*time.Minute)
	probe := map[string]any{"Start": end.Add(-20 * time.Second).Format(time.RFC3339Nano),
		"End": end.Add(-19 * time.Second).Format(time.RFC3339Nano), "ExitCode": 1,
		"Output": "connection to redis:6379 failed: " + s.text}
	putJSON(t, b, bundle.FileInspect, map[string]any{
		"Id": testID, "Name": "/gateway", "Path": "sh", "Args": []string{"-c", s.text},
		"State": map[string]any{
			"Status": "exited", "ExitCode": 139, "OOMKilled": true, "Error": s.text,
			"StartedAt": start.Format(time.RFC3339Nano), "FinishedAt": end.Format(time.RFC3339Nano),
			"Health": map[string]any{"Status": "unhealthy", "FailingStreak": 3, "Log": []any{probe}},
		},
		"Config": map[string]any{
			"Image": "shop/gateway:1.4", "Env": []string{"PATH=/usr/bin", "SOMETHING=" + s.text}, "Hostname": "gateway",
			"Labels": map[string]string{"com.docker.compose.project": "shop", "com.docker.compose.service": "gateway",
				"com.example.note": s.text, "com.docker.compose.project.config_files": s.text},
			"Healthcheck": map[string]any{"Test": []string{"CMD-SHELL", s.text + " || exit 1"}, "Interval": 5e9,
				"Timeout": 2e9, "Retries": 3},
		},
		"HostConfig": map[string]any{"Memory": 64 << 20},
	})
	b.Put(bundle.FileKmsg, []byte("6,1,2,-;app: core of "+s.text+"\n"))
	var log strings.Builder
	for i, line := range []string{"Traceback (most recent call last):", `  File "/app/main.py", line 33, in up`,
		"redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. " + s.text, "ERROR app: " + s.text} {
		fmt.Fprintf(&log, "%s stderr F %s\n", end.Add(time.Duration(i-10)*time.Millisecond).Format(time.RFC3339Nano), line)
	}
	b.Put(bundle.FileLogs, []byte(log.String()))
	b.SetSource(bundle.Source{Name: fact.SourceLogs, Status: fact.StatusCollected, From: &start, To: &now,
		Files: []string{bundle.FileLogs}})
	b.SetSource(bundle.Source{Name: fact.SourceKernelLog, Status: fact.StatusDenied, Detail: "tried " + s.text,
		Command: "sudo " + s.text})
	return b
}

// TestNoSecretInAnyFormat plants forty kinds of secret and looks for them in every
// file of the artifact, in every form on standard output and in the bundle, unpacked.
func TestNoSecretInAnyFormat(t *testing.T) {
	list := secrets()
	if len(list) < 40 {
		t.Fatalf("only %d kinds", len(list))
	}
	root := t.TempDir()
	for i, s := range list {
		path := filepath.Join(root, fmt.Sprint(i))
		must(t, leaky(t, s).WriteDir(path)) // as somebody recorded it: nothing is masked
		dir := filepath.Join(root, fmt.Sprint("artifact", i))
		w := shop(t)
		w.vars = map[string]string{"GITLAB_CI": "true"}
		if code := w.gwdoctor("diagnose", "--bundle", path, "--output-dir", dir, "-v"); code != exitOK {
			t.Fatalf("%s: exit code %d: %s", s.kind, code, w.err.String())
		}
		outputs := map[string]string{"text": w.out.String(), "standard error": w.err.String()}
		for _, name := range folder(t, dir) {
			outputs[name] = readFile(t, filepath.Join(dir, name))
		}
		for _, format := range report.FormatNames() {
			w.gwdoctor("diagnose", "--bundle", path, "--format", format)
			outputs["--format "+format] = w.out.String()
		}
		addBundle(t, outputs, filepath.Join(dir, "bundles", "gateway.tar.gz"))
		searchSecret(t, s.kind, s.hide, outputs)
		for _, name := range []string{"text", "report.html", "report.md", "report.json"} {
			if !strings.Contains(strings.ToLower(outputs[name]), "masked") {
				t.Errorf("%s: %s does not say that something is masked", s.kind, name)
			}
		}
	}
}

// TestReportJSONOfOthersIsRedacted: a report.json that holds a secret, because
// somebody made it with --no-redact, is rendered without it.
func TestReportJSONOfOthersIsRedacted(t *testing.T) {
	for i, s := range secrets() {
		path := filepath.Join(t.TempDir(), fmt.Sprint(i))
		must(t, leaky(t, s).WriteDir(path))
		w := shop(t)
		w.gwdoctor("diagnose", "--bundle", path, "--format", "json", "--no-redact")
		w.stdin = bytes.Clone(w.out.Bytes())
		if !bytes.Contains(w.stdin, []byte("cnry")) && !bytes.Contains(w.stdin, []byte("CNRY")) &&
			s.kind != "basic header" && s.kind != "JWT" {
			t.Errorf("%s: --no-redact masked it", s.kind)
		}
		for _, format := range report.FormatNames() {
			w.gwdoctor("report", "-", "--format", format)
			if out := w.out.String(); strings.Contains(out, s.hide) || len(out) < 100 {
				at := strings.Index(out, s.hide)
				t.Errorf("%s survives in %s of a foreign report.json: %q", s.kind, format,
					out[max(0, at-60):min(len(out), max(at, 0)+40)])
			}
		}
	}
}

// addBundle puts the files of a bundle among what was written.
func addBundle(t *testing.T, outputs map[string]string, file string) {
	t.Helper()
	b, err := bundle.Open(file)
	must(t, err)
	for _, name := range b.Names() {
		data, _ := b.File(name)
		outputs["bundle:"+name] = string(data)
	}
}

// searchSecret fails where a secret, plain or as JSON quotes it, stands in what was written.
func searchSecret(t *testing.T, kind, secret string, outputs map[string]string) {
	t.Helper()
	quoted, _ := json.Marshal(secret)
	for name, text := range outputs {
		if at := max(strings.Index(text, secret), strings.Index(text, string(bytes.Trim(quoted, `"`)))); at >= 0 {
			t.Errorf("%s survives in %s: %q", kind, name, text[max(0, at-60):min(len(text), at+40)])
		}
	}
}
