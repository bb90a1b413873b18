// Package token holds the tables of secrets that give themselves away: the prefixes that issuers put on their tokens,
// the marks of password hashes, and addresses whose path is the secret, each with who says so.
//
//	ghp_16C7e42F292c6912E7710c838347Ae178B4a   GitHub personal token
//	$2y$10$N9qo8uLOickgx2ZMRZoMy…              bcrypt hash
//	hooks.slack.com/services/T0/B0/x           Slack webhook
package token

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
)

// Form is a secret that its own look gives away, by the prefix that its issuer puts on
// it for that purpose.
type Form struct {
	Prefix  string // in its exact case
	Least   int    // bytes that must follow
	Set     func(byte) bool
	Service string
	Source  string // who says so: the issuer's pages, or a rule of gitleaks (MIT) by its name
}

// Length is how many bytes the token has that a text begins with; 0 = it begins with none.
// "sk-learn-compatible-estimator" is a name; a key has a digit.
func (f Form) Length(text []byte) int {
	n := len(f.Prefix)
	if len(text) < n || string(text[:n]) != f.Prefix {
		return 0
	}
	const enough = 160 // to decide what it is
	short := n + run(text[n:min(len(text), n+enough)], f.Set)
	if short-n < f.Least || f.Prefix[0] != '$' && !bytes.ContainsAny(text[n:short], "0123456789") {
		return 0
	}
	return short + run(text[short:], f.Set)
}

// run is how many bytes of a set a text begins with.
func run(text []byte, set func(byte) bool) int {
	for i, c := range text {
		if !set(c) {
			return i
		}
	}
	return len(text)
}

// Where the issuers of many prefixes list them.
const (
	awsDocs    = "docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
	githubDocs = "github.blog/2021-04-05-behind-githubs-new-authentication-token-formats"
	gitlabDocs = "docs.gitlab.com/security/tokens: token prefixes"
	slackDocs  = "docs.slack.dev/authentication/tokens"
)

// Forms is the table of known prefixes; a test takes them one by one.
var Forms = []Form{
	{"AKIA", 16, ascii.IsUpperNum, "AWS access key", awsDocs},
	{"ASIA", 16, ascii.IsUpperNum, "AWS temporary key", awsDocs},
	{"ABIA", 16, ascii.IsUpperNum, "AWS service bearer token", awsDocs},
	{"ACCA", 16, ascii.IsUpperNum, "AWS context credential", awsDocs},
	{"ABSK", 60, ascii.IsBase64, "Amazon Bedrock API key", "gitleaks: aws-amazon-bedrock-api-key-long-lived"},
	{"ghp_", 20, ascii.IsBase62, "GitHub personal token", githubDocs},
	{"gho_", 20, ascii.IsBase62, "GitHub OAuth token", githubDocs},
	{"ghu_", 20, ascii.IsBase62, "GitHub user-to-server token", githubDocs},
	{"ghs_", 20, ascii.IsTokenish, "GitHub server-to-server token", githubDocs},
	{"ghr_", 20, ascii.IsBase62, "GitHub refresh token", githubDocs},
	{"github_pat_", 20, ascii.IsWordish, "GitHub fine-grained token", "docs.github.com: about authentication to GitHub"},
	{"glpat-", 16, ascii.IsTokenish, "GitLab personal token", gitlabDocs},
	{"gldt-", 16, ascii.IsTokenish, "GitLab deploy token", gitlabDocs},
	{"glrt-", 16, ascii.IsTokenish, "GitLab runner token", gitlabDocs},
	{"glcbt-", 16, ascii.IsTokenish, "GitLab CI job token", gitlabDocs},
	{"glptt-", 16, ascii.IsTokenish, "GitLab trigger token", gitlabDocs},
	{"glft-", 16, ascii.IsTokenish, "GitLab feed token", gitlabDocs},
	{"glimt-", 16, ascii.IsTokenish, "GitLab incoming mail token", gitlabDocs},
	{"glagent-", 16, ascii.IsTokenish, "GitLab agent token", gitlabDocs},
	{"gloas-", 16, ascii.IsTokenish, "GitLab OAuth secret", gitlabDocs},
	{"glsoat-", 16, ascii.IsTokenish, "GitLab SCIM token", gitlabDocs},
	{"GR1348941", 20, ascii.IsWordish, "GitLab runner registration", "gitleaks: gitlab-rrt"},
	{"ATATT3", 40, ascii.IsBase64, "Atlassian API token", "gitleaks: atlassian-api-token"},
	{"ATCTT3", 40, ascii.IsBase64, "Bitbucket access token", "support.atlassian.com: bitbucket access tokens"},
	{"ATBB", 28, ascii.IsBase62, "Bitbucket app password", "support.atlassian.com: bitbucket app passwords"},
	{"xoxa-", 10, ascii.IsWordish, "Slack workspace token", slackDocs},
	{"xoxb-", 10, ascii.IsWordish, "Slack bot token", slackDocs},
	{"xoxe-", 10, ascii.IsWordish, "Slack refresh token", slackDocs},
	{"xoxe.xox", 10, ascii.IsTokenish, "Slack configuration token", slackDocs},
	{"xoxo-", 10, ascii.IsWordish, "Slack legacy token", "gitleaks: slack-legacy-token"},
	{"xoxp-", 10, ascii.IsWordish, "Slack user token", slackDocs},
	{"xoxr-", 10, ascii.IsWordish, "Slack legacy refresh token", "gitleaks: slack-legacy-workspace-token"},
	{"xoxs-", 10, ascii.IsWordish, "Slack legacy session token", "gitleaks: slack-legacy-token"},
	{"xoxc-", 10, ascii.IsWordish, "Slack client token", slackDocs},
	{"xoxd-", 10, ascii.IsBase64, "Slack session cookie", slackDocs},
	{"xapp-", 10, ascii.IsWordish, "Slack app token", slackDocs},
	{"AIza", 30, ascii.IsWordish, "Google API key", "cloud.google.com/docs/authentication/api-keys"},
	{"ya29.", 20, ascii.IsTokenish, "Google OAuth token", "cloud.google.com/docs/authentication/token-types"},
	{"1//0", 30, ascii.IsWordish, "Google refresh token", "developers.google.com/identity/protocols/oauth2"},
	{"GOCSPX-", 20, ascii.IsWordish, "Google client secret", "developers.google.com/identity/protocols/oauth2"},
	{"sk_live_", 10, ascii.IsWordish, "Stripe secret key", "docs.stripe.com/keys"},
	{"sk_test_", 10, ascii.IsWordish, "Stripe test key", "docs.stripe.com/keys"},
	{"sk_prod_", 10, ascii.IsWordish, "Stripe secret key", "gitleaks: stripe-access-token"},
	{"rk_live_", 10, ascii.IsWordish, "Stripe restricted key", "docs.stripe.com/keys"},
	{"rk_test_", 10, ascii.IsWordish, "Stripe restricted test key", "docs.stripe.com/keys"},
	{"whsec_", 16, ascii.IsBase64, "Stripe webhook secret", "docs.stripe.com/webhooks"},
	{"sk-ant-", 20, ascii.IsWordish, "Anthropic API key", "gitleaks: anthropic-api-key"},
	{"sk-", 20, ascii.IsWordish, "OpenAI API key", "platform.openai.com/docs/api-reference/authentication"},
	{"pplx-", 40, ascii.IsBase62, "Perplexity API key", "gitleaks: perplexity-api-key"},
	{"gsk_", 40, ascii.IsBase62, "Groq API key", "console.groq.com/docs/quickstart"},
	{"xai-", 40, ascii.IsBase62, "xAI API key", "docs.x.ai/docs/overview"},
	{"r8_", 30, ascii.IsBase62, "Replicate token", "replicate.com/docs/topics/security/api-tokens"},
	{"hf_", 30, ascii.IsBase62, "Hugging Face token", "huggingface.co/docs/hub/security-tokens"},
	{"api_org_", 30, ascii.IsBase62, "Hugging Face organisation token", "gitleaks: huggingface-organization-api-token"},
	{"nvapi-", 40, ascii.IsWordish, "NVIDIA API key", "docs.nvidia.com/nim: API catalog keys"},
	{"lsv2_", 30, ascii.IsWordish, "LangSmith key", "docs.smith.langchain.com: API keys"},
	{"npm_", 30, ascii.IsBase62, "npm token", "docs.npmjs.com/about-access-tokens"},
	{"pypi-", 40, ascii.IsWordish, "PyPI token", "pypi.org/help/#apitoken"},
	{"rubygems_", 40, ascii.IsBase62, "RubyGems key", "guides.rubygems.org/api-key-scopes"},
	{"cio", 32, ascii.IsBase62, "crates.io token", "github.com/rust-lang/crates.io: token format"},
	{"CLOJARS_", 50, ascii.IsBase62, "Clojars token", "gitleaks: clojars-api-token"},
	{"oy2", 40, ascii.IsBase62, "NuGet key", "learn.microsoft.com/nuget: API keys"},
	{"dckr_pat_", 20, ascii.IsWordish, "Docker token", "docs.docker.com/security/access-tokens"},
	{"dckr_oat_", 20, ascii.IsWordish, "Docker organisation token", "docs.docker.com/enterprise/security/access-tokens"},
	{"AKCp", 60, ascii.IsBase62, "Artifactory API key", "gitleaks: artifactory-api-key"},
	{"cmVmd", 55, ascii.IsBase62, "Artifactory reference token", "gitleaks: artifactory-reference-token"},
	{"SG.", 40, ascii.IsTokenish, "SendGrid key", "gitleaks: sendgrid-api-token"},
	{"xkeysib-", 60, ascii.IsWordish, "Brevo key", "gitleaks: sendinblue-api-token"},
	{"key-", 32, ascii.IsHexDigit, "Mailgun key", "gitleaks: mailgun-private-api-token"},
	{"re_", 30, ascii.IsWordish, "Resend key", "resend.com/docs/dashboard/api-keys"},
	{"dop_v1_", 40, ascii.IsBase62, "DigitalOcean token", "gitleaks: digitalocean-pat"},
	{"doo_v1_", 40, ascii.IsBase62, "DigitalOcean OAuth token", "gitleaks: digitalocean-access-token"},
	{"dor_v1_", 40, ascii.IsBase62, "DigitalOcean refresh token", "gitleaks: digitalocean-refresh-token"},
	{"LTAI", 16, ascii.IsBase62, "Alibaba access key", "gitleaks: alibaba-access-key-id"},
	{"AKID", 32, ascii.IsBase62, "Tencent Cloud key", "cloud.tencent.com/document/product/598: access keys"},
	{"fo1_", 40, ascii.IsWordish, "Fly.io token", "gitleaks: flyio-access-token"},
	{"fm2_", 60, ascii.IsBase64, "Fly.io macaroon", "gitleaks: flyio-access-token"},
	{"HRKU-", 30, ascii.IsWordish, "Heroku key", "gitleaks: heroku-api-key-v2"},
	{"nfp_", 30, ascii.IsBase62, "Netlify token", "docs.netlify.com/api: authentication"},
	{"sbp_", 36, ascii.IsBase62, "Supabase token", "supabase.com/docs/reference/api"},
	{"sb_secret_", 20, ascii.IsWordish, "Supabase secret key", "supabase.com/docs/guides/api/api-keys"},
	{"pscale_tkn_", 30, ascii.IsTokenish, "PlanetScale token", "gitleaks: planetscale-api-token"},
	{"pscale_pw_", 30, ascii.IsTokenish, "PlanetScale password", "gitleaks: planetscale-password"},
	{"pscale_oauth_", 30, ascii.IsTokenish, "PlanetScale OAuth token", "gitleaks: planetscale-oauth-token"},
	{"dapi", 32, ascii.IsHexDigit, "Databricks token", "gitleaks: databricks-api-token"},
	{"dt0c01.", 60, ascii.IsTokenish, "Dynatrace token", "docs.dynatrace.com: access tokens, format"},
	{"glc_", 30, ascii.IsBase64, "Grafana Cloud token", "gitleaks: grafana-cloud-api-token"},
	{"glsa_", 30, ascii.IsWordish, "Grafana service account", "gitleaks: grafana-service-account-token"},
	{"NRAK-", 20, ascii.IsBase62, "New Relic user key", "docs.newrelic.com: API keys"},
	{"NRII-", 20, ascii.IsWordish, "New Relic insert key", "docs.newrelic.com: API keys"},
	{"NRJS-", 18, ascii.IsBase62, "New Relic browser key", "docs.newrelic.com: API keys"},
	{"sntrys_", 30, ascii.IsBase64, "Sentry organisation token", "docs.sentry.io/account/auth-tokens"},
	{"sntryu_", 40, ascii.IsBase62, "Sentry user token", "docs.sentry.io/account/auth-tokens"},
	{"phx_", 30, ascii.IsBase62, "PostHog personal key", "posthog.com/docs/api"},
	{"hvs.", 20, ascii.IsWordish, "Vault service token", "developer.hashicorp.com/vault/docs/concepts/tokens"},
	{"hvb.", 20, ascii.IsWordish, "Vault batch token", "developer.hashicorp.com/vault/docs/concepts/tokens"},
	{"hvr.", 20, ascii.IsWordish, "Vault recovery token", "developer.hashicorp.com/vault/docs/concepts/tokens"},
	{"dp.pt.", 30, ascii.IsBase62, "Doppler personal token", "docs.doppler.com/reference/auth-token-formats"},
	{"dp.st.", 30, ascii.IsTokenish, "Doppler service token", "docs.doppler.com/reference/auth-token-formats"},
	{"ops_eyJ", 60, ascii.IsBase64, "1Password service account", "gitleaks: 1password-service-account-token"},
	{"A3-", 30, ascii.IsWordish, "1Password secret key", "gitleaks: 1password-secret-key"},
	{"AGE-SECRET-KEY-1", 40, ascii.IsUpperNum, "age identity", "github.com/FiloSottile/age: the format"},
	{"tskey-", 20, ascii.IsWordish, "Tailscale key", "tailscale.com/kb/1085/auth-keys"},
	{"sha256~", 40, ascii.IsWordish, "OpenShift token", "gitleaks: openshift-user-token"},
	{"pul-", 40, ascii.IsBase62, "Pulumi token", "gitleaks: pulumi-api-token"},
	{"bkua_", 40, ascii.IsBase62, "Buildkite token", "buildkite.com/docs/apis/managing-api-tokens"},
	{"CCIPAT_", 40, ascii.IsWordish, "CircleCI token", "circleci.com/docs/managing-api-tokens"},
	{"sgp_", 40, ascii.IsWordish, "Sourcegraph token", "gitleaks: sourcegraph-access-token"},
	{"sqp_", 40, ascii.IsBase62, "SonarQube project token", "docs.sonarsource.com: managing tokens"},
	{"squ_", 40, ascii.IsBase62, "SonarQube user token", "docs.sonarsource.com: managing tokens"},
	{"sqa_", 40, ascii.IsBase62, "SonarQube analysis token", "docs.sonarsource.com: managing tokens"},
	{"PMAK-", 40, ascii.IsWordish, "Postman key", "gitleaks: postman-api-token"},
	{"figd_", 30, ascii.IsWordish, "Figma token", "developers.figma.com: personal access tokens"},
	{"ntn_", 40, ascii.IsBase62, "Notion token", "gitleaks: notion-api-token"},
	{"lin_api_", 30, ascii.IsBase62, "Linear key", "gitleaks: linear-api-key"},
	{"CFPAT-", 40, ascii.IsWordish, "Contentful token", "contentful.com/developers: personal access tokens"},
	{"rdme_", 60, ascii.IsBase62, "ReadMe key", "gitleaks: readme-api-token"},
	{"shpat_", 30, ascii.IsBase62, "Shopify access token", "gitleaks: shopify-access-token"},
	{"shpca_", 30, ascii.IsBase62, "Shopify custom app token", "gitleaks: shopify-custom-access-token"},
	{"shppa_", 30, ascii.IsBase62, "Shopify private app token", "gitleaks: shopify-private-app-access-token"},
	{"shpss_", 30, ascii.IsBase62, "Shopify shared secret", "gitleaks: shopify-shared-secret"},
	{"sq0atp-", 20, ascii.IsWordish, "Square access token", "developer.squareup.com: access tokens"},
	{"sq0csp-", 30, ascii.IsWordish, "Square secret", "developer.squareup.com: access tokens"},
	{"EAAA", 50, ascii.IsWordish, "Square access token", "gitleaks: square-access-token"},
	{"EAAC", 90, ascii.IsBase62, "Facebook access token", "gitleaks: facebook-page-access-token"},
	{"EAAM", 90, ascii.IsBase62, "Facebook page token", "gitleaks: facebook-page-access-token"},
	{"EZAK", 50, ascii.IsBase62, "EasyPost key", "gitleaks: easypost-api-token"},
	{"shippo_live_", 36, ascii.IsBase62, "Shippo key", "gitleaks: shippo-api-token"},
	{"duffel_live_", 40, ascii.IsWordish, "Duffel token", "gitleaks: duffel-api-token"},
	{"FLWSECK", 20, ascii.IsWordish, "Flutterwave key", "gitleaks: flutterwave-secret-key"},
	{"tfp_", 50, ascii.IsTokenish, "Typeform token", "gitleaks: typeform-api-token"},
	{"fio-u-", 60, ascii.IsWordish, "Frame.io token", "gitleaks: frameio-api-token"},
	{"SWMTKN-1-", 40, ascii.IsWordish, "Docker swarm join token", "docs.docker.com/engine/swarm/join-nodes"},
	{"K10", 60, ascii.IsBot, "K3s node token", "docs.k3s.io/cli/token"},
	{"APA91b", 50, ascii.IsWordish, "Firebase server key", "firebase.google.com/docs/cloud-messaging: server key"},
	{"pnu_", 30, ascii.IsBase62, "Prefect key", "gitleaks: prefect-api-token"},
	{"AQVN", 35, ascii.IsWordish, "Yandex API key", "gitleaks: yandex-api-key"},
	{"nsec1", 50, ascii.IsBase62, "Nostr secret key", "github.com/nostr-protocol/nips: NIP-19"},
	{"xprv", 100, ascii.IsBase62, "Bitcoin extended private key", "github.com/bitcoin/bips: BIP-32"},
	{"zprv", 100, ascii.IsBase62, "Bitcoin extended private key, SegWit", "github.com/satoshilabs/slips: SLIP-132"},
	{"ATTA", 60, ascii.IsBase62, "Trello token", "developer.atlassian.com: Trello authorization"},
	{"rzp_live_", 12, ascii.IsBase62, "Razorpay key", "razorpay.com/docs/api/authentication"},
	{"amzn.mws.", 30, ascii.IsTokenish, "Amazon MWS token", "gitleaks: amazon-mws-auth-token"},
	{"tvly-", 20, ascii.IsWordish, "Tavily key", "docs.tavily.com: quickstart"},
	{"pat-na1-", 30, ascii.IsWordish, "HubSpot token", "developers.hubspot.com: private apps"},
	{"pat-eu1-", 30, ascii.IsWordish, "HubSpot token of the EU", "developers.hubspot.com: private apps"},
	{"vercel_blob_rw_", 20, ascii.IsWordish, "Vercel blob token", "vercel.com/docs/storage/vercel-blob"},
}

// Hashes are the marks of password hashes, as .htpasswd, /etc/shadow and frameworks
// hold them: who has one can guess at leisure.
var Hashes = []Form{
	{"$2a$", 40, ascii.IsHash, "bcrypt hash", "man 5 crypt"},
	{"$2b$", 40, ascii.IsHash, "bcrypt hash", "man 5 crypt"},
	{"$2y$", 40, ascii.IsHash, "bcrypt hash", "man 5 crypt"},
	{"$apr1$", 20, ascii.IsHash, "Apache hash", "httpd.apache.org/docs/current/misc/password_encryptions.html"},
	{"$1$", 24, ascii.IsHash, "md5crypt hash", "man 5 crypt"},
	{"$5$", 40, ascii.IsHash, "sha256crypt hash", "man 5 crypt"},
	{"$6$", 60, ascii.IsHash, "sha512crypt hash", "man 5 crypt"},
	{"$y$", 40, ascii.IsHash, "yescrypt hash", "man 5 crypt"},
	{"$argon2", 40, ascii.IsHash, "argon2 hash", "github.com/P-H-C/phc-winner-argon2"},
	{"-pbkdf2-", 24, ascii.IsHash, "CouchDB hash", "docs.couchdb.org: administrators"},
	{"pbkdf2_sha256$", 40, ascii.IsHash, "Django hash", "docs.djangoproject.com: how Django stores passwords"},
	{"{SSHA}", 28, ascii.IsBase64, "LDAP hash", "openldap.org/doc/admin: password storage"},
}

// Hooks are addresses whose path is the secret: who knows one may post.
var Hooks = []Form{
	{"hooks.slack.com/services/", 20, ascii.IsPath, "Slack webhook", "docs.slack.dev: incoming webhooks"},
	{"hooks.slack.com/workflows/", 20, ascii.IsPath, "Slack workflow webhook", "gitleaks: slack-webhook-url"},
	{"hooks.slack.com/triggers/", 20, ascii.IsPath, "Slack trigger", "gitleaks: slack-webhook-url"},
	{"discord.com/api/webhooks/", 20, ascii.IsPath, "Discord webhook", "discord.com/developers/docs/resources/webhook"},
	{"discordapp.com/api/webhooks/", 20, ascii.IsPath, "Discord webhook", "discord.com/developers/docs/resources/webhook"},
	{"api.telegram.org/bot", 20, ascii.IsBot, "Telegram bot", "core.telegram.org/bots/api#authorizing-your-bot"},
	{"/webhookb2/", 20, ascii.IsPath, "Teams webhook", "gitleaks: microsoft-teams-webhook"},
	{"outlook.office.com/webhook/", 20, ascii.IsPath, "Office 365 webhook", "learn.microsoft.com: Office 365 connectors"},
	{"hooks.zapier.com/hooks/catch/", 8, ascii.IsPath, "Zapier webhook", "help.zapier.com: webhooks"},
	{"/with/key/", 16, ascii.IsPath, "IFTTT webhook", "ifttt.com/maker_webhooks"},
	{"/open-apis/bot/v2/hook/", 16, ascii.IsPath, "Feishu webhook", "open.feishu.cn: custom bots"},
	{"events.pagerduty.com/integration/", 20, ascii.IsPath, "PagerDuty integration",
		"developer.pagerduty.com: events API"},
	{"hc-ping.com/", 20, ascii.IsPath, "Healthchecks ping", "healthchecks.io/docs/http_api"},
	{"base64url.bearer.authorization.k8s.io.", 8, ascii.IsBase64, "Kubernetes bearer",
		"kubernetes.io: websocket protocol"},
	{"/hooks/", 24, ascii.IsBase62, "Mattermost webhook", "developers.mattermost.com: incoming webhooks"},
}

// StorageSchemes stand before a password that is kept (RFC 3112, Dovecot, Spring Security), in lower case.
var StorageSchemes = []string{"{plain}", "{cleartext}", "{clear}", "{noop}", "{sha}", "{sha256}", "{ssha256}",
	"{sha512}",
	"{ssha512}", "{md5}", "{smd5}", "{crypt}", "{bcrypt}", "{blf-crypt}", "{sha256-crypt}", "{sha512-crypt}", "{cram-md5}",
	"{pbkdf2}", "{argon2}", "{argon2id}", "{scrypt}"}
