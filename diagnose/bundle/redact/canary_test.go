package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// canary is a text with a secret in it; hide is what must be gone.
type canary struct{ text, hide string }

// jwt is built here, so that no scanner takes this file for a leak.
func jwt(payload string) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(`{"alg":"HS256"}`)) + "." + e([]byte(`{"sub":"`+payload+`"}`)) + "." + e([]byte("signature-of-it"))
}

func canaries() []canary {
	token := jwt("cnry40")
	basic := base64.StdEncoding.EncodeToString([]byte("user:cnry41"))
	hex := "9f86d081884c7d659a2feaa0c55ad015"
	pem := "-----BEGIN PRIVATE KEY-----\\nMIICNRY42ABCDEFGHIJKLMNOP\\n-----END PRIVATE KEY-----"
	return []canary{
		{"password=cnry01", "cnry01"}, {"passwd: cnry02", "cnry02"}, {"DB_PASS=cnry03", "cnry03"},
		{"MYSQL_PWD=cnry04", "cnry04"},
		{"client_secret=cnry05", "cnry05"}, {"X-Api-Key: cnry06", "cnry06"}, {`{"apiKey":"cnry07"}`, "cnry07"},
		{`{"access_key": "cnry08", "n": 1}`, "cnry08"},
		{"private_key='cnry09'", "cnry09"}, {"aws_secret_access_key = cnry10/abc+def", "cnry10"},
		{"credential=cnry11", "cnry11"},
		{"Authorization: Bearer cnry12x", "cnry12"}, {"Proxy-Authorization: Basic " + basic, basic},
		{"authorization: ApiKey cnry13", "cnry13"},
		{"Cookie: a=1; sessionid=cnry14", "cnry14"}, {"Set-Cookie: sid=cnry15; Path=/", "cnry15"},
		{"session_id=cnry16", "cnry16"}, {"JSESSIONID=cnry17", "cnry17"},
		{"SENTRY_DSN=https://cnry18@sentry.example/7", "cnry18"}, {"connection_string=\"Server=db;Pwd=cnry19;\"", "cnry19"},
		{"redis://:cnry20@redis:6379/0", "cnry20"}, {"postgresql+asyncpg://app:cnry21@db/x?ssl=1", "cnry21"},
		{"mongodb://u:cnry22@h1:27017,h2:27017/", "cnry22"},
		{"GET /cb?token=cnry23&x=1 HTTP/1.1", "cnry23"}, {"https://h/?X-Amz-Signature=cnry24abcdef", "cnry24"},
		{"https://maps/?key=cnry25abcdef", "cnry25"}, {"blob?sig=cnry26%2Fabc", "cnry26"},
		{"run --password cnry27 --x", "cnry27"}, {"run --token=cnry28", "cnry28"}, {"redis-cli -a cnry29 ping", "cnry29"},
		{"mysqladmin -u root -pcnry30 ping", "cnry30"},
		{"curl -u admin:cnry31 http://127.0.0.1/", "cnry31"}, {"sshpass -p cnry32 ssh h", "cnry32"},
		{"Password=cnry33;Database=x", "cnry33"},
		{"AccountKey=cnry34AAAA/BBBB+CCCC==;EndpointSuffix=core", "cnry34"}, {"SharedAccessKey=cnry35AAAA=", "cnry35"},
		{"IDENTIFIED WITH PASSWORD 'cnry36'", "cnry36"},
		{"app:cnry37@tcp(db:3306)/shop", "cnry37"}, {"{\\\"refresh_token\\\":\\\"cnry38\\\"}", "cnry38"},
		{"<password>cnry39</password>", "cnry39"},
		{"got " + token + " from", token}, {"Bearer " + hex, hex}, {"key is " + pem, "MIICNRY42"},
		{"AKIA" + "CNRY43CNRY43CNRY", "CNRY43CNRY43CNRY"}, {"ASIA" + "CNRY44CNRY44CNRY", "CNRY44CNRY44CNRY"},
		{"ghp_" + strings.Repeat("cnry45", 6), "cnry45"}, {"github_pat_" + strings.Repeat("cnry46_", 6), "cnry46"},
		{"gho_" + strings.Repeat("cnry47", 6), "cnry47"},
		{"xoxb-" + "123456-cnry48", "cnry48"}, {"AIza" + strings.Repeat("cnry49", 6), "cnry49"},
		{"sk_live_" + strings.Repeat("cnry50", 4), "cnry50"},
		{"npm_" + strings.Repeat("cnry51", 6), "cnry51"}, {"glpat-" + strings.Repeat("cnry52", 4), "cnry52"},
		{"sk-" + strings.Repeat("cnry53", 6), "cnry53"},
		{"hvs." + strings.Repeat("cnry54", 5), "cnry54"}, {"token = cnry5512abcd", "cnry55"},
		{"csrf_token: cnry5634abcd", "cnry56"}, {"auth=cnry5778abcd", "cnry57"},
		{"redis-server --requirepass cnry58", "cnry58"}, {"passphrase = 'cnry59 cnry59'", "cnry59 cnry59"},
		{"api_key=>\"cnry60\"", "cnry60"},
		{"Cookie=[cnry61=1; b=2]", "cnry61"}, {"jwt: " + token, token}, {"smtp_pass := \"cnry62\"", "cnry62"},
	}
}

// archived writes a bundle as an archive.
func archived(t *testing.T, b *bundle.Bundle) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := b.WriteTarGz(&w); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

// plant puts one text wherever a collector might find it.
func plant(t *testing.T, text string) *bundle.Bundle {
	t.Helper()
	b := testBundle()
	inspect := map[string]any{
		"Path": "sh", "Args": []string{"-c", text},
		"State": map[string]any{"Error": text, "Health": map[string]any{"Log": []any{map[string]any{"ExitCode": 1,
			"Output": "probe: " + text + "\n"}}}},
		"Config": map[string]any{
			"Env": []string{"PATH=/usr/bin", "SOMETHING=" + text}, "Labels": map[string]string{"com.example.note": text},
			"Healthcheck": map[string]any{"Test": []string{"CMD-SHELL", text + " || exit 1"}},
		},
	}
	event := map[string]any{"Action": "exec_create: sh -c " + text,
		"Actor": map[string]any{"Attributes": map[string]string{"note": text, "exitCode": "137"}}}
	for _, name := range []string{bundle.FileInspect, bundle.FileImage, bundle.FileNeighbours, bundle.FileInfo} {
		data, err := json.Marshal(inspect)
		b.Put(name, data)
		if err != nil {
			t.Fatal(err)
		}
	}
	line, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	b.Put(bundle.FileEvents, append(append(line, '\n'), line...))
	b.Put(bundle.FileJournal, append(line, '\n'))
	b.Put(bundle.FileNeighbourEvents, append(line, '\n'))
	cores, err := json.Marshal(map[string]any{"cores": []any{map[string]any{"path": "/c", "args": text, "program": "sh"}}})
	if err != nil {
		t.Fatal(err)
	}
	b.Put(bundle.FileCores, cores)
	b.Put(bundle.FileKmsg, []byte("6,1,2,-;app: "+text+"\n"))
	b.Put(bundle.DirCgroup+"note", []byte(text))
	b.Put("live/strange.json", []byte(`{"cut":"`+strings.ReplaceAll(text, `"`, `\"`)))
	const stamp = "2026-11-23T19:14:00.123456789Z stderr "
	var log strings.Builder
	for _, part := range strings.Split(text, "\n") {
		half := len(part) / 2
		fmt.Fprintf(&log, "%sF ERROR app: %s\n%sP cut: %s\n%sF %s\n", stamp, part, stamp, part[:half], stamp, part[half:])
	}
	b.Put(bundle.FileLogs, []byte(log.String()))
	b.SetSource(bundle.Source{Name: fact.SourceLogs, Status: fact.StatusFailed, Detail: "got " + text})
	return b
}

func TestNoCanarySurvives(t *testing.T) {
	list := canaries()
	if len(list) < 60 {
		t.Fatalf("only %d canaries", len(list))
	}
	for _, c := range list {
		b := plant(t, c.text)
		Bundle(b)
		again, err := bundle.Read(bytes.NewReader(archived(t, b)))
		if err != nil {
			t.Fatalf("%q: %v", c.text, err)
		}
		searchCanary(t, again, c)
		first := archived(t, b)
		Bundle(b)
		if !bytes.Equal(first, archived(t, b)) {
			t.Errorf("%q: a second redaction changed the bundle", c.text)
		}
	}
}

func searchCanary(t *testing.T, b *bundle.Bundle, c canary) {
	t.Helper()
	for _, name := range b.Names() {
		data, _ := b.File(name)
		if bytes.Contains(data, []byte(c.hide)) {
			t.Errorf("%q survives in %s: %s", c.text, name, around(data, c.hide))
		}
		if filepath.Ext(name) == ".json" && name != "live/strange.json" && !json.Valid(data) {
			t.Errorf("%q: %s is no longer JSON", c.text, name)
		}
	}
	for _, s := range b.Manifest().Sources {
		if strings.Contains(s.Detail, c.hide) {
			t.Errorf("%q survives in the manifest: %s", c.text, s.Detail)
		}
	}
}

func around(data []byte, hide string) string {
	i := bytes.Index(data, []byte(hide))
	return string(data[max(0, i-60):min(len(data), i+len(hide)+20)])
}

// TestRealRecordsSurvive proves on recorded kernel logs and engine bodies, none of
// which holds a secret, that redaction changes nothing.
func TestRealRecordsSurvive(t *testing.T) {
	files, err := filepath.Glob("testdata/[kr]*/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d records: %v", len(files), err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := bundle.FileKmsg
		if filepath.Ext(path) == ".json" {
			name = bundle.FileInspect
		}
		b := testBundle()
		b.Put(name, bytes.Clone(data))
		Bundle(b)
		if got, _ := b.File(name); !bytes.Equal(got, data) {
			t.Errorf("redaction changed %s: %s", path, around(got, look.Mask))
		}
	}
}
