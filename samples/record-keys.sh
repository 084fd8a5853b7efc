#!/usr/bin/env bash
# Records the samples that have keys: NAME.pcap, and NAME.keys beside it, the key log that one end wrote (SSLKEYLOGFILE); or
# NAME.pcapng, which has it inside.
#
#   samples/record-keys.sh            all of them
#   samples/record-keys.sh NAME …     these alone, for example: samples/record-keys.sh keys-quic
#   samples/record-keys.sh --list     their names
#
# Needs what record.sh needs, and the Debian packages golang-github-lucas-clemente-quic-go-dev
# (QUIC). The end that logs keys is the client, or the server where the client cannot (Java, NSS as Debian builds it).
set -euo pipefail
# shellcheck source=lab.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lab.sh"

# keyed FILE FILTER: captures at the client's end; what logs keys from here on, by SSLKEYLOGFILE or `-keylogfile "$keys"`, does so
# to the key log beside it.
keyed() {
  keys=$out/${1%.*}.keys
  if [[ $1 == *.pcapng ]]; then
    keys=$work/inside.keys
  fi
  rm -f "$keys"
  capture "$1" "$2"
  export SSLKEYLOGFILE=$keys
}

# plain_server PORT CERTIFICATE OPTIONS… runs s_server, which answers nothing.
plain_server() {
  local port=$1 certificate=$2
  shift 2
  serve "$port" bash -c 'exec "$@" < <(sleep 30)' - openssl s_server -quiet -accept "$port" -cert "$work/$certificate.pem" \
    -key "$work/$certificate.key" -cert_chain "$work/$certificate.issuers.pem" "$@"
}

# ---- Healthy

scenario_keys_tls13() {
  nginx_server 443 "$(nginx_site 443 shop 'ssl_protocols TLSv1.3;')"
  keyed keys-tls13.pcap "tcp port 443"
  curl_client https://shop.example/
  expect_healthy
}

# A client certificate, and a second visit with a ticket.
scenario_keys_tls13_mutual() {
  keyed keys-tls13-mutual.pcap "tcp port 8443"
  plain_server 8443 shop -Verify 1 -CAfile "$work/client-root.pem" -keylogfile "$keys" -alpn http/1.1
  local suite=(-ciphersuites TLS_CHACHA20_POLY1305_SHA256)
  waiting_client "${suite[@]}" -alpn h2,http/1.1 -cert "$work/client.pem" -key "$work/client.key" -sess_out "$work/session"
  waiting_client "${suite[@]}" -sess_in "$work/session"
  expect_healthy
}

# Data before the handshake is over.
scenario_keys_early_data() {
  keyed keys-early-data.pcap "tcp port 8443"
  printf 'GET /early HTTP/1.0\r\n\r\n' >"$work/request"
  plain_server 8443 shop -early_data
  waiting_client -sess_out "$work/session"
  waiting_client -sess_in "$work/session" -early_data "$work/request" -keylogfile "$keys"
  expect_healthy
}

waiting_client() {
  client bash -c '{ echo hello; sleep 0.5; } | "$@"' - openssl s_client -connect shop.example:8443 -servername shop.example -CAfile "$work/root.pem" "$@"
}

# The key log has the premaster secrets, too: TLS 1.2 with the extended master secret, TLS 1.1, and DTLS 1.2.
scenario_keys_rsa() {
  keyed keys-rsa.pcap "tcp port 8443 or udp port 4433"
  plain_server 8443 shop -cipher 'RSA@SECLEVEL=0'
  waiting_client -tls1_2 -cipher AES128-GCM-SHA256 -keylogfile "$keys"
  waiting_client -tls1_1 -cipher 'AES128-SHA@SECLEVEL=0' -keylogfile "$keys"
  dtls_server 4433 shop -dtls1_2 -cipher AES256-GCM-SHA384
  dtls_client shop.example 4433 -dtls1_2 -cipher AES256-GCM-SHA384 -verify_hostname shop.example -keylogfile "$keys"
  expect_healthy
}

scenario_keys_dtls12() {
  keyed keys-dtls12.pcap "udp port 4433"
  dtls_server 4433 shop -dtls1_2
  dtls_client shop.example 4433 -dtls1_2 -verify_hostname shop.example -keylogfile "$keys"
  expect_healthy
}

# ---- Failures that TLS 1.3 hides

scenario_keys_certificate_expired() {
  nginx_server 443 "$(nginx_site 443 expired 'ssl_protocols TLSv1.3;')"
  keyed keys-certificate-expired.pcap "tcp port 443"
  go_client -connect shop.example:443
  expect certificate-expired 1 "tls.alert_message.level == 2"
}

scenario_keys_hostname_mismatch() {
  keyed keys-hostname-mismatch.pcap "tcp port 8443"
  openssl_server 8443 shop -keylogfile "$keys"
  java_client api.example.com 8443
  expect hostname-mismatch 1 "tls.alert_message.level == 2"
}

scenario_keys_client_certificate_missing() {
  openssl_server 8443 shop -verify_return_error -Verify 1 -CAfile "$work/client-root.pem"
  keyed keys-client-certificate-missing.pcap "tcp port 8443"
  client env NODE_OPTIONS="--tls-keylog=$keys" node "$stacks/node-client.mjs" shop.example 8443 "{\"caFile\": \"$work/root.pem\"}"
  expect client-certificate-missing 1 "tls.alert_message.level == 2"
}

scenario_keys_client_certificate_expired() {
  openssl_server 8443 shop -verify_return_error -Verify 1 -CAfile "$work/client-root.pem"
  keyed keys-client-certificate-expired.pcap "tcp port 8443"
  gnutls_client shop.example 8443 --x509certfile "$work/client-expired.pem" --x509keyfile "$work/client-expired.key"
  expect client-certificate-expired 1 "tls.alert_message.level == 2"
}

scenario_keys_authority_unknown() {
  keyed keys-authority-unknown.pcapng "tcp port 8443"
  openssl_server 8443 partner -keylogfile "$keys"
  nss_client api.example.com 8443 -V tls1.3:tls1.3
  expect certificate-authority-unknown 1 "tls.alert_message.level == 2"
}

# MAC, then encryption, in CBC mode; the client begins a second handshake within the first, and the server does not want to.
scenario_keys_renegotiation_refused() {
  keyed keys-renegotiation-refused.pcap "tcp port 8443"
  plain_server 8443 shop -tls1_2
  client bash -c '{ sleep 0.5; echo R; sleep 0.5; } | "$@"' - openssl s_client -connect shop.example:8443 -tls1_2 \
    -servername shop.example -cipher ECDHE-RSA-AES128-SHA256 -CAfile "$work/root.pem" -keylogfile "$keys"
  expect renegotiation-refused 1 "tls.alert_message.desc == 100"
}

scenario_keys_quic() {
  make_quic_peer
  keyed keys-quic.pcap "udp port 4443"
  serve 4443 "$work/quic-peer" server -listen 198.51.100.20:4443 -cert "$work/shop.chain.pem" -key "$work/shop.key"
  client "$work/quic-peer" client -connect shop.example:4443 -ca "$work/root.pem"
  expect_healthy
}

# The client closes before the server has said that the handshake is complete: at two levels, in two ways.
scenario_keys_quic_left_at_once() {
  make_quic_peer
  keyed keys-quic-left-at-once.pcap "udp port 4443"
  serve 4443 "$work/quic-peer" server -listen 198.51.100.20:4443 -cert "$work/shop.chain.pem" -key "$work/shop.key"
  client "$work/quic-peer" client -connect shop.example:4443 -ca "$work/root.pem" -leave
  expect_healthy
}

scenario_keys_quic_client_certificate_missing() {
  make_quic_peer
  keyed keys-quic-client-certificate-missing.pcap "udp port 4443"
  serve 4443 "$work/quic-peer" server -listen 198.51.100.20:4443 -cert "$work/shop.chain.pem" -key "$work/shop.key" \
    -clientca "$work/client-root.pem"
  client "$work/quic-peer" client -connect shop.example:4443 -ca "$work/root.pem"
  expect client-certificate-missing 1 "quic.cc.error_code && frame.number < 16"
}

make_quic_peer() {
  GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work/go-cache go build -o "$work/quic-peer" "$stacks/quic-peer.go"
}

main "${BASH_SOURCE[0]}" "$@"
