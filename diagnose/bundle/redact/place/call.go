package place

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// call is a kind of function that takes a secret by its place, as source lines, stack traces and debuggers show it:
//
//	#0 /app/db.php(3): mysqli_connect('db', 'root', 'hunter2', 'shop')
//	pika.PlainCredentials('user', 'hunter2')
type call struct {
	name  string // how the function's name ends, with its bracket
	place int    // which argument the secret is, counted from one
	least int    // how many arguments there must be; 0 = as many as place
}

// addressRule masks the third of three texts of which the first is the address of a service, whatever takes them: an
// address, a user and a password.
func addressRule(p *page.Page, at, n int) int {
	var room [3]glyph.Argument
	args := p.Arguments(room[:], at, at+glyph.MaxArguments)
	if len(args) < 3 || !args[1].Quoted || !args[2].Quoted || args[2].End == args[2].V ||
		p.IsName(min(p.End, args[1].End+1)) { // {"server":"mqtt://m","user":"z"
		return at
	}
	p.Mask(args[2].V, args[2].End, page.KindKeyValue)
	return args[2].End
}

// anyPlace is the place of secrets that are known by their look alone: long and random.
const anyPlace = 0

// calls are the ends of names, since the order of arguments follows from what a function does and not from who wrote
// it: what logs in takes a user and a password, what connects takes an address before them. Of those that begin with
// the same literal the first that finds something acts.
var calls = []call{
	// user, password
	{"login(", 2, 0}, {"logon(", 2, 0}, {"signin(", 2, 0}, {"sign_in(", 2, 0}, {"authenticate(", 2, 0},
	{"auth(", 2, 0}, {"attempt(", 2, 0}, {"credentials(", 2, 0}, {"credential(", 2, 0}, {"auth_password(", 2, 0},
	{"passwordtoken(", 2, 0}, {"authenticationtoken(", 2, 0}, {"authentication(", 2, 0}, {"authtokens.basic(", 2, 0},
	{"bind_s(", 2, 0}, {"simple_bind(", 2, 0}, {"usernamepassword(", 2, 0},
	{"userinfo(", 2, 0}, {"userpassword(", 2, 0}, {"username_pw_set(", 2, 0},
	// Oracle's drivers: user, password, address
	{"oracle.connect(", 2, 3}, {"oracledb.connect(", 2, 3},
	// address, user, password
	{"connect(", 3, 0}, {"connection(", 3, 0}, {"mysqli->__construct(", 3, 0}, {"new mysqli(", 3, 0},
	{"pdo->__construct(", 3, 0}, {"pdo::__construct(", 3, 0}, {"new pdo(", 3, 0}, {"new sequelize(", 3, 0},
	{"ldap_bind(", 3, 0}, {"ldap_simple_bind(", 3, 0}, {"ldap_simple_bind_s(", 3, 0},
	{"ldap_bind_s(", 3, 0}, {"ftp_login(", 3, 0}, {"imap_open(", 3, 0}, {"ftp(", 3, 0}, {"ftp_tls(", 3, 0},
	{"ssh2_auth_password(", 3, 0}, {"open_connection(", 3, 0}, {"dial(", 3, 0}, {"plainauth(", 3, 0},
	// the functions of SQL that read from elsewhere
	{"s3(", 3, 0}, {"mysql(", 5, 0}, {"postgresql(", 5, 0}, {"remote(", 5, 0}, {"remotesecure(", 5, 0}, {"mongodb(", 5, 0},
	{"crypt(", 1, 2},
	// what, with which key
	{"jwt.verify(", 2, 0}, {"jwt.sign(", 2, 0}, {"jwt.encode(", 2, 0}, {"jwt.decode(", 2, 0}, {"createhmac(", 2, 0},
	{"createcipheriv(", 2, 0}, {"createdecipheriv(", 2, 0}, {"pbkdf2_hmac(", 2, 0}, {"hash_hmac(", 3, 0},
	{"pgp_sym_encrypt(", 2, 0}, {"pgp_sym_decrypt(", 2, 0}, {"aes_encrypt(", 2, 0}, {"aes_decrypt(", 2, 0},
	{"hmac(", 2, 0},
	// what speaks to a service
	{"client(", anyPlace, 0}, {"gateway(", anyPlace, 0}, {"api(", anyPlace, 0}, {"session(", anyPlace, 0},
	{"provider(", anyPlace, 0}, {"configure(", anyPlace, 0},
	// the secret first
	{"bcrypt.compare(", 1, 0}, {"comparesync(", 1, 0}, {"bcrypt.hash(", 1, 0}, {"hashsync(", 1, 0},
	{"crypt(", 1, 0}, {"password_verify(", 1, 0}, {"password_hash(", 1, 0}, {"check_password(", 1, 0},
	{"verify_password(", 1, 0}, {"hashpw(", 1, 0}, {"fernet(", 1, 0}, {"aes.new(", 1, 0}, {"aesgcm(", 1, 0},
	{"secretbox(", 1, 0},
	{"chacha20poly1305(", 1, 0}, {"hmac.new(", 1, 0}, {"serializer(", 1, 0}, {"secretkeyspec(", 1, 0},
}

// callLiterals are the names of functions and the addresses that they take.
func callLiterals() []literal {
	var list []literal
	for _, c := range calls {
		list = append(list, literal{c.name, c.rule})
	}
	list = append(list, literal{"auth(", aloneRule})
	for _, quote := range []string{`"`, "'"} {
		for _, address := range []string{"jdbc:", "ldap://", "ldaps://", "mqtt://", "amqp://", "mysql:host="} {
			list = append(list, literal{quote + address, addressRule})
		}
	}
	return list
}

// maxPlaces is how many arguments of a call are read.
const maxPlaces = 8

// rule masks the argument at the call's place, where it is a quoted text. A port before the user counts for nothing.
func (c call) rule(p *page.Page, at, n int) int {
	var room [maxPlaces]glyph.Argument
	if c.place == anyPlace {
		return randomArguments(p, p.Arguments(room[:], at+n, at+n+glyph.MaxArguments), at)
	}
	most := max(c.place, c.least)
	args := p.Arguments(room[:most], at+n, at+n+glyph.MaxArguments)
	if len(args) < most {
		return at
	}
	a := args[c.place-1]
	if v := p.Text[a.V:a.End]; !a.Quoted || len(v) == 0 || look.IsReference(v) || ascii.Among(look.EmptyWords, v) {
		return at
	}
	p.Mask(a.V, a.End, page.KindKeyValue)
	return at + n
}

// aloneRule masks the only argument of auth("x"), which is no word: redis' clients log in so.
func aloneRule(p *page.Page, at, n int) int {
	var room [2]glyph.Argument
	args := p.Arguments(room[:], at+n, at+n+glyph.MaxArguments)
	if len(args) != 1 || !args[0].Quoted {
		return at
	}
	v := p.Text[args[0].V:args[0].End]
	if len(v) < 6 || !look.IsOddWord(v) && bytes.IndexByte(v, '-') < 0 || look.IsReference(v) {
		return at
	}
	p.Mask(args[0].V, args[0].End, page.KindKeyValue)
	return at + n
}

// randomArguments masks those that are long and random.
func randomArguments(p *page.Page, args []glyph.Argument, at int) int {
	next := at
	for _, a := range args {
		if v := p.Text[a.V:a.End]; a.Quoted && look.IsLongRandom(v) && !look.IsHex(v) {
			p.Mask(a.V, a.End, page.KindKeyValue)
			next = a.End
		}
	}
	return next
}
