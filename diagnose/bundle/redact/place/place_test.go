package place

import (
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// masked goes over a text with the given literals alone and returns what they hide.
func masked(text string, list []page.Literal) []string {
	var hidden []string
	p := &page.Page{Reader: glyph.New([]byte(text), new(int)), Class: keyname.Of}
	p.Mask = func(start, end int, kind string) {
		if start < end && kind != "" {
			hidden = append(hidden, text[start:end])
		}
	}
	for i := 0; i < len(text); {
		next := i + 1
		for _, l := range list {
			if !ascii.HasFold([]byte(text[i:]), l.Text) {
				continue
			}
			p.SetLine(i)
			if n := l.Rule(p, i, len(l.Text)); n > i {
				next = n
				break
			}
		}
		i = next
	}
	slices.Sort(hidden)
	return slices.Compact(hidden)
}

// TestPlaces: each rule where it speaks, and beside it a line with the same words that it must leave alone.
func TestPlaces(t *testing.T) {
	all := slices.Concat(Commands(), Calls(), Protocols())
	for _, tt := range []struct{ text, hidden string }{
		{"AUTH hunter22", "hunter22"},
		{"Client sent AUTH, but no password is set", ""},
		{`"CONFIG" "SET" "requirepass" "hunter22"`, "hunter22"},
		{`"CONFIG" "SET" "maxmemory" "100mb"`, ""},
		{"ACL SETUSER bob on >hunter22 ~* +@all", "hunter22"},
		{"user bob logged on from here", ""},
		{"PASS hunter22", "hunter22"},
		{"PASS tests/test_login.py", ""},
		{"a1 LOGIN bob hunter22", "hunter22"},
		{"the LOGIN page of bob was shown", ""},
		{"[smtp.example.org]:587 bob:hunter22", "hunter22"},
		{"listening on [::]:587 now", ""},
		{"mysql -uroot -phunter22 shop", "hunter22"},
		{"mysql -uroot -P 3306 shop", ""},
		{"redis-cli -a hunter22 ping", "hunter22"},
		{"redis-cli -h redis ping", ""},
		{"tool -u bob -p hunter22", "hunter22"},
		{"tool -u bob -p 8080", ""},
		{"echo hunter22 | sudo -S id", "hunter22"},
		{"echo done | tee -a log", ""},
		{"mysqli_connect('db', 'root', 'hunter22')", "hunter22"},
		{"connect('db', port, timeout)", ""},
		{"createhmac('sha256', 'hunter22')", "hunter22"},
		{"LOG:  execute a: UPDATE u SET password = $1\nDETAIL:  parameters: $1 = 'hunter22'", "hunter22"},
		{"LOG:  execute a: UPDATE u SET name = $1\nDETAIL:  parameters: $1 = 'hunter22'", ""},
		{"rocommunity hunter22 10.0.0.0/8", "hunter22"},
		{"rocommunity is not set", ""},
		{"kubectl create secret generic s --from-literal=a=hunter22", "hunter22"},
		{"kubectl create configmap c --from-literal=a=hunter22", ""},
		{"az keyvault secret set --name a --value hunter22", "hunter22"},
		{"metric --value 22", ""},
		{"stats auth admin:hunter22", "hunter22"},
		{"java -jar cli.jar -auth bob:hunter22 who-am-i", "hunter22"},
		{"Default login: admin:hunter22", "hunter22"},
		{"login attempt for bob:hunter22 denied", "hunter22"},
		{"steamcmd +login bob hunter22 +quit", "hunter22"},
		{"EXEC sp_addlogin 'bob', 'hunter22'", "hunter22"},
		{"auth error: invalid state", ""},
		{"auth service:started on 0.0.0.0:8080", ""},
		{"login failed for user: timeout", ""},
		{"authentication status:rejected", ""},
		{"login host:9000 refused", ""},
		{"the login page, then the cart", ""},
		{"tacacs-server host 10.0.0.1 key 7 hunter22", "hunter22"},
		{"tacacs-server host 10.0.0.1 timeout 5", ""},
		{`createUser bob SHA "hunter22" AES "hunter23"`, "hunter22 hunter23"},
		{`net use Z: \\srv\share hunter22 /user:bob`, "hunter22"},
		{`net use Z: \\srv\share /user:bob`, ""},
		{"net user bob hunter22 /add", "hunter22"},
		{"net user bob /active:yes", ""},
		{`"shop" "hunter22"`, "hunter22"},
		{`"shop" "orders" "hunter22"`, ""},
		{"NTLM : 0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"},
		{"NTLM : no such user", ""},
		{"tool.exe /u:bob /p:hunter22 /q", "hunter22"},
		{"print /p:80 a.txt", ""},
		{`AT+CWJAP="home","hunter22"`, "hunter22"},
		{`AT+CWJAP?`, ""},
		{"hostednetwork ssid=a key=hunter22", "hunter22"},
		{"cache miss key=user_hunter22", ""},
		{"Input Password    id=pw    hunter22", "hunter22"},
		{"Input Password    ${PW}", ""},
		{"Message: 'login with password %s'\nArguments: ('hunter22',)", "hunter22"},
		{"Message: 'login of %s'\nArguments: ('hunter22',)", ""},
		{"x.PlainLoginModule required\n user_a=\"hunter22\";", "hunter22"},
		{"query done\n user_id=\"hunter22\"", ""},
		{"key=0123456789abcdef0123456789abcdef\niv =01", "0123456789abcdef0123456789abcdef"},
		{"key=0123456789abcdef0123456789abcdef\nhit", ""},
		{"kubectl get secret a -o jsonpath={.data.a}\naHVudGVyMjI=", "aHVudGVyMjI="},
		{"kubectl get secret a\nNAME", ""},
		{"conn.auth('hunter-22')", "hunter-22"},
		{"auth('web')", ""},
		{"OPER bob hunter22", "hunter22"},
		{"the oper ator came", ""},
	} {
		if got := strings.Join(masked(tt.text, all), " "); got != tt.hidden {
			t.Errorf("%q: hides %q, want %q", tt.text, got, tt.hidden)
		}
	}
}
