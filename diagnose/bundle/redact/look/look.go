// Package look knows secrets, references and words of a sentence by how they look.
//
//	LikeSecret("hunter2Xy9")   true    letters and digits in one word
//	IsReference("${TOKEN}")    true    where the value comes from
//	IsProse("expired")         true    a word of a message
//
// [IsSecret] holds a value against what its name promises and how it stands there.
package look

import (
	"bytes"
	"encoding/base64"
	"unicode"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
)

// IsOddWord tells a value from a word, a path and a file.
func IsOddWord(v []byte) bool {
	if len(v) < 4 || v[0] == '/' || v[0] == '-' || bytes.ContainsAny(v, "()[]{}<>=:,") || IsProse(v) {
		return false
	}
	if dot := bytes.LastIndexByte(v, '.'); dot >= 0 && ascii.Among(keyname.Suffixes, v[dot+1:]) {
		return false
	}
	return HoldsDigit(v) && len(bytes.Trim(v, "0123456789.")) > 0 || Mixed(v[1:])
}

// algorithms have digits in their names and stand beside passwords.
var algorithms = ascii.Words(`sha1 sha224 sha256 sha384 sha512 md4 md5 pbkdf2 argon2 argon2i argon2id base32 base64 utf8
	oauth2 oauth1 x509 blake2b ripemd160 aes128 aes256 http2 web2 crypt3 ed25519 rc4 des3`)

// IsTyped tells what people type as a password from the words of a message: letters with a digit behind or between
// them. Names of algorithms, versions and steps have one, too.
func IsTyped(v []byte) bool {
	if len(v) < 6 || !ascii.IsAlnum(v[0]) || ascii.IsDigit(v[0]) || !HoldsDigit(v) || Capitals(v) > 2 ||
		bytes.ContainsAny(v, "()[]{}<>=:,/\\|._") || ascii.Among(algorithms, v) {
		return false
	}
	word := bytes.TrimRight(v, "0123456789")
	return len(word) > 3 && !ascii.Among(numbered, word)
}

// numbered are things that programs tell apart by numbers, which are no passwords: policy2.
var numbered = ascii.Words(`policy field rule attempt step input check entry option page column param arg test version
	level type hash user host node server group form line item slot round stage phase part file case`)

// IsAlgorithm tells the name of one that hashes or signs, whatever is put together with it: PBKDF2WithHmacSHA256.
func IsAlgorithm(v []byte) bool {
	if len(v) > 32 {
		return false
	}
	lower := bytes.ToLower(v)
	return ascii.Holds(lower, "hmacsha") || ascii.Holds(lower, "pbkdf2") || ascii.Holds(lower, "withrsa")
}

// IsPlainName tells the name of an object from a secret: db-creds, tls_cert.
func IsPlainName(v []byte) bool {
	return len(v) > 0 && keyname.IsName(bytes.ReplaceAll(v, []byte("-"), []byte("_"))) && !LikeSecret(v)
}

func IsLongRandom(word []byte) bool {
	const long = 20
	return len(word) >= long && IsRandom(word)
}

// IsOneTime tells a code of four to eight digits, also with a letter before them.
func IsOneTime(v []byte) bool {
	if len(v) > 2 && ascii.IsUpper(v[0]) && v[1] == '-' {
		v = v[2:]
	}
	return len(v) >= 4 && len(v) <= 8 && len(bytes.Trim(v, "0123456789")) == 0
}

// IsOddPassword tells what nobody writes in a sentence: capital and small letters, digits and another mark.
func IsOddPassword(v []byte) bool {
	return len(v) >= 6 && Mixed(v) && HoldsDigit(v) && bytes.ContainsAny(v, "!#$%&*+?@^~") && !IsReference(v)
}

// IsRandom tells a random word from a name with a number in it: x509_verify_v2.
func IsRandom(word []byte) bool {
	digits := 0
	for _, c := range word {
		if ascii.IsDigit(c) {
			digits++
		}
	}
	return LikeSecret(word) && (digits*7 >= len(word) || Mixed(word)) && !bytes.ContainsAny(word, "()/\\,")
}

func HoldsDigit(word []byte) bool { return bytes.ContainsAny(word, "0123456789") }

// Capitals is how many of them stand in a row, at most.
func Capitals(word []byte) int {
	most, row := 0, 0
	for _, c := range word {
		row++
		if !ascii.IsUpper(c) {
			row = 0
		}
		most = max(most, row)
	}
	return most
}

// HoldsLetter tells words from numbers.
func HoldsLetter(word []byte) bool {
	return bytes.ContainsFunc(word, unicode.IsLetter)
}

// Mixed tells upper and lower case in one word.
func Mixed(word []byte) bool {
	var upper, lower bool
	for _, c := range word {
		upper = upper || ascii.IsUpper(c)
		lower = lower || ascii.IsLower(c)
	}
	return upper && lower
}

// Mask is what stands where a secret was.
const Mask = "<masked>"

// Joint says how a value stands after its name.
type Joint int

const (
	Tight Joint = iota // password=x, "password": "x", password:x
	Loose              // password: x, password = x, where prose may stand as well
	Flag               // --password x
	Cell               // a row of a table, or words side by side
	Line               // a line holds nothing else: token = x
)

// IsLowerWord tells a word of small letters, as prose has.
func IsLowerWord(word []byte) bool {
	return len(word) > 0 && len(bytes.Trim(word, "abcdefghijklmnopqrstuvwxyz")) == 0
}

// IsUserinfo tells whether v is base64 of user:password.
func IsUserinfo(v []byte) bool {
	const most = 1 << 10
	if len(v) < 4 || len(v) > most {
		return false
	}
	plain, err := base64.RawStdEncoding.DecodeString(string(bytes.TrimRight(v, "=")))
	return err == nil && bytes.IndexByte(plain, ':') >= 0 && isPrintable(plain)
}

func isPrintable(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return r < 0x20 })
}

// IsLinkSecret tells the secret of a link from the name of a page: 16 letters and digits and more, without
// a file's ending.
func IsLinkSecret(part []byte) bool {
	const least = 16
	if len(part) < least {
		return false
	}
	if dot := bytes.LastIndexByte(part, '.'); dot >= 0 && ascii.Among(keyname.Suffixes, part[dot+1:]) {
		return false
	}
	return IsRandom(part) || len(part) >= 20 && Mixed(part) && LikeSecret(part)
}

// MaxValue bounds how far a value is read before deciding, lest a hostile line
// make every one of its names read on to its end.
const MaxValue = 160

// ProseWords follow "token: " and the like in messages.
var ProseWords = ascii.Words(`not is are was were must has have had required missing invalid incorrect expired failed
	failure wrong cannot could unable unset undefined empty ok on off error denied disabled
	enabled authentication and or for the a an to of in with from too none null nil true false
	yes no default unknown unauthorized forbidden basic bearer digest revoked rejected
	accepted refreshed created closed opened started ended found set provided given supplied
	changed updated deleted stored loaded when if unless while because as by it this that
	these those option options remains works used specified`)

// EmptyWords are values that say there is none.
var EmptyWords = ascii.Words(`none null nil true false undefined yes no "" '' *** ***** redacted [redacted] [filtered]
	<redacted> hidden masked ... {} [] {}, [],`)

// IsSecret tells whether the value v after a name of class c is to be masked.
func IsSecret(c keyname.Class, j Joint, v []byte) bool {
	if len(v) == 0 || string(v) == Mask {
		return false
	}
	if c != keyname.Long && c != keyname.Weak && len(v) >= MaxValue {
		return true
	}
	if ascii.Among(EmptyWords, v[:min(len(v), 16)]) || IsReference(v) {
		return false
	}
	prose := j != Tight && IsProse(v)
	switch c {
	case keyname.Strong:
		return !prose && !IsSecretName(v)
	case keyname.Pwd:
		return !prose && v[0] != '/' && v[0] != '~'
	case keyname.Code:
		return !prose && (IsCodeWord(v) || IsUpperCode(v) || LikeSecret(v))
	case keyname.Token, keyname.Cookie, keyname.Header:
		if prose || !bytes.ContainsFunc(v, isLetterOrDigit) || v[0] == '<' || IsShortNumber(v) || IsSecretName(v) {
			return false
		}
		return j == Tight || j == Flag || j == Line && !IsPredicate(v) || LikeSecret(v)
	case keyname.Weak:
		_, password, two := bytes.Cut(v, []byte(":"))
		return LikeSecret(v) || j == Tight && IsUserinfo(v) ||
			two && len(password) >= 6 && HoldsDigit(password) && Mixed(password)
	case keyname.Long:
		return (len(v) >= 16 || j == Flag && IsOddWord(v)) && LikeSecret(v) && !IsID(v) && !IsHex(v)
	}
	return false
}

// IsProse tells whether a value is a word of a message: "token: expired".
func IsProse(v []byte) bool {
	return ProseWords[ascii.Lowered(string(bytes.TrimRight(v[:min(len(v), 24)], ".,;:!")))]
}

// predicates say something of a secret and end in no way that tells them: the password is wrong.
var predicates = ascii.Words(`wrong bad short long weak strong blank same different ok good fine secret secure insecure
	public private plain plaintext cleartext there here present absent open zero null stale old new due ready kept read-only
	up down out full broken gone lost known taken written sent hex base64 utf-8 ascii text string number json yaml again
	now later first last today then who what why how where also only still already just too very longer shorter`)

// IsPredicate tells what a sentence says of a secret from the secret: expired, missing, too short. Of unknown words the
// endings tell.
func IsPredicate(v []byte) bool {
	v = bytes.TrimRight(v, ".,;:!?)")
	if IsProse(v) || ascii.Among(predicates, v) {
		return true
	}
	if !IsLowerWord(v) {
		return false
	}
	for _, ending := range []string{"ed", "ing", "able", "ible", "ly", "less", "ful", "tion", "ment", "ness", "ant",
		"ent", "ive",
		"al", "ory", "ous"} {
		if bytes.HasSuffix(v, []byte(ending)) {
			return true
		}
	}
	return false
}

// IsChance tells a word that chance has made: capital and small letters and digits change at every second place, which
// they do in no name.
func IsChance(word []byte) bool {
	var upper, lower, digit, changes int
	last := 0
	for _, c := range word {
		kind := 0
		switch {
		case ascii.IsUpper(c):
			upper++
			kind = 1
		case ascii.IsLower(c):
			lower++
			kind = 2
		case ascii.IsDigit(c):
			digit++
			kind = 3
		}
		if kind != last && kind > 0 && last > 0 {
			changes++
		}
		last = kind
	}
	const most, least = 24, 42 // bytes that a word has at least; changes in a hundred
	all := upper + lower + digit
	return all >= most && upper >= 3 && lower >= 3 && digit >= 1 && changes*100 >= all*least
}

// IsCodeWord tells a PIN or one-time password from other numbers: four to ten digits,
// or something random.
func IsCodeWord(v []byte) bool {
	digits := 0
	for _, c := range v {
		if ascii.IsDigit(c) {
			digits++
		}
	}
	return digits == len(v) && digits >= 4 && digits <= 10 || digits >= 2 && LikeSecret(v)
}

// IsUpperCode tells what people type from a letter or a screen: WDJB-MJHT.
func IsUpperCode(v []byte) bool {
	for _, c := range v {
		if !ascii.IsUpper(c) && !ascii.IsDigit(c) && c != '-' {
			return false
		}
	}
	return len(v) >= 8 && bytes.IndexByte(v, '-') > 0 || len(v) >= 5 && HoldsDigit(v) && HoldsLetter(v)
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// IsHex tells digests and ids of containers.
func IsHex(v []byte) bool {
	for _, c := range v {
		if ascii.HexDigit(c) < 0 {
			return false
		}
	}
	return true
}

// IsID tells the ids of things: UUIDs and names with a colon or a slash.
func IsID(v []byte) bool {
	uuid := len(v) == 36 && v[8] == '-' && v[13] == '-' && v[18] == '-'
	return uuid || ascii.Holds(v, ":") || bytes.Count(v, []byte("/")) > 1
}

// IsReference tells whether v names where the value comes from: $DB_PASSWORD,
// ${TOKEN:-x}, %s, {password}, ****.
func IsReference(v []byte) bool {
	switch {
	case len(bytes.Trim(v, "*")) == 0, string(v) == "%s", string(v) == "%r",
		bytes.HasPrefix(v, []byte("%(")) && bytes.HasSuffix(v, []byte(")s")):
		return true
	case v[0] == '{':
		return v[len(v)-1] == '}' && keyname.IsName(v[1:len(v)-1])
	case v[0] == '$':
		name := bytes.TrimLeft(v, "$")
		if len(name) > 2 && name[0] == '{' && name[len(name)-1] == '}' {
			return keyname.IsName(name[1 : len(name)-1])
		}
		return IsSecretName(name)
	}
	return false
}

// IsSecretName tells whether v is itself the name of a secret variable, as in
// "missing secret: DB_PASSWORD".
func IsSecretName(v []byte) bool {
	if !bytes.ContainsRune(v, '_') {
		return false
	}
	for _, c := range v {
		if !ascii.IsUpper(c) && c != '_' {
			return false
		}
	}
	return keyname.Of(v) != keyname.None
}

// IsShortNumber tells counts from codes: "tokens: 512".
func IsShortNumber(v []byte) bool {
	for _, c := range v {
		if !ascii.IsDigit(c) && c != '.' {
			return false
		}
	}
	return len(v) < 6
}

// LikeSecret tells whether v has the look of something random: eight bytes or
// more of the usual alphabets with letters and digits mixed, or a long run of
// mixed case. Hex addresses, paths, times and calls have not.
func LikeSecret(v []byte) bool {
	if len(v) < 8 || v[0] == '<' || v[0] == '/' || bytes.HasPrefix(v, []byte("0x")) || bytes.ContainsAny(v, "()[] ") {
		return false
	}
	var upper, lower, digit, other int
	for _, c := range v {
		switch {
		case ascii.IsUpper(c):
			upper++
		case ascii.IsLower(c):
			lower++
		case ascii.IsDigit(c):
			digit++
		default:
			other++
		}
	}
	letters := upper + lower
	switch {
	case other > len(v)/3 || letters == 0:
		return false
	case digit >= 2 && letters >= 2:
		return true
	}
	return len(v) >= 20 && upper >= 3 && lower >= 3 && other <= 3
}

// notUserWords stand before a colon in lines that tell something, and are no user's name.
var notUserWords = ascii.Words(`error errors warning warn info debug level status code time date type reason method path
	host port line id name key value cursor offset version module class service server client request response message
	result state event source target url uri sha256 sha512 md5 sha1`)

// IsUserLike tells what may be a user's name from the words of a message.
func IsUserLike(name []byte) bool { return !ascii.Among(notUserWords, name) && HoldsLetter(name) }
