# shellcheck shell=bash
# The laboratory in which captures are recorded: three network namespaces, certificates, servers, clients, tcpdump.
# Sourced by record.sh and record-keys.sh, which hold the scenarios.
#
#   client 192.0.2.10–15 ──eth0── router ──eth1── server 198.51.100.20–23
#          2001:db8:1::10                                2001:db8:2::20
#
# A scenario starts servers (serve, nginx_server), then a capture (capture), then clients (client); finish ends it all.

lab_dir=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
stacks=$lab_dir/stacks
work=
out=$lab_dir
client_ns=tls-client-$$
router_ns=tls-router-$$
server_ns=tls-server-$$
servers=()
captures=()
capture_files=()
keys= # the key log of what is recorded, if there is one

need() {
  local missing=()
  local command package
  while read -r command package; do
    command -v "$command" >/dev/null || missing+=("$package")
  done <<'LIST'
tcpdump tcpdump
openssl openssl
curl curl
nginx nginx-light
gnutls-cli gnutls-bin
node nodejs
javac default-jdk-headless
keytool default-jdk-headless
go golang-go
links links
haproxy haproxy
apache2 apache2
certutil libnss3-tools
tstclnt libnss3-tools
ip iproute2
iptables iptables
ethtool ethtool
editcap wireshark-common
tshark tshark
faketime faketime
LIST
  if ((${#missing[@]})); then
    echo "missing; install with: apt-get install ${missing[*]}" >&2
    exit 2
  fi
  if ((EUID != 0)); then
    echo "must run as root: it makes network namespaces and runs tcpdump" >&2
    exit 2
  fi
}

setup() {
  work=$(mktemp -d)
  trap cleanup EXIT
  trap 'exit 130' INT TERM
  make_network
  make_certificates
  make_peers
}

cleanup() {
  stop_all
  local ns
  for ns in "$client_ns" "$router_ns" "$server_ns"; do
    ip netns del "$ns" 2>/dev/null || true
    rm -rf "/etc/netns/${ns:?}"
  done
  rm -rf "${work:?}" 2>/dev/null || { sleep 1; rm -rf "${work:?}"; } # a client may still be writing its last line
}

# ---- Network

make_network() {
  local ns
  for ns in "$client_ns" "$router_ns" "$server_ns"; do
    ip netns add "$ns"
    ip -n "$ns" link set lo up
    mkdir -p "/etc/netns/$ns"
    hosts >"/etc/netns/$ns/hosts"
    : >"/etc/netns/$ns/resolv.conf"
  done
  ip -n "$client_ns" link add eth0 type veth peer name eth0 netns "$router_ns"
  ip -n "$router_ns" link add eth1 type veth peer name eth0 netns "$server_ns"
  addresses "$client_ns" eth0 192.0.2.{10..15}/24 2001:db8:1::10/64
  addresses "$router_ns" eth0 192.0.2.1/24 2001:db8:1::1/64
  addresses "$router_ns" eth1 198.51.100.1/24 2001:db8:2::1/64
  addresses "$server_ns" eth0 198.51.100.{20..23}/24 2001:db8:2::20/64
  gateway "$client_ns" 192.0.2.1 2001:db8:1::1
  gateway "$server_ns" 198.51.100.1 2001:db8:2::1
  ip netns exec "$router_ns" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

hosts() {
  cat <<'LIST'
127.0.0.1 localhost
198.51.100.20 shop.example www.shop.example
198.51.100.21 api.example.com
198.51.100.22 legacy.example
198.51.100.23 gateway.example
2001:db8:2::20 v6.example
LIST
}

# addresses NAMESPACE INTERFACE ADDRESS… also turns offloading off, so that frames are what a wire would carry.
addresses() {
  local ns=$1 interface=$2 address
  shift 2
  ip netns exec "$ns" ethtool -K "$interface" tx off rx off tso off gso off gro off >/dev/null 2>&1 || true
  for address in "$@"; do
    if [[ $address == *:* ]]; then
      ip -n "$ns" addr add "$address" dev "$interface" nodad
    else
      ip -n "$ns" addr add "$address" dev "$interface"
    fi
  done
  ip -n "$ns" link set "$interface" up
}

gateway() {
  ip -n "$1" route add default via "$2"
  ip -n "$1" -6 route add default via "$3"
}

# ---- Certificates: NAME.pem is the leaf, NAME.issuers.pem the intermediate if there is one, NAME.chain.pem both,
# NAME.key the key, NAME.p12 all of it.

make_certificates() {
  certificate_config >"$work/openssl.cnf"
  export OPENSSL_CONF=$work/openssl.cnf
  authority root "/C=ZZ/O=Example Trust/CN=Example Root CA" self
  authority issuing "/C=ZZ/O=Example Trust/CN=Example Issuing CA 1" root
  authority private-root "/C=ZZ/O=Example Partner/CN=Example Partner Root CA" self
  authority private-issuing "/C=ZZ/O=Example Partner/CN=Example Partner Issuing CA" private-root
  authority client-root "/C=ZZ/O=Example Trust/CN=Example Client CA" self

  certificate shop issuing shop.example "DNS:shop.example,DNS:www.shop.example"
  certificate api issuing api.example.com "DNS:api.example.com"
  certificate legacy issuing legacy.example "DNS:legacy.example"
  certificate gateway issuing gateway.example "DNS:gateway.example"
  certificate v6 issuing v6.example "DNS:v6.example"
  without_issuers shop shop-alone
  certificate expired issuing shop.example "DNS:shop.example,DNS:www.shop.example" "-400 days" "-3 days"
  # Far enough ahead for a benchmark that replays it among samples of later days.
  certificate future issuing shop.example "DNS:shop.example,DNS:www.shop.example" "+400 days" "+800 days"
  certificate partner private-issuing api.example.com "DNS:api.example.com"
  certificate client client-root "device 4711" "email:device-4711@example.com"
  certificate client-expired client-root "device 0815" "email:device-0815@example.com" "-380 days" "-15 days"
  certificate client-stranger private-root "device 9999" "email:device-9999@example.com"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/self.key" -out "$work/self.pem" -days 300 \
    -subj "/CN=shop.example" -addext "subjectAltName=DNS:shop.example" 2>/dev/null
  cp "$work/self.pem" "$work/self.chain.pem"
  : >"$work/self.issuers.pem"
  pkcs12 self

  certificate purpose issuing shop.example "DNS:shop.example" "-30 days" "+335 days" for_clients
  certificate revoked issuing shop.example "DNS:shop.example"
  openssl ca -revoke "$work/revoked.pem" -keyfile "$work/issuing.key" -cert "$work/issuing.pem" 2>>"$work/log"
  openssl ca -gencrl -keyfile "$work/issuing.key" -cert "$work/issuing.pem" -crldays 300 -out "$work/issuing.crl" 2>>"$work/log"
  certificate damaged issuing shop.example "DNS:shop.example"
  damage damaged
  key_options=(-newkey rsa:1024)
  certificate weak issuing shop.example "DNS:shop.example"
  key_options=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
  certificate ecdsa issuing shop.example "DNS:shop.example"
  key_options=(-newkey rsa:2048)
  certificate client-purpose client-root "device 4712" "email:device-4712@example.com" "-30 days" "+335 days" for_servers

  local anchor
  for anchor in root client-root; do
    keytool -importcert -noprompt -alias anchor -file "$work/$anchor.pem" -keystore "$work/$anchor.trust.p12" \
      -storetype PKCS12 -storepass changeit 2>/dev/null
  done
}

certificate_config() {
  cat <<CONFIG
[ca]
default_ca = lab
[lab]
new_certs_dir = $work
database = $work/index.txt
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
email_in_dn = no
[any]
countryName = optional
organizationName = optional
commonName = supplied
UID = optional
[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = caIssuers;URI:http://pki.example/issuer.der
[for_clients]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = clientAuth
[for_servers]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
CONFIG
  : >"$work/index.txt"
}

day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }

# sign NAME ISSUER EXTENSIONS START END
sign() {
  local by=(-cert "$work/$2.pem" -keyfile "$work/$2.key")
  if [[ $2 == self ]]; then
    by=(-selfsign -keyfile "$work/$1.key")
  fi
  openssl ca -batch -notext "${by[@]}" -in "$work/$1.csr" -out "$work/$1.pem" -extensions "$3" \
    -startdate "$(day "$4")" -enddate "$(day "$5")" 2>>"$work/log"
}

# authority NAME SUBJECT ISSUER
authority() {
  openssl req -new -newkey rsa:2048 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "$2" 2>/dev/null
  sign "$1" "$3" authority "-3 years" "+9 years"
}

# The kind of key that certificates get.
key_options=(-newkey rsa:2048)

# certificate NAME ISSUER COMMON-NAME SUBJECT-ALT-NAMES [START END [EXTENSIONS]]
certificate() {
  openssl req -new "${key_options[@]}" -nodes -keyout "$work/$1.key" -out "$work/$1.csr" \
    -subj "/C=ZZ/O=Example Shop/CN=$3" -addext "subjectAltName=$4" 2>/dev/null
  sign "$1" "$2" "${7:-leaf}" "${5:--30 days}" "${6:-+335 days}"
  : >"$work/$1.issuers.pem"
  if [[ $2 == *issuing ]]; then
    cp "$work/$2.pem" "$work/$1.issuers.pem"
  fi
  cat "$work/$1.pem" "$work/$1.issuers.pem" >"$work/$1.chain.pem"
  pkcs12 "$1"
}

# damage NAME changes a byte of the certificate's signature.
damage() {
  openssl x509 -in "$work/$1.pem" -outform DER -out "$work/$1.der"
  node -e 'const fs = require("fs"), der = fs.readFileSync(process.argv[1]); der[der.length - 20] ^= 0x55; fs.writeFileSync(process.argv[1], der);' \
    "$work/$1.der"
  openssl x509 -inform DER -in "$work/$1.der" -out "$work/$1.pem"
  cat "$work/$1.pem" "$work/$1.issuers.pem" >"$work/$1.chain.pem"
}

# without_issuers NAME COPY makes a copy whose chain is the leaf alone.
without_issuers() {
  cp "$work/$1.pem" "$work/$2.pem"
  cp "$work/$1.pem" "$work/$2.chain.pem"
  cp "$work/$1.key" "$work/$2.key"
  : >"$work/$2.issuers.pem"
  pkcs12 "$2"
}

pkcs12() {
  openssl pkcs12 -export -name "$1" -in "$work/$1.chain.pem" -inkey "$work/$1.key" -passout pass:changeit -out "$work/$1.p12"
}

# ---- Servers and clients

make_peers() {
  javac -d "$work" "$stacks/JavaPeer.java"
  GO111MODULE=off GOCACHE=$work/go-cache go build -o "$work/go-peer" "$stacks/go-peer.go"
}

# serve PORT COMMAND… starts a server and waits until it listens.
serve() {
  local port=$1
  shift
  ip netns exec "$server_ns" "$@" </dev/null >>"$work/server.log" 2>&1 &
  servers+=($!)
  wait_for "$port"
}

wait_for() {
  local tries
  for tries in {1..100}; do
    if [[ -n $(ip netns exec "$server_ns" ss -Hltun "sport = :$1") ]]; then
      return
    fi
    sleep 0.1
  done
  echo "no server on port $1 after $tries tries" >&2
  tail -5 "$work/server.log" >&2
  return 1
}

# nginx_server PORT SERVER-BLOCK… runs nginx with these server blocks.
nginx_server() {
  local port=$1
  shift
  cat >"$work/nginx-$port.conf" <<CONFIG
user root;
daemon off;
worker_processes 1;
pid $work/nginx-$port.pid;
error_log $work/nginx.log info;
events {}
http {
  access_log off;
  client_body_temp_path $work/nginx-body;
  proxy_temp_path $work/nginx-proxy;
  fastcgi_temp_path $work/nginx-fastcgi;
  uwsgi_temp_path $work/nginx-uwsgi;
  scgi_temp_path $work/nginx-scgi;
  ssl_session_cache shared:tls:1m;
  default_type text/plain;
  $*
}
CONFIG
  serve "$port" nginx -e "$work/nginx.log" -c "$work/nginx-$port.conf"
}

# nginx_site PORT CERTIFICATE [DIRECTIVES] prints a server block.
nginx_site() {
  cat <<BLOCK
server {
  listen $1 ssl;
  listen [::]:$1 ssl;
  ssl_certificate $work/$2.chain.pem;
  ssl_certificate_key $work/$2.key;
  location / { return 200 "ok\n"; }
  ${3:-}
}
BLOCK
}

# openssl_server PORT CERTIFICATE OPTIONS… runs s_server, which sends the whole chain.
openssl_server() {
  local port=$1 certificate=$2
  shift 2
  local chain=()
  if [[ -s $work/$certificate.issuers.pem ]]; then
    chain=(-cert_chain "$work/$certificate.issuers.pem")
  fi
  serve "$port" openssl s_server -accept "$port" -www -cert "$work/$certificate.pem" -key "$work/$certificate.key" \
    "${chain[@]}" "$@"
}

# DTLS; -listen has it ask for a cookie first.
dtls_server() {
  local port=$1 certificate=$2
  shift 2
  serve "$port" bash -c 'sleep 30 | "$@"' - openssl s_server -accept "$port" -cert "$work/$certificate.pem" \
    -key "$work/$certificate.key" -cert_chain "$work/$certificate.issuers.pem" -listen -mtu 1200 "$@"
}

gnutls_server() {
  local port=$1 certificate=$2
  shift 2
  serve "$port" gnutls-serv --http --quiet --port "$port" \
    --x509certfile "$work/$certificate.chain.pem" --x509keyfile "$work/$certificate.key" "$@"
}

# go_server PORT CERTIFICATE OPTIONS…
go_server() {
  local port=$1 certificate=$2
  shift 2
  serve "$port" "$work/go-peer" server -listen ":$port" -cert "$work/$certificate.chain.pem" -key "$work/$certificate.key" "$@"
}

# java_server PORT CERTIFICATE JAVA-OPTION…
java_server() {
  local port=$1 certificate=$2
  shift 2
  serve "$port" java -XX:TieredStopAtLevel=1 -cp "$work" -Dkeys="$work/$certificate.p12" "$@" JavaPeer server "$port"
}

# haproxy_server PORT CERTIFICATE [BIND-OPTIONS]
haproxy_server() {
  cat "$work/$2.chain.pem" "$work/$2.key" >"$work/haproxy-$2.pem"
  cat >"$work/haproxy-$1.cfg" <<CONFIG
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 5s
frontend tls
  bind :::$1 v4v6 ssl crt $work/haproxy-$2.pem ${3:-}
  http-request return status 200 content-type text/plain string ok
CONFIG
  serve "$1" haproxy -db -f "$work/haproxy-$1.cfg"
}

# apache_server PORT CERTIFICATE asks for a client certificate below /members.
apache_server() {
  local modules=/usr/lib/apache2/modules
  mkdir -p "$work/apache"
  chmod 711 "$work" # it reads documents as another user
  : >"$work/apache/members"
  cat >"$work/apache-$1.conf" <<CONFIG
ServerRoot $work
ServerName $2
PidFile $work/apache.pid
ErrorLog $work/apache.log
DefaultRuntimeDir $work
DocumentRoot $work/apache
User www-data
Group www-data
Listen $1
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule ssl_module $modules/mod_ssl.so
SSLEngine on
SSLCertificateFile $work/$2.chain.pem
SSLCertificateKeyFile $work/$2.key
SSLCACertificateFile $work/client-root.pem
<Location /members>
  SSLVerifyClient require
</Location>
CONFIG
  serve "$1" apache2 -X -f "$work/apache-$1.conf"
}

# key_pair CERTIFICATE prints the JSON members that name its files, for the Node.js programs.
key_pair() {
  printf '"certFile": "%s", "keyFile": "%s"' "$work/$1.chain.pem" "$work/$1.key"
}

# node_server PORT JSON-OPTIONS
node_server() { serve "$1" node "$stacks/node-server.mjs" "$1" "$2"; }

# handmade_server PORT CERTIFICATE BEHAVIOUR
handmade_server() { serve "$1" node "$stacks/handmade-server.mjs" "$1" "$work/$2.chain.pem" "$work/$2.key" "$3"; }
scripted_server() { serve "$1" node "$stacks/scripted-server.mjs" "$1" "$2"; }

# client COMMAND… runs a client; that it fails is what most scenarios are about.
client() {
  echo "== $*" >>"$work/client.log"
  timeout 20 ip netns exec "$client_ns" "$@" </dev/null >>"$work/client.log" 2>&1 || echo "== exit $?" >>"$work/client.log"
}

curl_client() { client curl -sS --cacert "$work/root.pem" "$@"; }
go_client() { client "$work/go-peer" client -ca "$work/root.pem" "$@"; }

# node_client HOST PORT [JSON-MEMBERS]
node_client() {
  client node "$stacks/node-client.mjs" "$1" "$2" "{\"caFile\": \"$work/root.pem\"${3:+, $3}}"
}

# java_client HOST PORT [JAVA-OPTION…]
java_client() {
  local host=$1 port=$2
  shift 2
  client java -XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true -cp "$work" -Dtrust="$work/root.trust.p12" "$@" \
    JavaPeer client "$host" "$port"
}

# openssl_client HOST PORT OPTIONS… sends a request and waits for the server to close.
openssl_client() {
  local host=$1 port=$2
  shift 2
  client bash -c 'printf "GET / HTTP/1.0\r\n\r\n" | "$@"' - \
    openssl s_client -connect "$host:$port" -ign_eof -CAfile "$work/root.pem" "$@"
}

# nss_client HOST PORT OPTIONS… runs tstclnt, which trusts the root.
nss_client() {
  local host=$1 port=$2
  shift 2
  if [[ ! -d $work/nss ]]; then
    mkdir "$work/nss"
    certutil -N -d "sql:$work/nss" --empty-password
    certutil -A -d "sql:$work/nss" -n root -t C,, -i "$work/root.pem"
  fi
  client bash -c 'printf "GET / HTTP/1.0\r\n\r\n" | "$@"' - tstclnt -h "$host" -p "$port" -d "sql:$work/nss" "$@"
}

dtls_client() {
  local host=$1 port=$2
  shift 2
  client bash -c '{ echo hello; sleep 0.5; } | "$@"' - \
    openssl s_client -connect "$host:$port" -CAfile "$work/root.pem" -verify_return_error -servername "$host" "$@"
}

# gnutls_client HOST PORT OPTIONS…
gnutls_client() {
  local host=$1 port=$2
  shift 2
  client bash -c '{ printf "GET / HTTP/1.0\r\n\r\n"; sleep 1; } | "$@"' - \
    gnutls-cli --port "$port" --x509cafile "$work/root.pem" "$@" "$host"
}

# links_client URL OPTIONS… A browser that tries again with less when a handshake fails.
links_client() {
  local url=$1
  shift
  client links -ssl.certificates 0 "$@" -dump "$url"
}

# ---- Captures

# capture FILE FILTER [SIDE [INTERFACE]] starts tcpdump at the client's end, or at that of SIDE. FILE ends in .pcap or
# .pcapng.
capture() {
  local file=$1 filter=$2 side=${3:-client} interface=${4:-eth0}
  local ns=${side}_ns log=$work/$1.log
  : >"$log"
  # shellcheck disable=SC2086 # tcpdump_options is a list of options
  ip netns exec "${!ns}" tcpdump -i "$interface" -n -U --immediate-mode -B 32768 -s "${snaplen:-0}" -Z root \
    ${tcpdump_options:-} -w "$work/$file" "$filter" 2>"$log" &
  captures+=($!)
  capture_files+=("$file")
  until grep -q 'listening on' "$log"; do
    sleep 0.05
    kill -0 "${captures[-1]}" || { cat "$log" >&2; return 1; }
  done
}

# expect DIAGNOSIS COUNT FILTER… notes what a correct tool says of the latest capture, and the display filters of tshark that
# find the frames which prove it. NAME:=VALUE among them is what it says of the course: change, attempts, succeeded.
expect() {
  (IFS=$'\t' && printf '%s\t%s\n' "${capture_files[-1]}" "$*") >>"$work/expected.tsv"
}

# expect_healthy notes that nothing failed.
expect_healthy() { printf '%s\n' "${capture_files[-1]}" >>"$work/expected.tsv"; }

stop() {
  local pid
  for pid in "$@"; do
    kill "$pid" 2>/dev/null || true
  done
  for pid in "$@"; do
    wait "$pid" 2>/dev/null || true
  done
}

stop_all() {
  stop "${captures[@]}"
  stop "${servers[@]}"
  captures=()
  servers=()
}

# finish lets the last packets arrive, stops everything, keeps the captures and checks that they show what is expected.
finish() {
  sleep 0.5
  stop_all
  local file
  for file in "${capture_files[@]}"; do
    if ! grep -q '^0 packets dropped' "$work/$file.log"; then
      echo "$file: tcpdump lost packets" >&2
      return 1
    fi
    if [[ $file == *.pcapng ]]; then
      editcap -F pcapng ${keys:+--inject-secrets "tls,$keys"} "$work/$file" "$out/$file"
    else
      mv "$work/$file" "$out/$file"
    fi
    echo "$file $(stat -c %s "$out/$file") bytes"
  done
  node "$lab_dir/expected.mjs" "$out" "$work/expected.tsv"
  capture_files=()
}

# run NAME… runs the scenarios with these names.
run() {
  local name
  for name in "$@"; do
    : >"$work/client.log"
    : >"$work/expected.tsv"
    "scenario_${name//-/_}"
    finish
    if [[ -n ${VERBOSE:-} ]]; then
      cat "$work/client.log"
    fi
  done
}

# scenarios prints the names of all scenarios, in the order of the file that defines them.
scenarios() {
  sed -n 's/^scenario_\([a-z0-9_]*\)() {$/\1/p' "$1" | tr _ -
}

# main FILE [NAME…] runs the scenarios of FILE with these names, by default all; with --list it prints their names.
main() {
  local all file=$1
  shift
  mapfile -t all < <(scenarios "$file")
  if [[ ${1:-} == --list ]]; then
    printf '%s\n' "${all[@]}"
    return
  fi
  need
  setup
  run "${@:-${all[@]}}"
}
