#!/usr/bin/env bash
# Records DTLS and QUIC of the stacks that record.sh has not: GnuTLS, Mbed TLS and wolfSSL; Chromium, quic-go and ngtcp2.
#
#   samples/record-udp.sh            all of them
#   samples/record-udp.sh NAME …     these alone, for example: samples/record-udp.sh quic-alpn-mismatch
#   samples/record-udp.sh --list     their names
#
# Needs what record.sh needs, and the Debian packages gcc libmbedtls-dev libwolfssl-dev chromium ngtcp2-client ngtcp2-server
# golang-github-lucas-clemente-quic-go-dev. No keys are recorded.
set -euo pipefail
# shellcheck source=lab.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lab.sh"

client_hello="tls.handshake.type == 1"
alert="dtls.alert_message"
close="quic.cc.error_code"

make_udp_peers() {
  cc -o "$work/mbedtls-peer" "$stacks/mbedtls-peer.c" -lmbedtls -lmbedx509 -lmbedcrypto
  cc -o "$work/wolfssl-peer" "$stacks/wolfssl-peer.c" -lwolfssl
  GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=${GOCACHE:-$work/go-cache} go build -o "$work/http3-peer" "$stacks/http3-peer.go"
}

# quic_server CERTIFICATE OPTIONS…
quic_server() {
  local certificate=$1
  shift
  serve 443 "$work/http3-peer" server -listen :443 -cert "$work/$certificate.chain.pem" -key "$work/$certificate.key" "$@"
}
quic_client() { client "$work/http3-peer" client -ca "$work/root.pem" "$@"; }

# ngtcp2_server CERTIFICATE OPTIONS…
ngtcp2_server() {
  local certificate=$1
  shift
  mkdir -p "$work/htdocs"
  echo ok >"$work/htdocs/index.html"
  serve 443 gtlsserver -q -d "$work/htdocs" "$@" 198.51.100.20 443 "$work/$certificate.key" "$work/$certificate.chain.pem"
}
ngtcp2_client() { client timeout 5 gtlsclient -q --exit-on-all-streams-close "$@" shop.example 443 https://shop.example/index.html; }

# chromium_client URL OPTIONS… takes HTTP/3 from the first connection on.
chromium_client() {
  local url=$1
  shift
  rm -rf "$work/chromium"
  client timeout 15 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" --disable-background-networking \
    --origin-to-force-quic-on=shop.example:443 "$@" --dump-dom "$url"
}

# The digest of a certificate's key, in base64, for which Chromium forgives every fault.
key_digest() {
  openssl x509 -in "$work/$1.pem" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64
}

gnutls_dtls_server() {
  local port=$1 certificate=$2
  shift 2
  serve "$port" gnutls-serv --udp --echo --mtu 1200 --port "$port" --x509certfile "$work/$certificate.chain.pem" \
    --x509keyfile "$work/$certificate.key" "$@"
}
gnutls_dtls_client() { gnutls_client "$1" "$2" --udp --mtu 1200 "${@:3}"; }

# ---- QUIC

scenario_quic_success_chromium() {
  quic_server shop
  capture quic-success-chromium.pcap "udp port 443"
  chromium_client https://shop.example/ --ignore-certificate-errors-spki-list="$(key_digest shop)"
  expect_healthy
}

# Chromium wants a public authority for QUIC, whatever it trusts over TCP. Its refusal is hidden; a reason makes it long.
scenario_quic_authority_unknown() {
  quic_server shop
  capture quic-authority-unknown.pcap "udp port 443"
  chromium_client https://shop.example/
  sleep 4
  chromium_client https://shop.example/ --ignore-certificate-errors-spki-list="$(key_digest shop)"
  expect certificate-rejected 1 "udp.stream == 0 && quic.long.packet_type == 2 && ip.src == 192.0.2.10 && udp.length > 200 && udp.length < 600"
}

scenario_quic_success_quic_go() {
  quic_server shop -alpn echo
  capture quic-success-quic-go.pcap "udp port 443"
  quic_client -alpn echo -connect shop.example:443
  expect_healthy
}

# Data of the server before it has the client's Finished (0.5-RTT).
scenario_quic_half_rtt() {
  quic_server shop -alpn echo -greet
  capture quic-half-rtt.pcap "udp port 443"
  quic_client -alpn echo -greet -connect shop.example:443
  expect_healthy
}

# The same, and all that the client sends after its ClientHello is lost: it repeats its Finished until it gives up.
scenario_quic_finished_lost() {
  quic_server shop -alpn echo -greet
  ip netns exec "$router_ns" iptables -A FORWARD -p udp -s 192.0.2.10 -m connbytes --connbytes 2: --connbytes-dir original \
    --connbytes-mode packets -j DROP
  capture quic-finished-lost.pcap "udp port 443"
  quic_client -alpn echo -greet -connect shop.example:443
  ip netns exec "$router_ns" iptables -F FORWARD
  expect handshake-stalled 1 "frame.number == 1" "udp.srcport == 443 && quic.long.packet_type == 0"
}

scenario_quic_alpn_mismatch() {
  quic_server shop -alpn echo
  capture quic-alpn-mismatch.pcap "udp port 443"
  quic_client -alpn other -connect shop.example:443
  expect alpn-mismatch 1 "$client_hello" "$close"
}

scenario_quic_version_mismatch() {
  quic_server shop -alpn echo -versions v2
  capture quic-version-mismatch.pcap "udp port 443"
  quic_client -alpn echo -versions v1 -connect shop.example:443
  expect protocol-version-mismatch 1 "quic.version == 0"
}

# The refusal of quic-go is hidden as well, and as short as an acknowledgement.
scenario_quic_certificate_expired() {
  quic_server expired -alpn echo
  capture quic-certificate-expired.pcap "udp port 443"
  quic_client -alpn echo -connect shop.example:443
  sleep 4
  quic_client -alpn echo -connect shop.example:443
  expect certificate-rejected 1
}

# Version 2 of QUIC as its drafts had it.
scenario_quic_retry_ngtcp2() {
  ngtcp2_server shop -V
  capture quic-retry-ngtcp2.pcap "udp port 443"
  ngtcp2_client --version=v2draft
  expect_healthy
}

scenario_quic_compatible_version_ngtcp2() {
  ngtcp2_server shop --preferred-versions=v2draft,v1
  capture quic-compatible-version-ngtcp2.pcap "udp port 443"
  ngtcp2_client --other-versions=v2draft,v1
  expect_healthy
}

# ---- DTLS

scenario_dtls_success_gnutls() {
  gnutls_dtls_server 4433 shop
  capture dtls-success-gnutls.pcap "udp port 4433"
  gnutls_dtls_client shop.example 4433
  expect_healthy
}

scenario_dtls_self_signed_gnutls() {
  gnutls_dtls_server 4433 self
  capture dtls-self-signed-gnutls.pcap "udp port 4433"
  gnutls_dtls_client shop.example 4433
  expect certificate-self-signed 1 "$alert"
}

scenario_dtls_success_mbedtls() {
  serve 4433 "$work/mbedtls-peer" dtls-server 4433 "$work/shop.chain.pem" "$work/shop.key"
  capture dtls-success-mbedtls.pcap "udp port 4433"
  client timeout 4 "$work/mbedtls-peer" dtls-client shop.example 4433 "$work/root.pem"
  expect_healthy
}

scenario_dtls_hostname_mismatch_mbedtls() {
  serve 4433 "$work/mbedtls-peer" dtls-server 4433 "$work/legacy.chain.pem" "$work/legacy.key"
  capture dtls-hostname-mismatch-mbedtls.pcap "udp port 4433"
  client timeout 4 "$work/mbedtls-peer" dtls-client shop.example 4433 "$work/root.pem"
  expect hostname-mismatch 1 "$alert"
}

scenario_dtls_success_wolfssl() {
  serve 4433 "$work/wolfssl-peer" dtls-server 4433 "$work/shop.chain.pem" "$work/shop.key"
  capture dtls-success-wolfssl.pcap "udp port 4433"
  client timeout 4 "$work/wolfssl-peer" dtls-client shop.example 4433 "$work/root.pem"
  expect_healthy
}

scenario_dtls_certificate_expired_wolfssl() {
  serve 4433 "$work/wolfssl-peer" dtls-server 4433 "$work/expired.chain.pem" "$work/expired.key"
  capture dtls-certificate-expired-wolfssl.pcap "udp port 4433"
  client timeout 4 "$work/wolfssl-peer" dtls-client shop.example 4433 "$work/root.pem"
  expect certificate-expired 1 "$alert"
}

main() {
  if [[ ${1:-} == --list ]]; then
    scenarios "${BASH_SOURCE[0]}"
    return
  fi
  need
  setup
  make_udp_peers
  if (($#)); then
    run "$@"
  else
    mapfile -t all < <(scenarios "${BASH_SOURCE[0]}")
    run "${all[@]}"
  fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
