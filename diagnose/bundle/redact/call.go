package redact

import "bytes"

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
func addressRule(p *pass, at, n int) int {
	args := p.arguments(at, min(p.end, at+maxArguments))
	if len(args) < 3 || args[1].quote.n == 0 || args[2].quote.n == 0 || args[2].end == args[2].v {
		return at
	}
	p.mask(args[2].v, args[2].end, KindKeyValue)
	return args[2].end
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
	{"s3(", 3, 0}, {"mysql(", 5, 0}, {"postgresql(", 5, 0},
	// what, with which key
	{"jwt.verify(", 2, 0}, {"jwt.sign(", 2, 0}, {"jwt.encode(", 2, 0}, {"jwt.decode(", 2, 0}, {"createhmac(", 2, 0},
	{"createcipheriv(", 2, 0}, {"createdecipheriv(", 2, 0}, {"pbkdf2_hmac(", 2, 0}, {"hash_hmac(", 3, 0},
	{"pgp_sym_encrypt(", 2, 0}, {"pgp_sym_decrypt(", 2, 0}, {"aes_encrypt(", 2, 0}, {"aes_decrypt(", 2, 0},
	{"hmac(", 2, 0},
	// what speaks to a service
	{"client(", anyPlace, 0}, {"gateway(", anyPlace, 0}, {"api(", anyPlace, 0}, {"session(", anyPlace, 0},
	{"provider(", anyPlace, 0}, {"configure(", anyPlace, 0},
	// the secret first
	{"crypt(", 1, 0}, {"password_verify(", 1, 0}, {"password_hash(", 1, 0}, {"check_password(", 1, 0},
	{"verify_password(", 1, 0}, {"hashpw(", 1, 0}, {"fernet(", 1, 0}, {"aes.new(", 1, 0}, {"aesgcm(", 1, 0},
	{"secretbox(", 1, 0},
	{"chacha20poly1305(", 1, 0}, {"hmac.new(", 1, 0}, {"serializer(", 1, 0}, {"secretkeyspec(", 1, 0},
}

func callLiterals() []literal {
	var list []literal
	for _, c := range calls {
		list = append(list, literal{c.name, c.rule})
	}
	for _, quote := range []string{`"`, "'"} {
		for _, address := range []string{"jdbc:", "ldap://", "ldaps://", "mqtt://", "amqp://", "mysql:host="} {
			list = append(list, literal{quote + address, addressRule})
		}
	}
	return list
}

// Limits of the arguments of a call that are read: bytes, and how many.
const (
	maxArguments = 512
	maxPlaces    = 8
)

// rule masks the argument at the call's place, where it is a quoted text. A port before the user counts for nothing.
func (c call) rule(p *pass, at, n int) int {
	args := p.arguments(at+n, min(p.end, at+n+maxArguments))
	if c.place == anyPlace {
		return p.randomArguments(args, at)
	}
	if len(args) < max(c.place, c.least) {
		return at
	}
	f := &args[c.place-1]
	if v := p.text[f.v:f.end]; f.quote.n == 0 || len(v) == 0 || isReference(v) || emptyWords[lowered(string(v))] {
		return at
	}
	p.mask(f.v, f.end, KindKeyValue)
	return at + n
}

// randomArguments masks those that are long and random.
func (p *pass) randomArguments(args []found, at int) int {
	next := at
	for _, f := range args {
		if f.quote.n > 0 && isLongRandom(p.text[f.v:f.end]) && !isHex(p.text[f.v:f.end]) {
			p.mask(f.v, f.end, KindKeyValue)
			next = f.end
		}
	}
	return next
}

// arguments reads the arguments of a call by place: up to the first that has a name, and without numbers.
func (p *pass) arguments(i, limit int) []found {
	var list []found
	for len(list) < maxPlaces {
		f := found{v: p.skipBlanks(i)}
		if f.v >= limit {
			return list
		}
		end := f.v
		if q := p.stringPrefix(f.v); q < limit && isQuote(p.at(q).c) {
			f.quote, f.v = p.at(q), q+p.at(q).n
			f.end = p.quotedEnd(f.v, limit, f.quote)
			end = min(limit, f.end+f.quote.n)
		}
		stop, named := p.argumentStop(end, limit)
		if f.quote.n == 0 {
			f.end = stop
		}
		if word := bytes.TrimSpace(p.text[f.v:f.end]); named || len(word) == 0 && f.quote.n == 0 {
			return list
		} else if f.quote.n > 0 || len(bytes.Trim(word, "0123456789")) > 0 {
			list = append(list, f)
		}
		if !p.hasAt(stop, ",") {
			return list
		}
		i = stop + 1
	}
	return list
}

// argumentStop is where an argument ends, and whether it is one by name: port=3.
func (p *pass) argumentStop(i, limit int) (end int, named bool) {
	depth, from := 0, i
	defer func() { p.m.work += end - from }()
	for ; i < limit; i++ {
		switch c := p.text[i]; {
		case c == '(' || c == '[' || c == '{':
			depth++
		case (c == ')' || c == ']' || c == '}') && depth > 0:
			depth--
		case depth == 0 && (c == ',' || c == ')' || c == ']' || c == '}' || c == ';'):
			return i, named
		case c == '=' && depth == 0:
			named = true
		}
	}
	return limit, named
}
