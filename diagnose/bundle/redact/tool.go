package redact

// tool is a program that takes a secret where no name tells it: behind a flag of one
// letter, or as an argument by its place.
type tool struct {
	name     string   // how it begins; with a blank at its end, all of it
	apart    []string // flags whose secret is the next word
	attached []string // flags whose secret is glued to them: mysql -pX
	pair     []string // flags whose next word is user:password
	colon    string   // what parts the two; "" = a colon
	after    []string // a word after which the secret is the last of `count` words
	cluster  string   // a letter that, in a cluster of flags, does as `after`: htpasswd -nbB
	clusters bool     // flags of one letter may stand in one word: curl -fsSu
	count    int      // how many words follow, of which the last is the secret
	last     int      // how many of the last; 0 = one
	places   []int    // which of the words that are no flags are secrets, counted from one
}

// one is a list of one flag.
func one(flag string) []string { return []string{flag} }

// tools follows the manuals of the programs (man 1, or what --help prints). Long flags that say what they take
// (--password, --src-creds) need no entry.
var tools = []tool{
	// Databases and stores.
	{name: "redis-cli", apart: one("-a")},
	{name: "redis-benchmark", apart: one("-a")},
	{name: "valkey-cli", apart: one("-a")},
	{name: "keydb-cli", apart: one("-a")},
	{name: "mysql", attached: one("-p")},
	{name: "mariadb", attached: one("-p")},
	{name: "mycli", apart: one("-p"), attached: one("-p")},
	{name: "mydumper", apart: one("-p"), attached: one("-p")},
	{name: "myloader", apart: one("-p"), attached: one("-p")},
	{name: "xtrabackup", attached: one("-p")},
	{name: "mongo", apart: one("-p"), attached: one("-p")},
	{name: "bsondump", apart: one("-p")},
	{name: "sqlcmd", apart: one("-P"), attached: one("-P")},
	{name: "bcp ", apart: one("-P"), attached: one("-P")},
	{name: "tsql", apart: one("-P"), attached: one("-P")},
	{name: "osql", apart: one("-P"), attached: one("-P")},
	{name: "fisql", apart: one("-P"), attached: one("-P")},
	{name: "isql", apart: one("-P"), attached: one("-P"), places: []int{3}}, // Sybase's flag; unixODBC's DSN user password
	{name: "iusql", places: []int{3}},
	{name: "isql-fb", apart: []string{"-p", "-pass"}},
	{name: "gbak", apart: []string{"-p", "-pas"}},
	{name: "db2 ", after: one("using"), count: 1},
	{name: "cqlsh", apart: one("-p")},
	{name: "nodetool", apart: one("-pw")},
	{name: "influx", apart: one("-password")},
	{name: "cypher-shell", apart: one("-p")},
	{name: "arangosh", apart: one("--server.password")},
	{name: "beeline", apart: one("-p")},
	{name: "vsql", apart: one("-w")},
	{name: "bteq", apart: one("-p")},
	{name: "sqlplus", pair: one(""), colon: "/"},
	{name: "rman ", pair: []string{"target", "catalog"}, colon: "/"},
	{name: "expdp", pair: one(""), colon: "/"},
	{name: "impdp", pair: one(""), colon: "/"},
	{name: "sqlldr", pair: one(""), colon: "/"},
	{name: "etcdctl", pair: []string{"--user", "-u"}},
	{name: "couchbase-cli", apart: one("-p")},
	{name: "cbq ", apart: one("-p")},
	{name: "ksql", apart: one("-p")},
	// Brokers.
	{name: "rabbitmqctl", after: []string{"add_user", "change_password", "authenticate_user"}, count: 2},
	{name: "rabbitmqadmin", apart: one("-p")},
	{name: "mosquitto_passwd", cluster: "b", count: 3},
	{name: "mosquitto_", apart: []string{"-P", "--pw"}},
	{name: "mqttx", apart: one("-P")},
	{name: "amqp-", apart: one("-p")},
	// HTTP and file transfer.
	{name: "curl", pair: []string{"-u", "--user", "-U", "--proxy-user", "-E", "--cert"}, attached: one("-u"),
		apart: []string{"-b", "--cookie", "--oauth2-bearer"}, clusters: true},
	{name: "http ", pair: []string{"-a", "--auth"}},
	{name: "https ", pair: []string{"-a", "--auth"}},
	{name: "xh ", pair: []string{"-a", "--auth"}},
	{name: "hey ", pair: one("-a")},
	{name: "ab ", pair: []string{"-A", "-P"}, apart: one("-C")},
	{name: "ncat", pair: one("--proxy-auth")},
	{name: "lftp", pair: []string{"-u", "--user"}, colon: ","},
	{name: "ncftp", apart: one("-p")},
	{name: "aria2c", apart: []string{"--http-passwd", "--ftp-passwd"}},
	{name: "smbclient", pair: []string{"-U", "--user"}, colon: "%"},
	{name: "smbmap", apart: one("-p")},
	{name: "rpcclient", pair: []string{"-U", "--user"}, colon: "%"},
	{name: "smbget", pair: []string{"-U", "--user"}, colon: "%"},
	{name: "net ", pair: []string{"-U", "--user"}, colon: "%"},
	{name: "mc ", after: one("set"), count: 4, last: 2},
	{name: "rclone", after: one("obscure"), count: 1},
	{name: "swaks", apart: []string{"-ap", "--ap"}},
	{name: "ldap", apart: []string{"-w", "-y", "-s", "-a"}, attached: one("-w")},
	// Registries, clouds and secrets.
	{name: "docker", after: one("login"), apart: one("-p")},
	{name: "podman", after: one("login"), apart: one("-p")},
	{name: "nerdctl", after: one("login"), apart: one("-p")},
	{name: "buildah", after: one("login"), apart: one("-p")},
	{name: "skopeo", after: one("login"), apart: one("-p")},
	{name: "crane", after: one("login"), apart: one("-p")},
	{name: "oras ", after: one("login"), apart: one("-p")},
	{name: "helm", after: one("login"), apart: one("-p")},
	{name: "oc ", after: one("login"), apart: one("-p")},
	{name: "cf ", after: []string{"login", "auth"}, apart: one("-p")},
	{name: "az ", after: one("login"), apart: one("-p")},
	{name: "twine", apart: one("-p")},
	{name: "flit ", apart: one("-p")},
	{name: "nuget", apart: []string{"-Password", "-ApiKey"}},
	{name: "poetry ", after: one("config"), count: 3}, // config http-basic.NAME user password
	{name: "composer ", after: one("config"), count: 3},
	{name: "vault ", after: one("login"), count: 1},
	{name: "aws ", after: []string{"aws_secret_access_key", "aws_session_token"}, count: 1},
	{name: "doctl ", apart: one("-t")},
	{name: "ngrok ", after: []string{"authtoken", "add-authtoken"}, count: 1},
	// Keys and archives.
	{name: "openssl", apart: []string{"-k", "-K", "-passin", "-passout", "-pass"}},
	{name: "ssh-keygen", apart: []string{"-N", "-P"}},
	{name: "sshpass", apart: one("-p"), attached: one("-p")},
	{name: "plink", apart: one("-pw")},
	{name: "pscp", apart: one("-pw")},
	{name: "psftp", apart: one("-pw")},
	{name: "zip ", apart: []string{"-P", "--password"}, clusters: true},
	{name: "unzip", apart: one("-P"), clusters: true},
	{name: "7z ", attached: one("-p")},
	{name: "7za", attached: one("-p")},
	{name: "7zr", attached: one("-p")},
	{name: "7zz", attached: one("-p")},
	{name: "rar ", attached: []string{"-hp", "-p"}},
	{name: "unrar", attached: []string{"-hp", "-p"}},
	{name: "pdftk", after: []string{"user_pw", "owner_pw", "input_pw"}, count: 1},
	{name: "pdftotext", apart: []string{"-upw", "-opw"}},
	{name: "security ", after: []string{"unlock-keychain", "set-key-partition-list"}, apart: []string{"-p", "-k"}},
	{name: "htpasswd", cluster: "b", count: 3},
	{name: "htdbm", cluster: "b", count: 3},
	// Accounts, machines and networks.
	{name: "useradd", apart: one("-p")},
	{name: "usermod", apart: one("-p")},
	{name: "groupadd", apart: one("-p")},
	{name: "kadmin", apart: []string{"-w", "-pw"}},
	{name: "snmp", apart: []string{"-A", "-X", "-c"}},
	{name: "ipmitool", apart: one("-P")},
	{name: "radtest", places: []int{2, 5}}, // user password server port secret
	{name: "xfreerdp", attached: one("/p:")},
	{name: "rdesktop", apart: one("-p")},
	{name: "x11vnc", apart: one("-passwd")},
	{name: "hydra", apart: one("-p")},
	{name: "evil-winrm", apart: one("-p")},
	{name: "crackmapexec", apart: one("-p")},
	{name: "wpa_passphrase", places: []int{2}},
}
