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
	var room [3]argument
	args := p.arguments(room[:], at, at+maxArguments)
	if len(args) < 3 || !args[1].quoted || !args[2].quoted || args[2].end == args[2].v {
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
	var room [maxPlaces]argument
	if c.place == anyPlace {
		return p.randomArguments(p.arguments(room[:], at+n, at+n+maxArguments), at)
	}
	most := max(c.place, c.least)
	args := p.arguments(room[:most], at+n, at+n+maxArguments)
	if len(args) < most {
		return at
	}
	a := args[c.place-1]
	if v := p.text[a.v:a.end]; !a.quoted || len(v) == 0 || isReference(v) || among(emptyWords, v) {
		return at
	}
	p.mask(a.v, a.end, KindKeyValue)
	return at + n
}

// randomArguments masks those that are long and random.
func (p *pass) randomArguments(args []argument, at int) int {
	next := at
	for _, a := range args {
		if v := p.text[a.v:a.end]; a.quoted && isLongRandom(v) && !isHex(v) {
			p.mask(a.v, a.end, KindKeyValue)
			next = a.end
		}
	}
	return next
}

// argument is one of a call: what is between its quotes, or all of it.
type argument struct {
	v, end int
	quoted bool
}

// arguments reads the arguments of a call by place: up to the first that has a name, and without numbers. It reads as
// many as there is room for.
func (p *pass) arguments(room []argument, i, limit int) []argument {
	limit = min(p.end, limit)
	n := 0
	for n < len(room) {
		v := p.skipBlanks(i)
		if v >= limit {
			break
		}
		a, stop, named := p.argument(v, limit)
		word := bytes.TrimSpace(p.text[a.v:a.end])
		if named || len(word) == 0 && !a.quoted {
			break
		}
		if a.quoted || !isNumber(word) {
			room[n] = a
			n++
		}
		if !p.hasAt(stop, ",") {
			break
		}
		i = stop + 1
	}
	return room[:n]
}

// argument reads the one that begins at v: where it stops, and whether it is one by name (port=3).
func (p *pass) argument(v, limit int) (a argument, stop int, named bool) {
	a.v = v
	end := v
	if q := p.stringPrefix(v); q < limit {
		if g := p.at(q); isQuote(g.c) {
			a.quoted, a.v = true, q+g.n
			a.end = p.quotedEnd(a.v, limit, g)
			end = min(limit, a.end+g.n)
		}
	}
	stop, named = p.argumentStop(end, limit)
	if !a.quoted {
		a.end = stop
	}
	return a, stop, named
}

func isNumber(word []byte) bool {
	for _, c := range word {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// shortArgument is how far an argument is followed before it is worth knowing where those behind it end, too.
const shortArgument = 64

// argumentStop is where an argument ends, and whether it is one by name.
func (p *pass) argumentStop(i, limit int) (end int, named bool) {
	if !p.ends.holds(i, limit) {
		near := min(limit, i+shortArgument)
		if end, named = p.followArgument(i, near); end < near || near == limit {
			return end, named
		}
		p.ends.read(p.text, i)
		p.m.work += len(p.ends.at)
	}
	at := p.ends.at[i-p.ends.from]
	end = min(limit, p.ends.from+int(at.argument))
	return end, p.ends.from+int(at.equals) < end
}

// followArgument reads an argument byte by byte.
func (p *pass) followArgument(i, limit int) (end int, named bool) {
	depth, from := 0, i
	for ; i < limit; i++ {
		switch c := p.text[i]; {
		case c == '(' || c == '[' || c == '{':
			depth++
		case (c == ')' || c == ']' || c == '}') && depth > 0:
			depth--
		case depth == 0 && (c == ',' || c == ')' || c == ']' || c == '}' || c == ';'):
			p.m.work += i - from
			return i, named
		case c == '=' && depth == 0:
			named = true
		}
	}
	p.m.work += limit - from
	return limit, named
}
