package redact

// calls are functions that take a secret by its place, as stack traces of PHP and
// debuggers of other languages print them: which of the quoted arguments it is.
//
//	#0 /app/db.php(3): mysqli_connect('db', 'root', 'hunter2', 'shop')
var calls = []struct {
	name  string
	place int
}{
	{"mysqli_connect(", 3}, {"mysql_connect(", 3}, {"mysqli->__construct(", 3}, {"new mysqli(", 3},
	{"pdo->__construct(", 3}, {"pdo::__construct(", 3}, {"new pdo(", 3}, {"new sequelize(", 3},
	{"ldap_bind(", 3}, {"ftp_login(", 3}, {"imap_open(", 3}, {"ssh2_auth_password(", 2}, {"pymysql.connect(", 3},
	{"login(", 2}, {".auth(", 2}, {"basicauth(", 2}, {"digestauth(", 2}, {"crypt(", 1},
	{"password_verify(", 1}, {"password_hash(", 1}, {"check_password(", 1}, {"verify_password(", 1}, {"hashpw(", 1},
}

func callLiterals() []literal {
	var list []literal
	for _, c := range calls {
		list = append(list, literal{c.name, callRule(c.place)})
	}
	return list
}

// maxArguments bounds the arguments of a call, in bytes.
const maxArguments = 512

// callRule masks the quoted argument at a place, counted from one.
func callRule(place int) rule {
	return func(p *pass, at, n int) int {
		limit := min(p.end, at+n+maxArguments)
		for i, seen := at+n, 0; i < limit; {
			g := p.at(i)
			switch {
			case isQuote(g.c):
				end := p.quotedEnd(i+g.n, limit, g)
				if seen++; seen == place && !isReference(p.text[i+g.n:end]) {
					p.mask(i+g.n, end, KindKeyValue)
					return at + n
				}
				i = end + g.n
			case g.c == ',', isBlank(g.c), isAlnum(g.c), g.c == '_', g.c == '.':
				i += g.n
			default:
				return at + n // a named argument, a bracket: not by place
			}
		}
		return at + n
	}
}
