package redact

import (
	"slices"
	"strings"
)

// class says how much a key's name promises a secret.
type class int

const (
	classNone   class = iota
	classWeak         // auth, session: the value must look like a secret, too
	classToken        // token, jwt, sid: so must it where prose could stand
	classStrong       // password, api_key: whatever the value is
	classPwd          // pwd: strong, but for the shell's working directory
	classHeader       // Authorization: a scheme and credentials
	classCookie       // Cookie: a list of name=value
)

// strongWords are looked for in a key without its separators: "X-Api-Key" is
// "xapikey".
var strongWords = []string{
	"password", "passwd", "passphrase", "secret", "credential", "passwort",
	"apikey", "accesskey", "privatekey", "accountkey", "signingkey", "encryptionkey", "masterkey", "sharedkey",
	"storagekey", "fernetkey", "hmackey", "jwtkey", "cryptkey", "aeskey", "rsakey", "sshkey", "deploykey", "licensekey",
	"appkey", "authkey", "servicekey", "serverkey", "subscriptionkey", "authtoken", "accesstoken", "refreshtoken", "connectionstring", "connstr",
	"requirepass", "masterauth", "ociregistryauth", "registryauth",
}

var tokenWords = []string{"sessionid", "sessid", "sessionkey", "sessiontoken", "signature"}

// tokenParts are whole components of a key: "csrf_token", "connect.sid".
var tokenParts = []string{"token", "tokens", "jwt", "dsn", "sid", "otp", "csrf", "xsrf", "pass", "bearer"}

var weakParts = []string{"auth", "oauth", "session", "sessions", "sess"}

// plainPass are words that end in "pass" and are no password.
var plainPass = []string{"bypass", "compass", "trespass", "lowpass", "highpass", "multipass", "onepass", "proxypass", "surpass", "encompass"}

// aboutWords end a key that tells something about a secret, not the secret:
// token_type, session_timeout, NoCredentialsError.
var aboutWords = words(`count counts timeout timeouts ttl expiry expires expiration expire expired age maxage lifetime type types method
 methods mode policy domain path file files filename dir directory name names url urls uri endpoint host port enabled enable disabled required
 length len limit limits size total used usage remaining per class backend backends provider providers scheme schemes version status
 state error errors exception warning failed failure level duration interval attempts retries ms seconds sec at in valid invalid
 field header headers engine factory maker pool manager middleware handler handlers store storage adapter helper helpers service
 module driver plugin plugins options config settings issuer audience algorithm alg strength rotation validator validators
 hasher hashers form view views reset change py js ts go rs java rb so html log cfg conf cache window rate com net org io local svc internal cluster`)

// withoutWords begin a key that says there is no secret, or how many.
var withoutWords = words(`no missing invalid wrong bad unknown incorrect undefined empty unset max min num total public count`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
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

// keyClass returns what a key's name promises.
func keyClass(key []byte) class {
	var k keyParts
	k.split(key)
	if k.m == 0 || aboutWords[string(k.part(k.m-1))] || withoutWords[string(k.part(0))] {
		return classNone
	}
	squeezed := string(k.buf[:k.n])
	holds := func(w string) bool { return strings.Contains(squeezed, w) }
	switch {
	case slices.ContainsFunc(strongWords, holds):
		return classStrong
	case strings.Contains(squeezed, "authorization"):
		return classHeader
	case slices.ContainsFunc(tokenWords, holds):
		return classToken
	}
	best := classNone
	for i := range k.m {
		if c := partClass(string(k.part(i))); c > best {
			best = c
		}
	}
	return best
}

func partClass(part string) class {
	switch {
	case part == "pwd" || part == "oldpwd":
		return classPwd
	case part == "cookie" || part == "cookies" || part == "setcookie":
		return classCookie
	case slices.Contains(tokenParts, part), strings.HasSuffix(part, "token"):
		return classToken
	case strings.HasSuffix(part, "pass") && !slices.Contains(plainPass, part), strings.HasSuffix(part, "pwd"):
		return classStrong
	case slices.Contains(weakParts, part):
		return classWeak
	}
	return classNone
}

// harmlessEnv are variables whose values help a diagnosis and are no secrets by
// their nature. Everything else in an Env list is masked.
var harmlessEnv = words(`PATH LANG LANGUAGE TZ HOME HOSTNAME USER SHELL TERM PWD SHLVL DEBIAN_FRONTEND
 PYTHONUNBUFFERED PYTHONFAULTHANDLER PYTHONDONTWRITEBYTECODE PYTHONASYNCIODEBUG PYTHONDEVMODE PYTHONHASHSEED PYTHONMALLOC
 PYTHONIOENCODING PYTHONUTF8 PYTHONOPTIMIZE PYTHONPATH PYTHONHOME PYTHONWARNINGS PYTHON_VERSION PYTHON_PIP_VERSION
 PYTHON_SETUPTOOLS_VERSION PYTHON_SHA256 PYTHON_GET_PIP_SHA256 PIP_VERSION GPG_KEY
 WEB_CONCURRENCY LOG_LEVEL LOGLEVEL PORT HOST WORKERS TIMEOUT GRACEFUL_TIMEOUT KEEP_ALIVE MAX_WORKERS THREADS
 GOMAXPROCS GOMEMLIMIT GOGC GOTRACEBACK GODEBUG MALLOC_ARENA_MAX MALLOC_TRIM_THRESHOLD_ LD_PRELOAD OMP_NUM_THREADS
 NODE_ENV NODE_VERSION NODE_OPTIONS JAVA_OPTS JAVA_TOOL_OPTIONS JAVA_VERSION
 NGINX_VERSION REDIS_VERSION PG_VERSION PG_MAJOR PGDATA ENVIRONMENT APP_ENV`)

// harmlessEnvName tells whether a variable's value may stay.
func harmlessEnvName(name string) bool {
	if strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "UVICORN_") || strings.HasPrefix(name, "GUNICORN_") {
		return keyClass([]byte(name)) == classNone
	}
	return harmlessEnv[name]
}
