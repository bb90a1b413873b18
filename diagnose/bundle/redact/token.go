package redact

import (
	"bytes"
	"encoding/base64"
	"slices"
)

// form is a secret that its own look gives away, by the prefix that its issuer puts on
// it for that purpose.
type form struct {
	prefix  string // in its exact case
	least   int    // bytes that must follow
	set     func(byte) bool
	service string
	source  string // who says so: the issuer's pages, or a rule of gitleaks (MIT) by its name
}

func isBase62(c byte) bool   { return isAlnum(c) }
func isWordish(c byte) bool  { return isAlnum(c) || c == '_' || c == '-' }
func isTokenish(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '.' }
func isUpperNum(c byte) bool { return isUpper(c) || isDigit(c) }
func isBase64(c byte) bool {
	return isAlnum(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'
}
func isPath(c byte) bool { return isBase64(c) || c == '.' || c == '@' || c == '%' || c == ':' }

// Where the issuers of many prefixes list them.
const (
	awsDocs    = "docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
	githubDocs = "github.blog/2021-04-05-behind-githubs-new-authentication-token-formats"
	gitlabDocs = "docs.gitlab.com/security/tokens: token prefixes"
	slackDocs  = "docs.slack.dev/authentication/tokens"
)

// forms is the table of known prefixes; a test takes them one by one.
var forms = []form{
	{"AKIA", 16, isUpperNum, "AWS access key", awsDocs},
	{"ASIA", 16, isUpperNum, "AWS temporary key", awsDocs},
	{"ABIA", 16, isUpperNum, "AWS service bearer token", awsDocs},
	{"ACCA", 16, isUpperNum, "AWS context credential", awsDocs},
	{"ABSK", 60, isBase64, "Amazon Bedrock API key", "gitleaks: aws-amazon-bedrock-api-key-long-lived"},
	{"ghp_", 20, isBase62, "GitHub personal token", githubDocs},
	{"gho_", 20, isBase62, "GitHub OAuth token", githubDocs},
	{"ghu_", 20, isBase62, "GitHub user-to-server token", githubDocs},
	{"ghs_", 20, isTokenish, "GitHub server-to-server token", githubDocs},
	{"ghr_", 20, isBase62, "GitHub refresh token", githubDocs},
	{"github_pat_", 20, isWordish, "GitHub fine-grained token", "docs.github.com: about authentication to GitHub"},
	{"glpat-", 16, isTokenish, "GitLab personal token", gitlabDocs},
	{"gldt-", 16, isTokenish, "GitLab deploy token", gitlabDocs},
	{"glrt-", 16, isTokenish, "GitLab runner token", gitlabDocs},
	{"glcbt-", 16, isTokenish, "GitLab CI job token", gitlabDocs},
	{"glptt-", 16, isTokenish, "GitLab trigger token", gitlabDocs},
	{"glft-", 16, isTokenish, "GitLab feed token", gitlabDocs},
	{"glimt-", 16, isTokenish, "GitLab incoming mail token", gitlabDocs},
	{"glagent-", 16, isTokenish, "GitLab agent token", gitlabDocs},
	{"gloas-", 16, isTokenish, "GitLab OAuth secret", gitlabDocs},
	{"glsoat-", 16, isTokenish, "GitLab SCIM token", gitlabDocs},
	{"GR1348941", 20, isWordish, "GitLab runner registration", "gitleaks: gitlab-rrt"},
	{"ATATT3", 40, isBase64, "Atlassian API token", "gitleaks: atlassian-api-token"},
	{"ATCTT3", 40, isBase64, "Bitbucket access token", "support.atlassian.com: bitbucket access tokens"},
	{"ATBB", 28, isBase62, "Bitbucket app password", "support.atlassian.com: bitbucket app passwords"},
	{"xoxa-", 10, isWordish, "Slack workspace token", slackDocs},
	{"xoxb-", 10, isWordish, "Slack bot token", slackDocs},
	{"xoxe-", 10, isWordish, "Slack refresh token", slackDocs},
	{"xoxe.xox", 10, isTokenish, "Slack configuration token", slackDocs},
	{"xoxo-", 10, isWordish, "Slack legacy token", "gitleaks: slack-legacy-token"},
	{"xoxp-", 10, isWordish, "Slack user token", slackDocs},
	{"xoxr-", 10, isWordish, "Slack legacy refresh token", "gitleaks: slack-legacy-workspace-token"},
	{"xoxs-", 10, isWordish, "Slack legacy session token", "gitleaks: slack-legacy-token"},
	{"xoxc-", 10, isWordish, "Slack client token", slackDocs},
	{"xoxd-", 10, isBase64, "Slack session cookie", slackDocs},
	{"xapp-", 10, isWordish, "Slack app token", slackDocs},
	{"AIza", 30, isWordish, "Google API key", "cloud.google.com/docs/authentication/api-keys"},
	{"ya29.", 20, isTokenish, "Google OAuth token", "cloud.google.com/docs/authentication/token-types"},
	{"1//0", 30, isWordish, "Google refresh token", "developers.google.com/identity/protocols/oauth2"},
	{"GOCSPX-", 20, isWordish, "Google client secret", "developers.google.com/identity/protocols/oauth2"},
	{"sk_live_", 10, isWordish, "Stripe secret key", "docs.stripe.com/keys"},
	{"sk_test_", 10, isWordish, "Stripe test key", "docs.stripe.com/keys"},
	{"sk_prod_", 10, isWordish, "Stripe secret key", "gitleaks: stripe-access-token"},
	{"rk_live_", 10, isWordish, "Stripe restricted key", "docs.stripe.com/keys"},
	{"rk_test_", 10, isWordish, "Stripe restricted test key", "docs.stripe.com/keys"},
	{"whsec_", 16, isBase64, "Stripe webhook secret", "docs.stripe.com/webhooks"},
	{"sk-ant-", 20, isWordish, "Anthropic API key", "gitleaks: anthropic-api-key"},
	{"sk-", 20, isWordish, "OpenAI API key", "platform.openai.com/docs/api-reference/authentication"},
	{"pplx-", 40, isBase62, "Perplexity API key", "gitleaks: perplexity-api-key"},
	{"gsk_", 40, isBase62, "Groq API key", "console.groq.com/docs/quickstart"},
	{"xai-", 40, isBase62, "xAI API key", "docs.x.ai/docs/overview"},
	{"r8_", 30, isBase62, "Replicate token", "replicate.com/docs/topics/security/api-tokens"},
	{"hf_", 30, isBase62, "Hugging Face token", "huggingface.co/docs/hub/security-tokens"},
	{"api_org_", 30, isBase62, "Hugging Face organisation token", "gitleaks: huggingface-organization-api-token"},
	{"nvapi-", 40, isWordish, "NVIDIA API key", "docs.nvidia.com/nim: API catalog keys"},
	{"lsv2_", 30, isWordish, "LangSmith key", "docs.smith.langchain.com: API keys"},
	{"npm_", 30, isBase62, "npm token", "docs.npmjs.com/about-access-tokens"},
	{"pypi-", 40, isWordish, "PyPI token", "pypi.org/help/#apitoken"},
	{"rubygems_", 40, isBase62, "RubyGems key", "guides.rubygems.org/api-key-scopes"},
	{"cio", 32, isBase62, "crates.io token", "github.com/rust-lang/crates.io: token format"},
	{"CLOJARS_", 50, isBase62, "Clojars token", "gitleaks: clojars-api-token"},
	{"oy2", 40, isBase62, "NuGet key", "learn.microsoft.com/nuget: API keys"},
	{"dckr_pat_", 20, isWordish, "Docker token", "docs.docker.com/security/access-tokens"},
	{"dckr_oat_", 20, isWordish, "Docker organisation token", "docs.docker.com/enterprise/security/access-tokens"},
	{"AKCp", 60, isBase62, "Artifactory API key", "gitleaks: artifactory-api-key"},
	{"cmVmd", 55, isBase62, "Artifactory reference token", "gitleaks: artifactory-reference-token"},
	{"SG.", 40, isTokenish, "SendGrid key", "gitleaks: sendgrid-api-token"},
	{"xkeysib-", 60, isWordish, "Brevo key", "gitleaks: sendinblue-api-token"},
	{"key-", 32, isHexDigit, "Mailgun key", "gitleaks: mailgun-private-api-token"},
	{"re_", 30, isWordish, "Resend key", "resend.com/docs/dashboard/api-keys"},
	{"dop_v1_", 40, isBase62, "DigitalOcean token", "gitleaks: digitalocean-pat"},
	{"doo_v1_", 40, isBase62, "DigitalOcean OAuth token", "gitleaks: digitalocean-access-token"},
	{"dor_v1_", 40, isBase62, "DigitalOcean refresh token", "gitleaks: digitalocean-refresh-token"},
	{"LTAI", 16, isBase62, "Alibaba access key", "gitleaks: alibaba-access-key-id"},
	{"AKID", 32, isBase62, "Tencent Cloud key", "cloud.tencent.com/document/product/598: access keys"},
	{"fo1_", 40, isWordish, "Fly.io token", "gitleaks: flyio-access-token"},
	{"fm2_", 60, isBase64, "Fly.io macaroon", "gitleaks: flyio-access-token"},
	{"HRKU-", 30, isWordish, "Heroku key", "gitleaks: heroku-api-key-v2"},
	{"nfp_", 30, isBase62, "Netlify token", "docs.netlify.com/api: authentication"},
	{"sbp_", 36, isBase62, "Supabase token", "supabase.com/docs/reference/api"},
	{"sb_secret_", 20, isWordish, "Supabase secret key", "supabase.com/docs/guides/api/api-keys"},
	{"pscale_tkn_", 30, isTokenish, "PlanetScale token", "gitleaks: planetscale-api-token"},
	{"pscale_pw_", 30, isTokenish, "PlanetScale password", "gitleaks: planetscale-password"},
	{"pscale_oauth_", 30, isTokenish, "PlanetScale OAuth token", "gitleaks: planetscale-oauth-token"},
	{"dapi", 32, isHexDigit, "Databricks token", "gitleaks: databricks-api-token"},
	{"dt0c01.", 60, isTokenish, "Dynatrace token", "docs.dynatrace.com: access tokens, format"},
	{"glc_", 30, isBase64, "Grafana Cloud token", "gitleaks: grafana-cloud-api-token"},
	{"glsa_", 30, isWordish, "Grafana service account", "gitleaks: grafana-service-account-token"},
	{"NRAK-", 20, isBase62, "New Relic user key", "docs.newrelic.com: API keys"},
	{"NRII-", 20, isWordish, "New Relic insert key", "docs.newrelic.com: API keys"},
	{"NRJS-", 18, isBase62, "New Relic browser key", "docs.newrelic.com: API keys"},
	{"sntrys_", 30, isBase64, "Sentry organisation token", "docs.sentry.io/account/auth-tokens"},
	{"sntryu_", 40, isBase62, "Sentry user token", "docs.sentry.io/account/auth-tokens"},
	{"phx_", 30, isBase62, "PostHog personal key", "posthog.com/docs/api"},
	{"hvs.", 20, isWordish, "Vault service token", "developer.hashicorp.com/vault/docs/concepts/tokens"},
	{"hvb.", 20, isWordish, "Vault batch token", "developer.hashicorp.com/vault/docs/concepts/tokens"},
	{"hvr.", 20, isWordish, "Vault recovery token", "developer.hashicorp.com/vault/docs/concepts/tokens"},
	{"dp.pt.", 30, isBase62, "Doppler personal token", "docs.doppler.com/reference/auth-token-formats"},
	{"dp.st.", 30, isTokenish, "Doppler service token", "docs.doppler.com/reference/auth-token-formats"},
	{"ops_eyJ", 60, isBase64, "1Password service account", "gitleaks: 1password-service-account-token"},
	{"A3-", 30, isWordish, "1Password secret key", "gitleaks: 1password-secret-key"},
	{"AGE-SECRET-KEY-1", 40, isUpperNum, "age identity", "github.com/FiloSottile/age: the format"},
	{"tskey-", 20, isWordish, "Tailscale key", "tailscale.com/kb/1085/auth-keys"},
	{"sha256~", 40, isWordish, "OpenShift token", "gitleaks: openshift-user-token"},
	{"pul-", 40, isBase62, "Pulumi token", "gitleaks: pulumi-api-token"},
	{"bkua_", 40, isBase62, "Buildkite token", "buildkite.com/docs/apis/managing-api-tokens"},
	{"CCIPAT_", 40, isWordish, "CircleCI token", "circleci.com/docs/managing-api-tokens"},
	{"sgp_", 40, isWordish, "Sourcegraph token", "gitleaks: sourcegraph-access-token"},
	{"sqp_", 40, isBase62, "SonarQube project token", "docs.sonarsource.com: managing tokens"},
	{"squ_", 40, isBase62, "SonarQube user token", "docs.sonarsource.com: managing tokens"},
	{"sqa_", 40, isBase62, "SonarQube analysis token", "docs.sonarsource.com: managing tokens"},
	{"PMAK-", 40, isWordish, "Postman key", "gitleaks: postman-api-token"},
	{"figd_", 30, isWordish, "Figma token", "developers.figma.com: personal access tokens"},
	{"ntn_", 40, isBase62, "Notion token", "gitleaks: notion-api-token"},
	{"lin_api_", 30, isBase62, "Linear key", "gitleaks: linear-api-key"},
	{"CFPAT-", 40, isWordish, "Contentful token", "contentful.com/developers: personal access tokens"},
	{"rdme_", 60, isBase62, "ReadMe key", "gitleaks: readme-api-token"},
	{"shpat_", 30, isBase62, "Shopify access token", "gitleaks: shopify-access-token"},
	{"shpca_", 30, isBase62, "Shopify custom app token", "gitleaks: shopify-custom-access-token"},
	{"shppa_", 30, isBase62, "Shopify private app token", "gitleaks: shopify-private-app-access-token"},
	{"shpss_", 30, isBase62, "Shopify shared secret", "gitleaks: shopify-shared-secret"},
	{"sq0atp-", 20, isWordish, "Square access token", "developer.squareup.com: access tokens"},
	{"sq0csp-", 30, isWordish, "Square secret", "developer.squareup.com: access tokens"},
	{"EAAA", 50, isWordish, "Square access token", "gitleaks: square-access-token"},
	{"EAAC", 90, isBase62, "Facebook access token", "gitleaks: facebook-page-access-token"},
	{"EAAM", 90, isBase62, "Facebook page token", "gitleaks: facebook-page-access-token"},
	{"EZAK", 50, isBase62, "EasyPost key", "gitleaks: easypost-api-token"},
	{"shippo_live_", 36, isBase62, "Shippo key", "gitleaks: shippo-api-token"},
	{"duffel_live_", 40, isWordish, "Duffel token", "gitleaks: duffel-api-token"},
	{"FLWSECK", 20, isWordish, "Flutterwave key", "gitleaks: flutterwave-secret-key"},
	{"tfp_", 50, isTokenish, "Typeform token", "gitleaks: typeform-api-token"},
	{"fio-u-", 60, isWordish, "Frame.io token", "gitleaks: frameio-api-token"},
	{"SWMTKN-1-", 40, isWordish, "Docker swarm join token", "docs.docker.com/engine/swarm/join-nodes"},
	{"K10", 60, isBot, "K3s node token", "docs.k3s.io/cli/token"},
	{"APA91b", 50, isWordish, "Firebase server key", "firebase.google.com/docs/cloud-messaging: server key"},
	{"pnu_", 30, isBase62, "Prefect key", "gitleaks: prefect-api-token"},
	{"AQVN", 35, isWordish, "Yandex API key", "gitleaks: yandex-api-key"},
}

// isHash is the alphabet of crypt(3) and of its relatives.
func isHash(c byte) bool { return isBase64(c) || c == '.' || c == '$' || c == ',' || c == ':' }

// hashes are the marks of password hashes, as .htpasswd, /etc/shadow and frameworks
// hold them: who has one can guess at leisure.
var hashes = []form{
	{"$2a$", 40, isHash, "bcrypt hash", "man 5 crypt"},
	{"$2b$", 40, isHash, "bcrypt hash", "man 5 crypt"},
	{"$2y$", 40, isHash, "bcrypt hash", "man 5 crypt"},
	{"$apr1$", 20, isHash, "Apache hash", "httpd.apache.org/docs/current/misc/password_encryptions.html"},
	{"$1$", 24, isHash, "md5crypt hash", "man 5 crypt"},
	{"$5$", 40, isHash, "sha256crypt hash", "man 5 crypt"},
	{"$6$", 60, isHash, "sha512crypt hash", "man 5 crypt"},
	{"$y$", 40, isHash, "yescrypt hash", "man 5 crypt"},
	{"$argon2", 40, isHash, "argon2 hash", "github.com/P-H-C/phc-winner-argon2"},
	{"-pbkdf2-", 24, isHash, "CouchDB hash", "docs.couchdb.org: administrators"},
	{"pbkdf2_sha256$", 40, isHash, "Django hash", "docs.djangoproject.com: how Django stores passwords"},
	{"{SSHA}", 28, isBase64, "LDAP hash", "openldap.org/doc/admin: password storage"},
}

// hooks are addresses whose path is the secret: who knows one may post.
var hooks = []form{
	{"hooks.slack.com/services/", 20, isPath, "Slack webhook", "docs.slack.dev: incoming webhooks"},
	{"hooks.slack.com/workflows/", 20, isPath, "Slack workflow webhook", "gitleaks: slack-webhook-url"},
	{"hooks.slack.com/triggers/", 20, isPath, "Slack trigger", "gitleaks: slack-webhook-url"},
	{"discord.com/api/webhooks/", 20, isPath, "Discord webhook", "discord.com/developers/docs/resources/webhook"},
	{"discordapp.com/api/webhooks/", 20, isPath, "Discord webhook", "discord.com/developers/docs/resources/webhook"},
	{"api.telegram.org/bot", 20, isBot, "Telegram bot", "core.telegram.org/bots/api#authorizing-your-bot"},
	{"/webhookb2/", 20, isPath, "Teams webhook", "gitleaks: microsoft-teams-webhook"},
	{"outlook.office.com/webhook/", 20, isPath, "Office 365 webhook", "learn.microsoft.com: Office 365 connectors"},
	{"hooks.zapier.com/hooks/catch/", 8, isPath, "Zapier webhook", "help.zapier.com: webhooks"},
	{"/with/key/", 16, isPath, "IFTTT webhook", "ifttt.com/maker_webhooks"},
	{"/open-apis/bot/v2/hook/", 16, isPath, "Feishu webhook", "open.feishu.cn: custom bots"},
	{"events.pagerduty.com/integration/", 20, isPath, "PagerDuty integration", "developer.pagerduty.com: events API"},
	{"hc-ping.com/", 20, isPath, "Healthchecks ping", "healthchecks.io/docs/http_api"},
	{"base64url.bearer.authorization.k8s.io.", 8, isBase64, "Kubernetes bearer", "kubernetes.io: websocket protocol"},
	{"/hooks/", 24, isBase62, "Mattermost webhook", "developers.mattermost.com: incoming webhooks"},
}

func isHexDigit(c byte) bool { return hexDigit(c) >= 0 }
func isBot(c byte) bool      { return isWordish(c) || c == ':' }

func tokenLiterals() []literal {
	list := []literal{{"bearer ", bearerRule}, {"basic ", basicRule}, {"eyj", jwtRule}, {".ej", signedRule},
		{":aa", telegramRule},
		{"\"kty\"", jwkRule}}
	for _, digit := range "0123456789" {
		list = append(list, literal{string(digit) + "q~", azureRule})
	}
	for _, scheme := range storageSchemes {
		list = append(list, literal{scheme, schemeRule})
	}
	for _, f := range slices.Concat(forms, hashes) {
		list = append(list, literal{lowered(f.prefix), f.rule})
	}
	for _, h := range hooks {
		list = append(list, literal{lowered(h.prefix), h.pathRule})
	}
	return list
}

// storageSchemes stand before a password that is kept (RFC 3112, Dovecot, Spring Security), in lower case.
var storageSchemes = []string{"{plain}", "{cleartext}", "{clear}", "{noop}", "{sha}", "{sha256}", "{ssha256}",
	"{sha512}",
	"{ssha512}", "{md5}", "{smd5}", "{crypt}", "{bcrypt}", "{blf-crypt}", "{sha256-crypt}", "{sha512-crypt}", "{cram-md5}",
	"{pbkdf2}", "{argon2}", "{argon2id}", "{scrypt}"}

// schemeRule masks what stands behind such a scheme: bob:{PLAIN}x:1000:1000.
func schemeRule(p *pass, at, n int) int {
	end := p.runEnd(at+n, func(c byte) bool { return !isSpace(c) && !isQuote(c) && !oneOf(c, ":,;<>)]}\\") })
	if end-at-n < 4 {
		return at
	}
	p.mask(at+n, end, KindToken)
	return end
}

// rule masks a token, prefix and all.
func (f form) rule(p *pass, at, n int) int {
	if end, ok := f.match(p, at, n); ok && p.startsWord(at) {
		p.mask(at, end, KindToken)
		return end
	}
	return at
}

// pathRule masks the path of an address; whose service it is stays.
func (f form) pathRule(p *pass, at, n int) int {
	if end, ok := f.match(p, at, n); ok {
		p.mask(at+n, end, KindToken)
		return end
	}
	return at
}

// match returns where the token that begins at at ends. "sk-learn-compatible-estimator"
// is a name; a key has a digit.
func (f form) match(p *pass, at, n int) (end int, ok bool) {
	if string(p.text[at:at+n]) != f.prefix {
		return 0, false
	}
	end = p.shortRun(at+n, f.set)
	if end-at-n < f.least || f.prefix[0] != '$' && !bytes.ContainsAny(p.text[at+n:end], "0123456789") {
		return 0, false
	}
	return p.runEnd(end, f.set), true
}

// shortRun is the part of a run that is enough to decide what it is.
func (p *pass) shortRun(i int, set func(byte) bool) int {
	const enough = 160
	from := i
	for i < min(p.end, from+enough) && set(p.text[i]) {
		i++
	}
	p.m.work += i - from
	return i
}

// startsWord tells whether a word begins at i. After an escape (\n, %22) one does, too.
func (p *pass) startsWord(i int) bool {
	if i == p.start || !isAlnum(p.text[i-1]) {
		return true
	}
	return p.before(i).n > 1
}

func (p *pass) runEnd(i int, set func(byte) bool) int {
	from := i
	for i < p.end && set(p.text[i]) {
		i++
	}
	p.m.work += i - from
	return i
}

// jwtRule masks a JSON web token: base64 of {" is eyJ, and dots join the parts.
func jwtRule(p *pass, at, n int) int {
	if string(p.text[at:at+n]) != "eyJ" || !p.startsWord(at) {
		return at
	}
	end := p.runEnd(at, isTokenish)
	head, rest, dotted := bytes.Cut(p.text[at:end], []byte("."))
	if !dotted || len(head) < 10 || len(rest) < 6 {
		return max(at+1, end)
	}
	p.mask(at, end, KindToken)
	return end
}

// signedRule masks a compressed value that Django or itsdangerous signed: .eJ, base64, and its time and signature
// behind colons or dots.
func signedRule(p *pass, at, n int) int {
	if !p.hasAt(at, ".eJ") || at > p.start && isTokenish(p.text[at-1]) {
		return at
	}
	end := p.runEnd(at, func(c byte) bool { return isTokenish(c) || c == ':' })
	if end-at < 32 || bytes.Count(p.text[at+1:end], []byte(":"))+bytes.Count(p.text[at+1:end], []byte(".")) < 2 {
		return at
	}
	p.mask(at, end, KindToken)
	return end
}

// jwkRule masks the private members of a JSON web key (RFC 7518, section 6).
func jwkRule(p *pass, at, n int) int {
	limit := min(p.end, at+maxTree)
	for _, name := range []string{`"d"`, `"p"`, `"q"`, `"dp"`, `"dq"`, `"qi"`, `"k"`} {
		i := bytes.Index(p.text[at:limit], []byte(name))
		if i < 0 {
			continue
		}
		f := found{class: classStrong, left: at + i, right: at + i + len(name)}
		if v := p.skipBlanks(f.right); p.hasAt(v, ":") {
			if v = p.skipBlanks(v + 1); v < p.end && isQuote(p.text[v]) && p.value(&f, v) && f.end-f.v >= 16 {
				p.mask(f.v, f.end, KindPrivateKey)
			}
		}
	}
	return limit
}

// telegramRule masks a bot's token wherever it stands: 123456789:AA and 33 more.
func telegramRule(p *pass, at, n int) int {
	from := at
	for from > p.start && at-from < 12 && isDigit(p.text[from-1]) {
		from--
	}
	end := p.shortRun(at+1, isWordish)
	if at-from < 7 || string(p.text[at+1:at+3]) != "AA" || end-at < 33 {
		return at
	}
	p.mask(from, end, KindToken)
	return end
}

// azureRule masks a client secret of Entra ID: three characters, a digit, Q~ and
// 31 to 34 more (gitleaks: azure-ad-client-secret).
func azureRule(p *pass, at, n int) int {
	set := func(c byte) bool { return isTokenish(c) || c == '~' }
	end := p.shortRun(at+n, set)
	if at < p.start+3 || p.text[at+1] != 'Q' || end-at-n < 31 {
		return at
	}
	p.mask(at-3, end, KindToken)
	return end
}

// bearerRule masks the token of "Bearer eyJ…" wherever it stands.
func bearerRule(p *pass, at, n int) int {
	v := at + n
	end := p.runEnd(v, func(c byte) bool { return isBase64(c) || c == '.' || c == '~' })
	if !p.startsWord(at) || !looksSecret(p.text[v:end]) && end-v < 24 {
		return at
	}
	p.mask(v, end, KindHeader)
	return end
}

// basicRule masks what follows "Basic " when it is base64 of user:password.
func basicRule(p *pass, at, n int) int {
	v := at + n
	end := p.runEnd(v, isBase64)
	if !p.startsWord(at) || !isUserinfo(p.text[v:end]) {
		return at
	}
	p.mask(v, end, KindHeader)
	return end
}

// isUserinfo tells whether v is base64 of user:password.
func isUserinfo(v []byte) bool {
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
