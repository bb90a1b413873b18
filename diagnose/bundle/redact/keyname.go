package redact

import (
	"slices"
	"strings"
	"sync"
)

// class says how much a name promises a secret.
type class int

const (
	classNone   class = iota
	classLong         // key: the value must be long and random
	classWeak         // auth, session: the value must look like a secret
	classToken        // token, jwt, sid: so must it where prose could stand
	classCode         // pin, otp: four digits are one
	classStrong       // password, api_key: whatever the value is
	classPwd          // pwd: strong, but for the shell's working directory
	classHeader       // Authorization: a scheme and credentials
	classCookie       // Cookie: a list of name=value
)

// strongWords are looked for in a name without its separators: "X-Api-Key" is
// "xapikey".
var strongWords = []string{
	"password", "passwd", "passphrase", "passcode", "secret", "credential", "creds",
	"passwort", "kennwort", "contrase", "motdepasse", "senha", "wachtwoord",
	"apikey", "accesskey", "privatekey", "accountkey", "signingkey", "encryptionkey", "masterkey", "sharedkey",
	"presharedkey",
	"storagekey", "fernetkey", "hmackey", "jwtkey", "cryptkey", "aeskey", "rsakey", "sshkey", "deploykey",
	"licensekey", "licencekey",
	"appkey", "authkey", "servicekey", "serverkey", "subscriptionkey", "instrumentationkey", "clientkey", "tlskey",
	"webhookkey",
	"authtoken", "accesstoken", "refreshtoken", "apitoken", "bottoken", "securitytoken", "privatetoken",
	"vaulttoken", "connectionstring", "connstr",
	"requirepass", "masterauth", "authpass", "privpass", "storepass", "keypass", "ociregistryauth", "registryauth",
	"recoverycode", "backupcode", "scratchcode", "seedphrase", "recoveryphrase", "mnemonic", "samlresponse",
	"clientassertion", "codeverifier", "basicauth", "authenticationstring",
	"dockerconfigjson", "stringdata", "privatelines",
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

var tokenWords = []string{"sessionid", "sessid", "sessionkey", "sessiontoken", "signature", "oobcode", "magiclink"}

// tokenParts are whole components of a name: "csrf_token", "connect.sid".
var tokenParts = words(`token tokens jwt dsn sid csrf xsrf pass bearer`)

var weakParts = words(`encrypt gossip auth oauth session sessions sess auths`)

// plainWords hold a word of secrets and are none.
var plainWords = words(`secretary secretaries secretariat secretion secretly passwordless`)

// codeWords before "code" make it one that lets in: user_code, device_code. Others are codes of errors and countries.
var codeWords = words(`auth authorization device user login invite invitation verification activation pairing access
	reset sms mfa otp totp security sign signin magic recovery backup unlock confirmation pass`)

// variableParts end the names of variables of an environment that hold a secret: SIGN_SALT, NPM_AUTH.
var variableParts = map[string]class{"salt": classStrong, "pepper": classStrong, "auth": classToken,
	"session": classToken}

// plainPass are words that end in "pass" and are no password.
var plainPass = words(`bypass compass trespass lowpass highpass multipass onepass proxypass surpass encompass
	firstpass`)

// plainBefore makes a pass of them: first_pass, render_pass.
var plainBefore = words(`first second third last low high multi single one two by render depth shadow band did not
	will test tests`)

// aboutWords end a name that tells something about a secret, not the secret:
// token_type, session_timeout, NoCredentialsError.
var aboutWords = words(`count counts timeout timeouts ttl expiry expires expiration expire expired age maxage
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
var circumstances = words(`settings config configuration local com net org io svc internal cluster`)

// suffixes end the names of files: secrets.c:85, server-key.pem.
var suffixes = words(`c h cc cpp hpp gpg pem crt pub asc cs php sh yml yaml json toml ini txt xml md jar war so
	gz tar exe dll`)

// withoutWords begin a name that says there is no secret, or how many.
var withoutWords = words(`no missing invalid wrong bad unknown incorrect undefined empty unset max min num total
	public count`)

// plainKeys come before "key" in names of things that open nothing.
var plainKeys = words(`primary foreign cache partition sort routing idempotency dedup group row hash map dict
	object redis unique composite lookup natural surrogate shard cluster hot registry sub
	translation i18n message header config setting label tag dead`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		if len(w) > longestWord {
			panic("redact: among cannot find " + w)
		}
		set[w] = true
	}
	return set
}

// longestWord bounds the words of sets.
const longestWord = 32

// among tells whether a word, in any case, is one of a set. It allocates nothing: that is asked of each name.
func among(set map[string]bool, word []byte) bool {
	var lower [longestWord]byte
	if len(word) > len(lower) {
		return false
	}
	for i, c := range word {
		lower[i] = lowerByte(c)
	}
	return set[string(lower[:len(word)])]
}

// maxKey is the longest key that is looked at, in bytes.
const maxKey = 128

// keyParts is a key in lower case without separators, and where its components
// end: "dbPassword", "DB_PASSWORD" and "db-password" are all db|password.
type keyParts struct {
	buf  [maxKey]byte
	n    int
	ends [maxKey]uint8
	m    int
}

func (k *keyParts) split(key []byte) {
	for i, c := range key[:min(len(key), maxKey)] {
		if !isAlnum(c) {
			k.cut()
			continue
		}
		if i > 0 && isUpper(c) && (isLower(key[i-1]) || i+1 < len(key) && isUpper(key[i-1]) && isLower(key[i+1])) {
			k.cut()
		}
		k.buf[k.n] = lowerByte(c)
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

// class returns what a name promises. A log says the same names again and again.
func (m *masker) class(name []byte) class {
	if c, known := m.classes[string(name)]; known {
		return c
	}
	c := keyClass(name)
	if len(m.classes) < maxClasses {
		m.classes[string(name)] = c
	}
	return c
}

// maxClasses bounds the names that are remembered.
const maxClasses = 4096

// keyClass returns what a key's name promises.
func keyClass(key []byte) class {
	var k keyParts
	k.split(key)
	squeezed := string(k.buf[:k.n])
	switch {
	case k.m == 0:
		return classNone
	case squeezed == "relaystate": // of SAML: often a token
		return classToken
	case withoutWords[string(k.part(0))], k.isAbout(key):
		return classNone
	}
	switch {
	case plainWords[squeezed]:
		return classNone
	case holdsStrongWord(squeezed):
		return classStrong
	case strings.Contains(squeezed, "authorization"):
		return classHeader
	case slices.ContainsFunc(tokenWords, func(w string) bool { return strings.Contains(squeezed, w) }):
		return classToken
	}
	best := max(k.keyPart(key), k.codePart())
	if k.m > 1 && string(k.part(k.m-1)) == "pass" && !plainBefore[string(k.part(k.m-2))] { // ftp_pass
		best = classStrong
	}
	for i := range k.m {
		best = max(best, partClass(string(k.part(i))))
	}
	if k.m > 1 && isUpperName(key) {
		best = max(best, variableParts[string(k.part(k.m-1))])
	}
	return best
}

// codePart is the class of a name that ends in "code".
func (k *keyParts) codePart() class {
	if k.m > 1 && string(k.part(k.m-1)) == "code" && codeWords[string(k.part(k.m-2))] {
		return classCode
	}
	return classNone
}

// isAbout tells whether the name's last component makes it one about a secret.
func (k *keyParts) isAbout(key []byte) bool {
	last := string(k.part(k.m - 1))
	if circumstances[last] {
		return !isUpperName(key)
	}
	return aboutWords[last] || suffixes[last] && len(key) > len(last) && key[len(key)-len(last)-1] == '.'
}

// keyPart is the class of a name that ends in "key": variables of an environment are
// keys of services, others may be keys of a table.
func (k *keyParts) keyPart(key []byte) class {
	switch last := string(k.part(k.m - 1)); {
	case last == "key" && k.m > 2 && string(k.part(0)) == "x": // x-functions-key
		return classStrong
	case last != "key" && last != "keys", k.m > 1 && plainKeys[string(k.part(k.m-2))]:
		return classNone
	case k.m > 1 && isUpperName(key):
		return classToken
	}
	return classLong
}

// isUpperName tells whether a name is one of an environment: DB_PASSWORD_2.
func isUpperName(name []byte) bool {
	for _, c := range name {
		if !isUpper(c) && !isDigit(c) && c != '_' {
			return false
		}
	}
	return len(name) > 0
}

func partClass(part string) class {
	switch {
	case part == "pwd" || part == "oldpwd":
		return classPwd
	case part == "cookie" || part == "cookies" || part == "setcookie":
		return classCookie
	case part == "pin" || part == "otp" || part == "totp":
		return classCode
	case part == "pw" || part == "psk" || strings.HasSuffix(part, "pw") && len(part) >= 5:
		return classStrong
	case tokenParts[part], strings.HasSuffix(part, "token"):
		return classToken
	case strings.HasSuffix(part, "pass") && !plainPass[part], strings.HasSuffix(part, "pwd"):
		return classStrong
	case weakParts[part]:
		return classWeak
	}
	return classNone
}

// harmlessEnv are variables whose values help a diagnosis and are no secrets by
// their nature. Everything else in an Env list is masked.
var harmlessEnv = words(`PATH LANG LANGUAGE TZ HOME HOSTNAME USER SHELL TERM PWD SHLVL DEBIAN_FRONTEND
	PYTHONUNBUFFERED PYTHONFAULTHANDLER PYTHONDONTWRITEBYTECODE PYTHONASYNCIODEBUG
	PYTHONDEVMODE PYTHONHASHSEED PYTHONMALLOC PYTHONIOENCODING PYTHONUTF8 PYTHONOPTIMIZE
	PYTHONPATH PYTHONHOME PYTHONWARNINGS PYTHON_VERSION PYTHON_PIP_VERSION
	PYTHON_SETUPTOOLS_VERSION PYTHON_SHA256 PYTHON_GET_PIP_SHA256 PIP_VERSION GPG_KEY
	WEB_CONCURRENCY LOG_LEVEL LOGLEVEL PORT HOST WORKERS TIMEOUT GRACEFUL_TIMEOUT KEEP_ALIVE
	MAX_WORKERS THREADS GOMAXPROCS GOMEMLIMIT GOGC GOTRACEBACK GODEBUG MALLOC_ARENA_MAX
	MALLOC_TRIM_THRESHOLD_ LD_PRELOAD OMP_NUM_THREADS NODE_ENV NODE_VERSION NODE_OPTIONS
	JAVA_OPTS JAVA_TOOL_OPTIONS JAVA_VERSION NGINX_VERSION REDIS_VERSION PG_VERSION PG_MAJOR
	PGDATA ENVIRONMENT APP_ENV`)

// harmlessEnvName tells whether a variable's value may stay.
func harmlessEnvName(name string) bool {
	if strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "UVICORN_") || strings.HasPrefix(name, "GUNICORN_") {
		return keyClass([]byte(name)) == classNone
	}
	return harmlessEnv[name]
}
