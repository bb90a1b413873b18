package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var testTime = time.Date(2026, 11, 23, 19, 14, 0, 123456789, time.UTC)

func testBundle() *bundle.Bundle {
	return bundle.New("test", bundle.Target{ID: strings.Repeat("0123456789abcdef", 4), Name: "gateway"}, testTime)
}

// redactedText returns a text after redaction in a plain file.
func redactedText(t *testing.T, text string) string {
	t.Helper()
	b := testBundle()
	b.Put("other/notes.txt", []byte(text))
	Bundle(b)
	data, _ := b.File("other/notes.txt")
	return string(data)
}

func TestRedactText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"password=hunter2", "password=<masked>"},
		{"password=hunter2,host=db,ssl=true", "password=<masked>,host=db,ssl=true"},
		{"password=a,b;c!d host=db", "password=<masked> host=db"},
		{"connect(host='db', password='hun ter2', port=1)", "connect(host='db', password='<masked>', port=1)"},
		{`{"user":"app","password":"a\"b","port":1}`, `{"user":"app","password":"<masked>","port":1}`},
		{`body={\"password\":\"hunter2\",\"n\":1}`, `body={\"password\":\"<masked>\",\"n\":1}`},
		{"{'api_key': b'k1', 'x': 2}", "{'api_key': b'<masked>', 'x': 2}"},
		{"password: hunter2", "password: <masked>"},
		{"DB_PASSWORD=SecretStr('abc')", "DB_PASSWORD=SecretStr('<masked>')"},
		{"map[Authorization:[Bearer abc.def] Cookie:[a=b; c=d] Host:[x]]",
			"map[Authorization:[Bearer <masked>] Cookie:[<masked>] Host:[x]]"},
		{"curl -H 'Authorization: Bearer s3cret' http://h/", "curl -H 'Authorization: Bearer <masked>' http://h/"},
		{"Authorization: Digest username=\"u\", response=\"6629\"", "Authorization: Digest <masked>"},
		{"Cookie: session=abc; theme=dark", "Cookie: <masked>"},
		{"Set-Cookie: sid=abc; Path=/; HttpOnly", "Set-Cookie: <masked>"},
		{"redis://:hunter2@db:6379/0", "redis://<masked>@db:6379/0"},
		{"amqp://guest:p@ssword@mq:5672//", "amqp://<masked>@mq:5672//"},
		{"amqp://guest:pa/ss@mq:5672//", "amqp://<masked>@mq:5672//"},
		{`postgres:\/\/app:pw@db\/x`, `postgres:\/\/<masked>@db\/x`},
		{"https://0123456789abcdef@sentry.example/1", "https://<masked>@sentry.example/1"},
		{"GET /x?token=abc123&user=me&api_key=zzz HTTP/1.1", "GET /x?token=<masked>&user=me&api_key=<masked> HTTP/1.1"},
		{`url?a=1\u0026token=abc123\u0026b=2`, `url?a=1\u0026token=<masked>\u0026b=2`},
		{"app:s3cret@tcp(db:3306)/shop", "<masked>@tcp(db:3306)/shop"},
		{"Server=db;User Id=sa;Password=x1;Encrypt=yes", "Server=db;User Id=sa;Password=<masked>;Encrypt=yes"},
		{"AccountName=a;AccountKey=QUJDRA==;EndpointSuffix=core", "AccountName=a;AccountKey=<masked>;EndpointSuffix=core"},
		{"tool --password hunter2 --port 80", "tool --password <masked> --port 80"},
		{"tool --api-key=k-1 run", "tool --api-key=<masked> run"},
		{"redis-cli -h db -a hunter2 ping", "redis-cli -h db -a <masked> ping"},
		{"mysqladmin ping -uroot -phunter2 && true", "mysqladmin ping -uroot -p<masked> && true"},
		{"curl -fsS -u admin:hunter2 http://x/", "curl -fsS -u admin:<masked> http://x/"},
		{"ALTER USER app WITH PASSWORD 'hunter2';", "ALTER USER app WITH PASSWORD '<masked>';"},
		{"<password>hunter2</password>", "<password><masked></password>"},
		{"{:password=>\"hunter2\"}", "{:password=>\"<masked>\"}"},
		{"token: 9f8e7d6c5b4a3210", "token: <masked>"},
		{"Bearer 9f8e7d6c5b4a3210", "Bearer <masked>"},
		{"sent Basic dXNlcjpwYXNz to proxy", "sent Basic <masked> to proxy"},
		{"  File \"/s/app.py\", line 3, in up\n    connect(password=\"hunter2\")",
			"  File \"/s/app.py\", line 3, in up\n    connect(password=\"<masked>\")"},
	} {
		if got := redactedText(t, c.in); got != c.want {
			t.Errorf("redacted %q\n got  %q\n want %q", c.in, got, c.want)
		}
	}
}

// harmless texts must come through word for word: they are what a diagnosis reads.
var harmless = []string{
	`FATAL:  password authentication failed for user "app"`,
	`Access denied for user 'root'@'172.17.0.1' (using password: YES)`,
	"NOAUTH Authentication required.",
	"WRONGPASS invalid username-password pair or user is disabled.",
	"redis.exceptions.AuthenticationError: Client sent AUTH, but no password is set",
	"botocore.exceptions.NoCredentialsError: Unable to locate credentials",
	"asyncpg.exceptions.InvalidPasswordError: password authentication failed",
	"jwt.exceptions.InvalidTokenError: Not enough segments",
	"KeyError: 'DB_PASSWORD'",
	"missing secret: DB_PASSWORD",
	"Unclosed client session\nclient_session: <aiohttp.client.ClientSession object at 0x7f5720a1b2c0>",
	"redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
	"postgres://app@127.0.0.1:43829/postgres",
	"http://host:8080/@scope/pkg and http://127.0.0.1:8000/health",
	`OCI runtime exec failed: exec: "/etc/passwd": permission denied: unknown`,
	`MountVolume.SetUp failed for volume "x" : secret "db-creds" not found`,
	"  File \"/x.py\", line 936, in _send\n    return self.send(request, auth=auth, password=self.password, " +
		"token=get_token())",
	"    conn = _connect(dsn, connection_factory=connection_factory, **kwasync)",
	"mysqladmin ping -p$MYSQL_ROOT_PASSWORD",
	"redis-cli -a ${REDIS_PASSWORD} -p 6379 ping",
	"token expired", "token: expired", "auth: failed", "session: closed", "password is wrong", "Enter password: ",
	"prompt_tokens=512 completion_tokens=20 total_tokens=532 max_tokens=4096 tokens: 512",
	"session_timeout=30 auth_backend=ldap token_type=bearer password_policy=strict",
	"container 89400c4fdf393a6878b11c8122ab1658519c532213d57901b02fec05e62b27eb died exitCode=137",
	"sha256:411e30275cdfd193284ce7f730db6b9af5781d47af704145ca281612327c5a31",
	"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=abc,mems_allowed=0,oom_memcg=/docker/a6f3," +
		"task_memcg=/docker/a6f3,task=python3,pid=128,uid=0",
	"helper[134]: segfault at 18 ip 0000000000401853 sp 00007ffea26aefa0 error 6 in helper[401000+8e000]",
	"Memory cgroup out of memory: Killed process 128 (helper) total-vm:1024kB, anon-rss:10kB, file-rss:0kB, " +
		"shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0",
	"Loaded X.509 cert 'Build time autogenerated kernel key: 2b0e1f3a4c5d6e7f8091a2b3c4d5e6f708192a3b'",
	"audit: type=1400 ses=4294967295 subj=unconfined tsid=5 ssid=3",
	"uvicorn.error: passing 3 tests, 2 passed; bypass=true; author=Ann; keyboard: us; compass: north42",
	"[2026-11-23 09:06:15 +0000] [24400] [CRITICAL] WORKER TIMEOUT (pid:24401)",
	"PWD=/srv/app OLDPWD=/ cwd=/app",
	"Basic authentication required; Bearer token missing; basic health check",
	"password=None token=null secret=*** api_key=${API_KEY} passwd=%s",
	"-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----",
	"sk-learn-compatible-estimator-interface and npm_config_loglevel=warn",
}

func TestRedactKeepsHarmlessText(t *testing.T) {
	for _, text := range harmless {
		if got := redactedText(t, text); got != text {
			t.Errorf("redaction hid harmless text\n got  %q\n want %q", got, text)
		}
	}
}

func TestRedactCountsAndIsIdempotent(t *testing.T) {
	b := testBundle()
	b.Put("a.txt", []byte("password=x1 token=y2\nredis://u:p@h/\n"))
	b.Put(bundle.FileInspect, []byte(`{"Config":{"Env":["PATH=/bin","FOO=bar","EMPTY="]}}`))
	b.SetSource(bundle.Source{Name: fact.SourceEngine, Status: fact.StatusFailed, Detail: "dial tcp://u:pw@h: refused"})
	Bundle(b)
	want := []bundle.Mask{
		{File: "a.txt", Kind: KindKeyValue, Count: 2}, {File: "a.txt", Kind: KindURL, Count: 1},
		{File: bundle.FileInspect, Kind: KindEnvironment, Count: 1}, {File: bundle.FileManifest, Kind: KindURL, Count: 1},
	}
	if diff := cmp.Diff(want, b.Manifest().Masked); diff != "" {
		t.Errorf("masked (-want +got):\n%s", diff)
	}
	if !b.Manifest().Redacted {
		t.Error("bundle is not marked as redacted")
	}
	first := archived(t, b)
	Bundle(b)
	if !bytes.Equal(first, archived(t, b)) {
		t.Error("a second redaction changed the bundle")
	}
}

func TestRedactJSONKeepsForm(t *testing.T) {
	const in = `{ "z":1.50, "Env" : ["LANG=C","SECRET=x\u0041","UVICORN_PORT=80","GUNICORN_X=http://u:p@h"],
  "a":[1e3, 12345678901234567890], "password": 42, "pin":"\ud83d\ude00", "Labels":{"io.db-password":"p\"q","tier":"web"},
  "Path":"/usr/bin/redis-cli", "Args":["-h","db","-a","pw1","ping"], "credentials":{"user":"me","n":7}, "OOMKilled":true }`
	const want = `{ "z":1.50, "Env" : ["LANG=C","SECRET=<masked>","UVICORN_PORT=80","GUNICORN_X=<masked>"],
  "a":[1e3, 12345678901234567890], "password": "<masked>", "pin":"\ud83d\ude00", "Labels":{"io.db-password":"<masked>","tier":"web"},
  "Path":"/usr/bin/redis-cli", "Args":["-h","db","-a","<masked>","ping"], "credentials":{"user":"<masked>","n":"<masked>"}, "OOMKilled":true }`
	b := testBundle()
	b.Put(bundle.FileInspect, []byte(in))
	Bundle(b)
	got, _ := b.File(bundle.FileInspect)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("masked JSON (-want +got):\n%s", diff)
	}
	if !json.Valid(got) {
		t.Error("masked JSON is not valid")
	}
}

// TestHarmlessVariables: their values stay, unless one holds a credential; then all of
// it goes.
func TestHarmlessVariables(t *testing.T) {
	for _, keep := range []string{"PATH=/usr/local/bin:/usr/bin", "LANG=C.UTF-8",
		"PYTHON_SHA256=411e30275cdfd193284ce7f730db6b9af5781d47af704145ca281612327c5a31",
		"GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D", "JAVA_OPTS=-Xmx512m -XX:+UseG1GC",
		"NODE_OPTIONS=--max-old-space-size=4096", "PORT=8000", "HOSTNAME=a6f31c0e9d4b",
		"GUNICORN_CMD_ARGS=--workers 4 --timeout 30", "UVICORN_PORT=80", "PYTHONPATH=/srv/app", "WEB_CONCURRENCY=4"} {
		if got := redactedEnv(t, keep); got != keep {
			t.Errorf("%q became %q", keep, got)
		}
	}
	for _, hide := range []string{"JAVA_OPTS=-Xmx1g -Djavax.net.ssl.keyStorePassword=cnry1",
		"NODE_OPTIONS=--api-key=cnry2", "HOST=app:cnry3@db", "HOSTNAME=https://u:cnry4@h",
		"PORT=tcp://172.17.0.2:80", "GUNICORN_CMD_ARGS=--keyfile-password cnry5", "PATH=/bin:/x?token=cnry6abc",
		"USER=cnry9f86d081884c7d659a2feaa0", "ENVIRONMENT={\"password\":\"cnry7\"}",
		"UVICORN_SSL_KEYFILE_PASSWORD=cnry8", "APP_ENV=ghp_" + strings.Repeat("cnry9a", 6),
		"JAVA_TOOL_OPTIONS=-Ddb.url=jdbc:mysql://h/d?user=u&password=cnryA"} {
		name, _, _ := strings.Cut(hide, "=")
		if got := redactedEnv(t, hide); got != name+"=<masked>" {
			t.Errorf("%q became %q", hide, got)
		}
	}
}

func redactedEnv(t *testing.T, variable string) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{"Config": map[string]any{"Env": []string{variable}}})
	if err != nil {
		t.Fatal(err)
	}
	var body struct{ Config struct{ Env []string } }
	if err := json.Unmarshal(New().JSON(data), &body); err != nil {
		t.Fatal(err)
	}
	return body.Config.Env[0]
}

func TestRedactBrokenJSONAsText(t *testing.T) {
	b := testBundle()
	b.Put(bundle.FileInspect, []byte(`{"Config":{"password":"hunter2","cut`))
	Bundle(b)
	got, _ := b.File(bundle.FileInspect)
	if want := `{"Config":{"password":"<masked>","cut`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRedactCRI(t *testing.T) {
	const stamp = "2026-11-23T19:14:00.123456789Z "
	in := strings.Join([]string{
		stamp + "stdout F starting",
		stamp + "stdout P connecting with passw",
		stamp + "stderr F other stream token=zzz999",
		stamp + "stdout P ord=hunter2-first-",
		stamp + "stdout F second user=app",
		stamp + "stderr F -----BEGIN RSA PRIVATE KEY-----",
		stamp + "stderr F MIIEpAIBAAKCAQEAtest1234",
		stamp + "stderr F abcd==",
		stamp + "stderr F -----END RSA PRIVATE KEY-----",
		stamp + "stderr F after",
		stamp + "stderr P no end api_key=k1",
	}, "\n") + "\n"
	want := strings.Join([]string{
		stamp + "stdout F starting",
		stamp + "stdout P connecting with passw",
		stamp + "stderr F other stream token=<masked>",
		stamp + "stdout P ord=<masked>",
		stamp + "stdout F  user=app",
		stamp + "stderr F <masked>",
		stamp + "stderr F <masked>",
		stamp + "stderr F <masked>",
		stamp + "stderr F <masked>",
		stamp + "stderr F after",
		stamp + "stderr P no end api_key=<masked>",
	}, "\n") + "\n"
	b := testBundle()
	b.Put(bundle.FileLogs, []byte(in))
	Bundle(b)
	got, _ := b.File(bundle.FileLogs)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("masked log (-want +got):\n%s", diff)
	}
	masks := []bundle.Mask{{File: bundle.FileLogs, Kind: KindKeyValue, Count: 3},
		{File: bundle.FileLogs, Kind: KindPrivateKey, Count: 1}}
	if diff := cmp.Diff(masks, b.Manifest().Masked); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestRedactRepeatedSecret(t *testing.T) {
	b := testBundle()
	b.Put(bundle.FileInspect, []byte(`{"Config":{"Env":["DB_PASSWORD=tr0ub4dor&3x","POSTGRES_PASSWORD=postgres"]}}`))
	b.Put(bundle.FileLogs, []byte("2026-11-23T19:14:00Z stdout F login postgres with tr0ub4dor&3x failed\n"))
	Bundle(b)
	got, _ := b.File(bundle.FileLogs)
	if want := "2026-11-23T19:14:00Z stdout F login postgres with <masked> failed\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// ordinaryLog returns n bytes of the lines that a healthy gateway writes.
func ordinaryLog(n int) []byte {
	var w bytes.Buffer
	for i := 0; w.Len() < n; i++ {
		at := testTime.Add(time.Duration(i) * 37 * time.Millisecond).Format(time.RFC3339Nano)
		switch i % 8 {
		case 0:
			fmt.Fprintf(&w, "%s stderr F 2026-11-23 19:14:00,%03d INFO app.pool acquired connection %d of 20 in %d.%d ms\n",
				at, i%1000, i%20, i%7, i%10)
		case 1:
			fmt.Fprintf(&w, "%s stdout F {\"level\":\"info\",\"logger\":\"app.cache\",\"msg\":\"refreshed 12 "+
				"entries\",\"request_id\":\"%08x\",\"took_ms\":%d}\n", at, i*2654435761, i%50)
		case 2:
			fmt.Fprintf(&w, "%s stderr F   File \"/usr/lib/python3.11/asyncio/base_events.py\", line %d, in "+
				"run_until_complete\n", at, i%900)
		default:
			fmt.Fprintf(&w, "%s stdout F INFO:     172.17.0.%d:%d - \"GET /api/v1/items/%d?page=%d HTTP/1.1\" 200 OK\n", at,
				i%250, 30000+i%9999, i, i%9)
		}
	}
	return w.Bytes()[:n]
}

func BenchmarkRedact16MiBOrdinaryLog(b *testing.B) { benchmarkRedact(b, ordinaryLog(16<<20)) }

func BenchmarkRedact16MiBSecretEvery20Lines(b *testing.B) {
	lines := bytes.SplitAfter(ordinaryLog(16<<20), []byte("\n"))
	for i := range lines {
		if i%20 == 0 {
			lines[i] = append(bytes.TrimSuffix(bytes.Clone(lines[i]), []byte("\n")), " auth/session password=hunter2\n"...)
		}
	}
	benchmarkRedact(b, bytes.Join(lines, nil))
}

func benchmarkRedact(b *testing.B, log []byte) {
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		x := testBundle()
		x.Put(bundle.FileLogs, log)
		Bundle(x)
	}
}

// FuzzRedact: no text makes the masker panic, grows by more than a mask for each of its
// bytes, loses a line of a log or a document's form, or changes when it is masked again.
func FuzzRedact(f *testing.F) {
	for _, s := range readShapes(f) {
		f.Add([]byte(s.text))
	}
	for _, text := range harmless {
		f.Add([]byte(text))
	}
	f.Add([]byte("2026-11-23T19:14:00.1Z stdout P token=\n2026-11-23T19:14:00.1Z stdout F abc123 x\n"))
	f.Add([]byte(`{"Env":["A=b"],"password":[1,{"x":"y"}],"s":"\ud83d\u0041"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"a.txt", "a.json", "a.jsonl", bundle.FileLogs} {
			checkMasking(t, name, data)
		}
	})
}

func checkMasking(t *testing.T, name string, data []byte) {
	m := newMasker(nil)
	first := m.stableFile(name, bytes.Clone(data))
	counts := len(mergeMasks(nil, m.counts))
	if len(first) > len(data)*(len(look.Mask)+1) {
		t.Errorf("%s: %d bytes became %d", name, len(data), len(first))
	}
	if name == "a.json" && json.Valid(data) && !json.Valid(first) {
		t.Errorf("%q became %q, which is no JSON", data, first)
	}
	if bytes.Count(first, []byte("\n")) != bytes.Count(data, []byte("\n")) && name == bundle.FileLogs {
		t.Errorf("%q lost or won a line: %q", data, first)
	}
	if again := m.stableFile(name, bytes.Clone(first)); !bytes.Equal(first, again) {
		t.Errorf("%s: %q\n first %q\n again %q", name, data, first, again)
	}
	if len(mergeMasks(nil, m.counts)) != counts {
		t.Errorf("%s: %q: a second redaction counted", name, data)
	}
}

// TestRedactMessageBelowFrame: without its source line, a frame is followed by the
// exception's message, which is no program text.
func TestRedactMessageBelowFrame(t *testing.T) {
	const stamp = "2026-11-23T19:54:59.991Z stderr F "
	for _, prefix := range []string{"", stamp} {
		log := prefix + "  File \"/app/main.py\", line 33, in up\n" + prefix +
			"ConnectionError: connecting failed. client_secret=cnry03\n"
		source := prefix + "  File \"/app/main.py\", line 33, in up\n" + prefix +
			"    connect(client_secret=settings.client_secret)\n"
		b := testBundle()
		b.Put(bundle.FileLogs, []byte(log+source))
		Bundle(b)
		got, _ := b.File(bundle.FileLogs)
		if strings.Contains(string(got), "cnry03") || !strings.Contains(string(got), "settings.client_secret") {
			t.Errorf("masked as %s", got)
		}
	}
}
