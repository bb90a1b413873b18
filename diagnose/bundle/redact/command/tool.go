package command

// Tool is a program that takes a secret where no name tells it: behind a flag of one
// letter, or as an argument by its place.
type Tool struct {
	Name     string   // how it begins; with a blank at its end, all of it
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

// Tools follows the manuals of the programs (man 1, or what --help prints). Long flags that say what they take
// (--password, --src-creds) need no entry.
var Tools = []Tool{
	// Databases and stores.
	{Name: "redis-cli", apart: one("-a")},
	{Name: "redis-benchmark", apart: one("-a")},
	{Name: "valkey-cli", apart: one("-a")},
	{Name: "keydb-cli", apart: one("-a")},
	{Name: "mysql", attached: one("-p")},
	{Name: "mariadb", attached: one("-p")},
	{Name: "mycli", apart: one("-p"), attached: one("-p")},
	{Name: "mydumper", apart: one("-p"), attached: one("-p")},
	{Name: "myloader", apart: one("-p"), attached: one("-p")},
	{Name: "xtrabackup", attached: one("-p")},
	{Name: "mongo", apart: one("-p"), attached: one("-p")},
	{Name: "bsondump", apart: one("-p")},
	{Name: "sqlcmd", apart: one("-P"), attached: one("-P")},
	{Name: "bcp ", apart: one("-P"), attached: one("-P")},
	{Name: "tsql", apart: one("-P"), attached: one("-P")},
	{Name: "osql", apart: one("-P"), attached: one("-P")},
	{Name: "fisql", apart: one("-P"), attached: one("-P")},
	{Name: "isql", apart: one("-P"), attached: one("-P"), places: []int{3}}, // Sybase's flag; unixODBC's DSN user password
	{Name: "iusql", places: []int{3}},
	{Name: "isql-fb", apart: []string{"-p", "-pass"}},
	{Name: "gbak", apart: []string{"-p", "-pas"}},
	{Name: "db2 ", after: one("using"), count: 1},
	{Name: "cqlsh", apart: one("-p")},
	{Name: "nodetool", apart: one("-pw")},
	{Name: "influx", apart: one("-password")},
	{Name: "cypher-shell", apart: one("-p")},
	{Name: "arangosh", apart: one("--server.password")},
	{Name: "beeline", apart: one("-p")},
	{Name: "vsql", apart: one("-w")},
	{Name: "bteq", apart: one("-p")},
	{Name: "sqlplus", pair: one(""), colon: "/"},
	{Name: "rman ", pair: []string{"target", "catalog"}, colon: "/"},
	{Name: "expdp", pair: one(""), colon: "/"},
	{Name: "impdp", pair: one(""), colon: "/"},
	{Name: "sqlldr", pair: one(""), colon: "/"},
	{Name: "etcdctl", pair: []string{"--user", "-u"}},
	{Name: "couchbase-cli", apart: one("-p")},
	{Name: "cbq ", apart: one("-p")},
	{Name: "ksql", apart: one("-p")},
	// Brokers.
	{Name: "rabbitmqctl", after: []string{"add_user", "change_password", "authenticate_user"}, count: 2},
	{Name: "rabbitmqadmin", apart: one("-p")},
	{Name: "mosquitto_passwd", cluster: "b", count: 3},
	{Name: "ejabberdctl", after: one("register"), count: 3},
	{Name: "mosquitto_", apart: []string{"-P", "--pw"}},
	{Name: "mqttx", apart: one("-P")},
	{Name: "amqp-", apart: one("-p")},
	// HTTP and file transfer.
	{Name: "curl", pair: []string{"-u", "--user", "-U", "--proxy-user", "-E", "--cert"}, attached: one("-u"),
		apart: []string{"-b", "--cookie", "--oauth2-bearer"}, clusters: true},
	{Name: "http ", pair: []string{"-a", "--auth"}},
	{Name: "https ", pair: []string{"-a", "--auth"}},
	{Name: "xh ", pair: []string{"-a", "--auth"}},
	{Name: "hey ", pair: one("-a")},
	{Name: "ab ", pair: []string{"-A", "-P"}, apart: one("-C")},
	{Name: "ncat", pair: one("--proxy-auth")},
	{Name: "lftp", pair: []string{"-u", "--user"}, colon: ","},
	{Name: "ncftp", apart: one("-p")},
	{Name: "aria2c", apart: []string{"--http-passwd", "--ftp-passwd"}},
	{Name: "smbclient", pair: []string{"-U", "--user"}, colon: "%"},
	{Name: "smbmap", apart: one("-p")},
	{Name: "rpcclient", pair: []string{"-U", "--user"}, colon: "%"},
	{Name: "smbget", pair: []string{"-U", "--user"}, colon: "%"},
	{Name: "net ", pair: []string{"-U", "--user"}, colon: "%"},
	{Name: "mc ", after: one("set"), count: 4, last: 2},
	{Name: "rclone", after: one("obscure"), count: 1},
	{Name: "swaks", apart: []string{"-ap", "--ap"}},
	{Name: "ldap", apart: []string{"-w", "-y", "-s", "-a"}, attached: one("-w")},
	// Registries, clouds and secrets.
	{Name: "docker", after: one("login"), apart: one("-p")},
	{Name: "podman", after: one("login"), apart: one("-p")},
	{Name: "nerdctl", after: one("login"), apart: one("-p")},
	{Name: "buildah", after: one("login"), apart: one("-p")},
	{Name: "skopeo", after: one("login"), apart: one("-p")},
	{Name: "crane", after: one("login"), apart: one("-p")},
	{Name: "oras ", after: one("login"), apart: one("-p")},
	{Name: "helm", after: one("login"), apart: one("-p")},
	{Name: "oc ", after: one("login"), apart: one("-p")},
	{Name: "cf ", after: []string{"login", "auth"}, apart: one("-p")},
	{Name: "az ", after: one("login"), apart: one("-p")},
	{Name: "cargo ", after: one("login"), count: 1},
	{Name: "twine", apart: one("-p")},
	{Name: "flit ", apart: one("-p")},
	{Name: "nuget", apart: []string{"-Password", "-ApiKey", "-k"}},
	{Name: "poetry ", after: one("config"), count: 3}, // config http-basic.NAME user password
	{Name: "composer ", after: one("config"), count: 3},
	{Name: "vault ", after: one("login"), count: 1},
	{Name: "aws ", after: []string{"aws_secret_access_key", "aws_session_token"}, count: 1},
	{Name: "doctl ", apart: one("-t")},
	{Name: "ngrok ", after: []string{"authtoken", "add-authtoken"}, count: 1},
	// Keys and archives.
	{Name: "openssl", apart: []string{"-k", "-K", "-passin", "-passout", "-pass"}},
	{Name: "ssh-keygen", apart: []string{"-N", "-P"}},
	{Name: "sshpass", apart: one("-p"), attached: one("-p")},
	{Name: "plink", apart: one("-pw")},
	{Name: "pscp", apart: one("-pw")},
	{Name: "psftp", apart: one("-pw")},
	{Name: "zip ", apart: []string{"-P", "--password"}, clusters: true},
	{Name: "unzip", apart: one("-P"), clusters: true},
	{Name: "7z ", attached: one("-p")},
	{Name: "7za", attached: one("-p")},
	{Name: "7zr", attached: one("-p")},
	{Name: "7zz", attached: one("-p")},
	{Name: "rar ", attached: []string{"-hp", "-p"}},
	{Name: "unrar", attached: []string{"-hp", "-p"}},
	{Name: "pdftk", after: []string{"user_pw", "owner_pw", "input_pw"}, count: 1},
	{Name: "pdftotext", apart: []string{"-upw", "-opw"}},
	{Name: "security ", after: []string{"unlock-keychain", "set-key-partition-list"}, apart: []string{"-p", "-k"}},
	{Name: "htpasswd", cluster: "b", count: 3},
	{Name: "htdbm", cluster: "b", count: 3},
	// Accounts, machines and networks.
	{Name: "ipa-", apart: []string{"-w", "-a"}},
	{Name: "wbinfo", pair: one("-a"), colon: "%"},
	{Name: "useradd", apart: one("-p")},
	{Name: "usermod", apart: one("-p")},
	{Name: "groupadd", apart: one("-p")},
	{Name: "kadmin", apart: []string{"-w", "-pw"}},
	{Name: "snmp", apart: []string{"-A", "-X", "-c"}},
	{Name: "ipmitool", apart: one("-P")},
	{Name: "radtest", places: []int{2, 5}}, // user password server port secret
	{Name: "xfreerdp", attached: one("/p:")},
	{Name: "rdesktop", apart: one("-p")},
	{Name: "x11vnc", apart: one("-passwd")},
	{Name: "hydra", apart: one("-p")},
	{Name: "evil-winrm", apart: one("-p")},
	{Name: "crackmapexec", apart: one("-p")},
	{Name: "wpa_passphrase", places: []int{2}},
	{Name: "schtasks", apart: []string{"/rp", "/RP", "/p", "/P"}},
	{Name: "signtool", apart: []string{"/p", "/P"}},
	{Name: "doveadm", after: []string{"test"}, count: 2},
	{Name: "pulumi ", after: one("--secret"), count: 2}, // config set --secret NAME x
	{Name: "bw ", after: []string{"unlock"}, count: 1},
}
