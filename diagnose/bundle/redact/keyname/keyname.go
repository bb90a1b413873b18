// Package keyname knows what the name of a setting, variable, column, header or flag promises of its value.
//
//	Of("DB_PASSWORD")   Strong   whatever the value is
//	Of("csrf_token")    Token    where no prose can stand
//	Of("session")       Weak     what looks like a secret
//	Of("token_type")    None     it tells about a secret
package keyname

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
)

// Class says how much a name promises a secret.
type Class int

const (
	None   Class = iota
	Long         // key: the value must be long and random
	Weak         // auth, session: the value must look like a secret
	Token        // token, jwt, sid: so must it where prose could stand
	Code         // pin, otp: four digits are one
	Strong       // password, api_key: whatever the value is
	Pwd          // pwd: strong, but for the shell's working directory
	Header       // Authorization: a scheme and credentials
	Cookie       // Cookie: a list of name=value
)

// strongWords are looked for in a name without its separators: "X-Api-Key" is
// "xapikey".
var strongWords = []string{
	"password", "passwd", "passphrase", "passcode", "passkey", "passwrd", "pword", "passw", "authtok", "heslo",
	"parola", "passord",
	"adgangskode", "salasana", "pswd", "pwhash", "secret", "credential", "creds",
	"passwort", "kennwort", "contrase", "motdepasse", "senha", "wachtwoord",
	"apikey", "accesskey", "privatekey", "accountkey", "signingkey", "encryptionkey", "masterkey", "sharedkey",
	"presharedkey",
	"storagekey", "fernetkey", "hmackey", "jwtkey", "cryptkey", "aeskey", "rsakey", "sshkey", "deploykey",
	"licensekey", "licencekey",
	"appkey", "authkey", "servicekey", "serverkey", "subscriptionkey", "instrumentationkey", "clientkey", "tlskey",
	"webhookkey", "securitykey", "networkkey", "linkkey", "keycontent", "unsealkey", "derivedkey", "wrappingkey",
	"cipherkey", "validationkey", "decryptionkey", "symmetrickey", "recoverykey",
	"privkey",
	"authtoken", "accesstoken", "refreshtoken", "apitoken", "bottoken", "securitytoken", "privatetoken",
	"vaulttoken", "connectionstring", "connstr",
	"requirepass", "masterauth", "authpass", "privpass", "storepass", "keypass", "ociregistryauth", "registryauth",
	"recoverycode", "backupcode", "scratchcode", "seedphrase", "recoveryphrase", "mnemonic", "samlresponse",
	"clientassertion", "codeverifier", "basicauth", "authenticationstring",
	"dockerconfigjson", "securestring", "stringdata", "privatelines",
}

// strongByByte are the strong words by their first byte: of the many names of a bundle nearly none holds one.
var strongByByte = sync.OnceValue(func() (by [256][]string) {
	for _, w := range strongWords {
		by[w[0]] = append(by[w[0]], w)
	}
	return by
})

func holdsStrongWord(name string) bool {
	by := strongByByte()
	for i := range len(name) {
		if slices.ContainsFunc(by[name[i]], func(w string) bool { return strings.HasPrefix(name[i:], w) }) {
			return true
		}
	}
	return false
}

var tokenWords = []string{"sessionid", "sessid", "sessionkey", "sessiontoken", "signature", "oobcode",
	"magiclink", "sonarlogin"}

// tokenParts are whole components of a name: "csrf_token", "connect.sid".
var tokenParts = ascii.Words(`token tokens jwt dsn sid csrf xsrf pass bearer cred authz`)

var weakParts = ascii.Words(`encrypt gossip auth oauth session sessions sess auths`)

// plainWords hold a word of secrets and are none.
var plainWords = ascii.Words(`secretary secretaries secretariat secretion secretly passwordless chpasswd`)

// codeWords before "code" make it one that lets in: user_code, device_code. Others are codes of errors and countries.
var codeWords = ascii.Words(`auth authorization device user login invite invitation verification activation pairing access
	reset sms mfa otp totp security sign signin magic recovery backup unlock confirmation pass`)

// variableParts end the names of variables of an environment that hold a secret: SIGN_SALT, NPM_AUTH.
var variableParts = map[string]Class{"salt": Strong, "pepper": Strong, "auth": Token,
	"session": Token, "pat": Token}

// plainPass are words that end in "pass" and are no password.
var plainPass = ascii.Words(`bypass compass trespass lowpass highpass multipass onepass proxypass surpass encompass
	firstpass`)

// plainBefore makes a pass of them: first_pass, render_pass.
var plainBefore = ascii.Words(`first second third last low high multi single one two by render depth shadow band did not
	will test tests`)

// aboutWords end a name that tells something about a secret, not the secret:
// token_type, session_timeout, NoCredentialsError.
var aboutWords = ascii.Words(`count counts timeout timeouts ttl expiry expires expiration expire expired age maxage
	lifetime type types method methods mode policy domain path file files filename dir
	directory name names url urls uri endpoint host port enabled enable disabled required
	length len limit limits size total used usage remaining per class backend backends
	provider providers scheme schemes version status state error errors exception warning
	failed failure level duration interval attempts retries ms seconds sec at in valid invalid
	field header headers engine factory maker pool manager middleware handler handlers store
	storage adapter helper helpers service module driver plugin plugins options issuer
	audience algorithm alg strength rotation validator validators hasher hashers form view
	views reset change py js ts go rs java rb so html log cfg conf cache window rate ref refs
	reference authentication authenticator format fields provided present ok index pattern
	regex`)

// circumstances end a name that holds a secret in an environment (DB_PASSWORD_LOCAL)
// and is about one elsewhere (token_settings, auth.local).
var circumstances = ascii.Words(`settings config configuration local com net org io svc internal cluster`)

// Suffixes end the names of files: secrets.c:85, server-key.pem.
var Suffixes = ascii.Words(`c h cc cpp hpp gpg pem crt pub asc cs php sh yml yaml json toml ini txt xml md jar war so
	gz tar exe dll`)

// withoutWords begin a name that says there is no secret, or how many.
var withoutWords = ascii.Words(`no missing invalid wrong bad unknown incorrect undefined empty unset max min num total
	public count`)

// plainKeys come before "key" in names of things that open nothing.
var plainKeys = ascii.Words(`primary foreign cache partition sort routing idempotency dedup group row hash map dict
	object redis unique composite lookup natural surrogate shard cluster hot registry sub
	translation i18n message header config setting label tag dead`)

// MaxKey is the longest key that is looked at, in bytes.
const MaxKey = 128

// keyParts is a key in lower case without separators, and where its components
// end: "dbPassword", "DB_PASSWORD" and "db-password" are all db|password.
type keyParts struct {
	buf  [MaxKey]byte
	n    int
	ends [MaxKey]uint8
	m    int
}

func (k *keyParts) split(key []byte) {
	for i, c := range key[:min(len(key), MaxKey)] {
		if !ascii.IsAlnum(c) {
			k.cut()
			continue
		}
		if i > 0 && ascii.IsUpper(c) && (ascii.IsLower(key[i-1]) || i+1 < len(key) && ascii.IsUpper(key[i-1]) &&
			ascii.IsLower(key[i+1])) {
			k.cut()
		}
		k.buf[k.n] = ascii.LowerByte(c)
		k.n++
	}
	k.cut()
}

func (k *keyParts) cut() {
	if k.m == 0 && k.n > 0 || k.m > 0 && int(k.ends[k.m-1]) < k.n {
		k.ends[k.m] = uint8(k.n)
		k.m++
	}
}

func (k *keyParts) part(i int) []byte {
	from := 0
	if i > 0 {
		from = int(k.ends[i-1])
	}
	return k.buf[from:k.ends[i]]
}

// Of returns what a key's name promises.
func Of(key []byte) Class {
	var k keyParts
	k.split(key)
	squeezed := string(k.buf[:k.n])
	switch {
	case k.m == 0:
		return None
	case squeezed == "relaystate": // of SAML: often a token
		return Token
	case withoutWords[string(k.part(0))], k.isAbout(key):
		return None
	}
	switch {
	case plainWords[squeezed]:
		return None
	case holdsStrongWord(squeezed):
		return Strong
	case strings.Contains(squeezed, "authorization"):
		return Header
	case slices.ContainsFunc(tokenWords, func(w string) bool { return strings.Contains(squeezed, w) }):
		return Token
	}
	best := max(k.keyPart(key), k.codePart())
	if k.m > 1 && string(k.part(k.m-1)) == "pass" && !plainBefore[string(k.part(k.m-2))] { // ftp_pass
		best = Strong
	}
	for i := range k.m {
		best = max(best, partClass(string(k.part(i))))
	}
	if k.m > 1 && IsUpper(key) {
		best = max(best, variableParts[string(k.part(k.m-1))])
	}
	return best
}

// codePart is the class of a name that ends in "code".
func (k *keyParts) codePart() Class {
	if k.m > 1 && string(k.part(k.m-1)) == "code" && codeWords[string(k.part(k.m-2))] {
		return Code
	}
	return None
}

// isAbout tells whether the name's last component makes it one about a secret.
func (k *keyParts) isAbout(key []byte) bool {
	last := string(k.part(k.m - 1))
	if circumstances[last] {
		return !IsUpper(key)
	}
	return aboutWords[last] || Suffixes[last] && len(key) > len(last) && key[len(key)-len(last)-1] == '.'
}

// keyPart is the class of a name that ends in "key": variables of an environment are
// keys of services, others may be keys of a table.
func (k *keyParts) keyPart(key []byte) Class {
	switch last := string(k.part(k.m - 1)); {
	case last == "key" && k.m > 2 && string(k.part(0)) == "x": // x-functions-key
		return Strong
	case last != "key" && last != "keys", k.m > 1 && plainKeys[string(k.part(k.m-2))]:
		return None
	case k.m > 1 && (IsUpper(key) || ascii.IsUpper(key[0]) && bytes.HasSuffix(key, []byte("_Key"))): // acme.sh's CF_Key
		return Token
	}
	return Long
}

// IsUpper tells whether a name is one of an environment: DB_PASSWORD_2.
func IsUpper(name []byte) bool {
	for _, c := range name {
		if !ascii.IsUpper(c) && !ascii.IsDigit(c) && c != '_' {
			return false
		}
	}
	return len(name) > 0
}

func partClass(part string) Class {
	switch {
	case part == "pwd" || part == "oldpwd":
		return Pwd
	case part == "cookie" || part == "cookies" || part == "setcookie":
		return Cookie
	case part == "pin" || part == "otp" || part == "totp":
		return Code
	case part == "pw" || part == "psk" || part == "mdp" || part == "clave" || part == "haslo" || part == "sifre" ||
		part == "geheim" || part == "lozinka" || part == "kodeord" || strings.HasSuffix(part, "pw") && len(part) >= 5:
		return Strong
	case tokenParts[part], strings.HasSuffix(part, "token"):
		return Token
	case strings.HasSuffix(part, "pass") && !plainPass[part], strings.HasSuffix(part, "pwd"):
		return Strong
	case weakParts[part]:
		return Weak
	}
	return None
}

// harmlessEnv are variables whose values help a diagnosis and are no secrets by
// their nature. Everything else in an Env list is masked.
var harmlessEnv = ascii.Words(`PATH LANG LANGUAGE TZ HOME HOSTNAME USER SHELL TERM PWD SHLVL DEBIAN_FRONTEND
	PYTHONUNBUFFERED PYTHONFAULTHANDLER PYTHONDONTWRITEBYTECODE PYTHONASYNCIODEBUG
	PYTHONDEVMODE PYTHONHASHSEED PYTHONMALLOC PYTHONIOENCODING PYTHONUTF8 PYTHONOPTIMIZE
	PYTHONPATH PYTHONHOME PYTHONWARNINGS PYTHON_VERSION PYTHON_PIP_VERSION
	PYTHON_SETUPTOOLS_VERSION PYTHON_SHA256 PYTHON_GET_PIP_SHA256 PIP_VERSION GPG_KEY
	WEB_CONCURRENCY LOG_LEVEL LOGLEVEL PORT HOST WORKERS TIMEOUT GRACEFUL_TIMEOUT KEEP_ALIVE
	MAX_WORKERS THREADS GOMAXPROCS GOMEMLIMIT GOGC GOTRACEBACK GODEBUG MALLOC_ARENA_MAX
	MALLOC_TRIM_THRESHOLD_ LD_PRELOAD OMP_NUM_THREADS NODE_ENV NODE_VERSION NODE_OPTIONS
	JAVA_OPTS JAVA_TOOL_OPTIONS JAVA_VERSION NGINX_VERSION REDIS_VERSION PG_VERSION PG_MAJOR
	PGDATA ENVIRONMENT APP_ENV`)

// HarmlessEnvName tells whether a variable's value may stay.
func HarmlessEnvName(name string) bool {
	if strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "UVICORN_") || strings.HasPrefix(name, "GUNICORN_") {
		return Of([]byte(name)) == None
	}
	return harmlessEnv[name]
}

// PlainClass is what a member's name promises where no header can follow.
func PlainClass(c Class) Class {
	if c == Header || c == Cookie {
		return Token
	}
	return c
}

func NameLength(v []byte) int {
	n := 0
	for n < len(v) && (ascii.IsAlnum(v[n]) || v[n] == '_' || v[n] == '.') {
		n++
	}
	return n
}

// IsPassword tells whether a name is one of words for people, rather than of objects:
// a secret "db-creds" and a credential are objects.
func IsPassword(name []byte) bool {
	for i := range name {
		if ascii.HasFold(name[i:], "pass") || ascii.HasFold(name[i:], "pin") {
			return true
		}
	}
	return ascii.IsFold(name, "pw") || ascii.IsFold(name, "pwd") || ascii.IsFold(name, "psk")
}

// IsPhrase tells the names of secrets of several words.
func IsPhrase(name []byte) bool {
	lower := bytes.ToLower(name)
	return ascii.Holds(lower, "phrase") || ascii.Holds(lower, "mnemonic") || ascii.Holds(lower, "codes")
}

// IsName tells whether v is an identifier, dots allowed.
func IsName(v []byte) bool {
	for i, c := range v {
		if !ascii.IsAlnum(c) && c != '_' && (c != '.' || i == 0) || i == 0 && ascii.IsDigit(c) {
			return false
		}
	}
	return len(v) > 0
}
