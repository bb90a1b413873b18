package redact

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// hostile are texts that, repeated without end, make a rule look far or look again.
func hostile(t testing.TB) []string {
	list := []string{
		"curl ", "curl -u ", "docker curl mysql ", "redis-cli -a ", "password", "password=", "password ", "password: ",
		"password='", `password="`, "password=a,",
		"password=a'b", "password=({[", "password={'a':", "token=[", "token is ", "key key ", "secret,", `"secret",`,
		"'password', ", "auth ", "AUTH ", `"AUTH" "a" `,
		"://", "://a:b/", "://a:b@", "@tcp(", "a:b@tcp(", "proxy=a:", "%25", "%2525password%3D", "&amp;",
		"&amp;password&quot;:", `\`, `\"password\":`, `\\\"token\\\":\\\"`,
		"Authorization: Digest a=", "Authorization: Bearer ", "Cookie: a=", "cookies={'a':", "-----BEGIN PRIVATE KEY-----",
		"-----END PRIVATE KEY-----\n", "MIIEpAIBAA",
		"-----BEGIN PRIVATE KEY-----\n", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n", "eyJ",
		"eyJa.", "ghp_", "sk-", "1234567890:AA", "\"kty\"",
		"insert into a (b) values (", "insert into a (password,", "INSERT INTO a(b) VALUES ('", "UPDATE a SET b=%s ",
		"identified by ", "set password for ", "parameters: (",
		"└ a\n", "│ └ a\n", "    -> a\n", "password:\n", "password: |\n  a\n", "passwords:\n  - a\n",
		"name=password value=", `"name":"password",`, `"value":"a","name":"token",`,
		"<password ", "<password>", "<password a=", "</password>", "password</", "| password ", "password  ",
		"config set requirepass ", "setuser a >", "pass ", "a1 LOGIN ",
		"input_value=", `"kind":"Secret"`, `"kind":"Secret","data":{`, "login x password ", "machine ",
		"verification code ", "API key ", "connection string=", "password -> ",
		"password...", "password\x1b[0m=", "\x1b[", "“password”", "password\r\n", "x", " ", "\n", "=", `"`, "'", "(",
		"2026-11-23T19:14:00.1Z stdout P password=\n",
		"| password |\n|---|\n", "| password |\n", "| password ", "kind: Secret\n", "data:\nkind: Secret\n", "connect(a,",
		"connect('",
		"s3(", "s3('a','b',", "dial('a','b','c',", "'jdbc:a','b','c',x(", "api(a,1,2,3,",
		"login(((", "/reset/", "/reset/a/", "echo | su ", "a | su ", "kinit <<< ", "<<<", "?ticket=", "password = <<E\n",
		"Content-Disposition: form-data; name=\"password\"\n", "form-data; name=\"password\"", "334 ugfzc3dvcmq6\n",
		"334 UGFzc3dvcmQ6 ", "password is ", "'password' with value ", ".eJ", ":5432:", "a:5432:b:", "password:: ",
		"<td>password</td>\n",
		"parameters: $1 = 'a', ", "parameters: $1 = 'a', $2 = 'b' password=$2\n", "'jdbc:", "'jdbc:a','b',", "client('a',",
		"secret --value ", "--value ", " -U a%b", "send \"", "password='abcdefg' 'abcdefg' ",
		"/password = ", "with a as password ",
		"exchanging code ", "<Attribute Name=\"password\"><AttributeValue>", "use code ",
		"secrets[\"a\"] ", "[a] password:\n", "password not default ", "htpasswd -b ", "isql ",
		" -p ", "-u a -p ", "'-u', 'a', '-p', ", "пароль: ", "password for a: ", "password for ", "Password (",
		"password for:\n",
		"passwords are a1, ", "password from a1 to b2 ", "password: changed 'a' to 'b' ", "a:b@", "a:b@c/", "@", "a/b@//",
		"aB1cD2eF3", "aB1cD2eF3gH4iJ5kL6mN7oP8 ", "A_PASSWORD=a b\n", "- --password\n- a\n", "Token(Token(", "password: !a ",
		"digest username=", "digest username=response=", "'it'\\''s", "password='a'\\''", "user \"a\", secret \"b\" ",
		"credentials a:b ", "login a / bcde ", " / ", "password a1b2c3d4 ", "password: a b\n", "[name=password]\", \"a",
		"user a password b1\n", "secret value = ",
		"$argon2", "session id a1 ",
		"auth bob:x1 ", "auth as for ", "login 'a', ", "login for ", "-login a bcde ", "net use ", "net user a ", `" "`,
		"\"a\" \"b1c2\"\n", "user_", "user_a=\"", "Message: '%s'\nArguments: (", "Arguments: ('a', ", "get secret jsonpath\n",
		"key=0123456789abcdef", "key=0123456789abcdef0123456789abcdef\niv =", "ntlm ", "ntlm::a:", " /p:a", " /u /p:a",
		"at+cwjap=\"a\",\"b\" ", " ssid=a key=b", "input password  a  b ", "tacacs key ", "radius key key ",
		"createuser sha a ",
		"key: [0x01, ", "secret: [1, 2, ", "key: <Buffer 01 ", "password').fill('", "password)]))",
		"cGFzc3dvcmQ9YQ", "706173",
		"cGFzc3dvcmQ9aHVudGVyMg== ", "cGFzc3dvcmQ9aHVudGVyMg=a", "0x0040: 7061 password=a1 ", "0x0040: 7061 password=a1\n",
		"secrets: a: b: ", "secret: a: ", "login: / | ", "login: bob/a1b2 ", "password：", "0x55 \"", "password = 0x55 <",
		"xprv", "nsec1", `"a" for "--token" `, `"a" for --password `, "--token string   (default \"a\") ", "--token  ",
		"parameters: [", "args=(",
		"bindings: [\n", "update a set password = ?; args=(", "values (?) insert into a (password) ",
		"column index 1, parameter value [", "update a set pw=? \nbinding parameter [1] - [a]\n", ";@p0 = ",
		"'password' to 'a ", "[password] to [a] ", `{:password, "a"}`, `\x00a\x00bcd`, `: \0a\0bcde `,
		`["pass":protected]=> "a" `, "pass:private:", "password = \"\"\"\na\n", `"password": "a" => "b" => `,
		"| a | b | password |\n", "a\tpassword\n", "a;password;b\n", "output 'password' { ", "output 'password' {\n",
		"connect a/b@",
		"connect a/bcd@e ", "'password': rejected value [", "\"path\":[\"password\"],\"value\":", "token is a1b2c3d4\n",
		"password⇒\"a", "u=a p=bcd ", "password: String = \"a\" ", "password: &str ", "(password).tobe(\"",
		"password changed for a: ",
		`"jwt": {"key": "a"`, "exchange code=",
		`"method":"login",`, `"method":"login","params":["a",`, `["login","a","b1c2",`, `"args":["a","b"],"method":"auth",`,
		"login args=(", "system.authenticate(['a', 'b', ", "<methodName>login</methodName><string>a</string>",
		"<string>a</string>", "a login.login.login ", "user  password\n----  --------\n", "user  password\na     b1c2d3e4\n",
		"USER  PASSWORD\n", "USER  PASSWORD\na     b1c2d3\n", "  password  ", "--------  ", "| a | password |\n+---+\n",
		"'a' == password ", "'a' != 'b' : password ", "assert 'a', password ", "password 'a1b2', got 'c3d4', got ",
		"equal(\"a\", user.password", "password 'a1' != ", "get('password') returned ", "get('password') = 'a' ",
		"get('password'))) => ", "Secret::new(\"a\") ", "Secret::a::a(", "password=''a'' ", "password=''", `""password"":""a"" `,
		"pass\\u0077ord", `\u0070`, `"pass\u0077ord":"a",`, "chpasswd <<< 'a:b' ", "chpasswd <<E\n", "a:b\nchpasswd <<E\n",
		"key \"a1b2c3d4\" is not valid ", "key a1b2c3d4: 401 ", "password [env A]: ", "password [", "password[0]: a ",
		"credentials:\n", "credentials:\na:b1\n", "default login:\n\n", "a:b1 (default credentials) ",
		"(default ", "(change ",
		"a / b1c2 (change password) ", "credentials:\na / bcde\n", "this may also be found at ", "code=a1b2c3 redirect_uri ",
		"password: |\\n  a", "password: >", "password:\n\n", "your password:\na1b2c3d4\n", "passwords differ: 'a' != 'b' ",
		"curl -u a1b2c3d4: ", "token rotated: a1b2c3d4 -> ", "two-factor code ",
	}
	for i, s := range readShapes(t) {
		if !testing.Short() || i%8 == 0 { // all of them take minutes on a busy machine
			list = append(list, s.text+"\n")
		}
	}
	return list
}

// repeated is n bytes of the same text.
func repeated(text string, n int) []byte { return []byte(strings.Repeat(text, n/len(text)+1)[:n]) }

// worked masks a text in one pass and returns how many bytes the rules looked at.
func worked(name string, data []byte) int {
	m := newMasker(nil)
	m.maskFile(name, data)
	return m.work
}

// TestWorkIsLinear counts work, not time: four times the text may take four times the
// work and a little, and no byte is looked at again and again.
func TestWorkIsLinear(t *testing.T) {
	const small, perByte = 8 << 10, 300
	for _, text := range hostile(t) {
		for _, name := range []string{"a.txt", bundle.FileLogs} {
			one, four := worked(name, repeated(text, small)), worked(name, repeated(text, 4*small))
			if four > 5*one+small {
				t.Errorf("%s of %q: work %d for %d bytes, %d for four times as many", name, text, one, small, four)
			}
			if four > perByte*4*small {
				t.Errorf("%s of %q: each byte is looked at %d times", name, text, four/(4*small))
			}
		}
	}
}

// TestWorkIsCounted proves that the count sees what a rule reads.
func TestWorkIsCounted(t *testing.T) {
	for _, text := range []string{"curl -u a:b ", "password='x' ", "token is abc ",
		"{\"name\":\"password\",\"value\":\"x\"} "} {
		if n := worked("a.txt", repeated(text, 1<<10)); n < 1<<9 {
			t.Errorf("%q: counted %d for 1024 bytes", text, n)
		}
	}
}

// BenchmarkHostile masks 16 MiB of the costliest texts (docs/performance.md).
func BenchmarkHostile(b *testing.B) {
	for _, text := range []string{"curl ", "connect('a',", "token=\n", "password ", "password='", `"secret",`,
		"://a:b/", "AUTH ",
		"insert into a (b) values (", "└ a\n", "password: |\n  a\n", "&amp;", "token is "} {
		data := repeated(text, 16<<20)
		b.Run(strings.TrimSpace(text), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				m := newMasker(nil)
				m.stableFile("a.txt", bytes.Clone(data))
			}
		})
	}
}
