#!/usr/bin/env bash
# Records the sample captures: real TLS stacks that fail in known ways, and some that do not.
#
#   samples/record.sh            all of them
#   samples/record.sh NAME …     these alone, for example: samples/record.sh sni-missing-node
#   samples/record.sh --list     their names
#
# Needs root, and the Debian packages tcpdump openssl curl faketime nginx-light apache2 gnutls-bin haproxy libnss3-tools links nodejs default-jdk-headless golang-go
# iproute2 iptables ethtool tshark wireshark-common. Everything happens in network namespaces and a temporary folder of
# its own, which it removes when it ends.
set -euo pipefail
# shellcheck source=lab.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lab.sh"

# What proves a diagnosis, as display filters of tshark.
client_hello="tls.handshake.type == 1"
certificate="tls.handshake.type == 11"

# ---- Healthy

scenario_tls12_success() {
  nginx_server 443 "$(nginx_site 443 shop 'ssl_protocols TLSv1.2;')"
  capture tls12-success.pcap "tcp port 443"
  curl_client https://shop.example/
  expect_healthy
}

scenario_tls13_success() {
  openssl_server 443 v6
  capture tls13-success.pcap "tcp port 443"
  node_client v6.example 443
  expect_healthy
}

scenario_dtls12_success() {
  dtls_server 4433 shop -dtls1_2
  capture dtls12-success.pcap "udp port 4433"
  dtls_client shop.example 4433 -dtls1_2 -verify_hostname shop.example
  expect_healthy
}

# Connected and left, with and without TLS: whoever does that wants to know whether the server is there.
scenario_probes() {
  java_server 8443 shop -Dprotocols=TLSv1.2
  capture probes.pcap "tcp port 8443"
  client bash -c 'exec 3<>/dev/tcp/198.51.100.20/8443'
  client openssl s_client -connect shop.example:8443 -tls1_2
  expect_healthy
}

# HAProxy asks its back end whether it is there: a handshake, then a reset. The authority is private, and nobody minds.
scenario_health_check() {
  nginx_server 443 "$(nginx_site 443 partner 'ssl_protocols TLSv1.2;')"
  cat >"$work/check.cfg" <<CONFIG
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 3s
backend shop
  server one 198.51.100.21:443 check check-ssl inter 900 verify none sni str(api.example.com) check-sni api.example.com
listen local
  bind 127.0.0.1:9999
  use_backend shop
CONFIG
  capture health-check.pcap "tcp port 443"
  client timeout 2 haproxy -db -f "$work/check.cfg"
  expect_healthy
}

scenario_hello_retry_request() {
  openssl_server 443 shop -groups P-384
  capture hello-retry-request.pcap "tcp port 443"
  go_client -connect shop.example:443
  expect_healthy
}

scenario_optional_client_certificate() {
  haproxy_server 443 gateway "verify optional ca-file $work/client-root.pem"
  capture optional-client-certificate.pcap "tcp port 443"
  curl_client https://gateway.example/
  curl_client --tls-max 1.2 https://gateway.example/
  expect_healthy
}

# ---- Protocol versions and cipher suites

scenario_protocol_version_old_server() {
  openssl_server 443 legacy -tls1 -cipher "DEFAULT@SECLEVEL=0"
  capture protocol-version-old-server.pcap "tcp port 443"
  curl_client --tlsv1.2 https://legacy.example/
  expect protocol-version-mismatch 1 "$client_hello" "tls.alert_message.desc == 70"
}

scenario_protocol_version_old_client() {
  nginx_server 443 "$(nginx_site 443 shop 'ssl_protocols TLSv1.2 TLSv1.3;')"
  capture protocol-version-old-client.pcap "tcp port 443" server
  openssl_client shop.example 443 -servername shop.example -tls1 -cipher "DEFAULT@SECLEVEL=0"
  expect protocol-version-mismatch 1 "$client_hello" "tls.alert_message.desc == 70"
}

scenario_protocol_version_close_notify() {
  scripted_server 443 close-notify
  capture protocol-version-close-notify.pcap "tcp port 443" client any
  java_client legacy.example 443 -Dprotocols=TLSv1.2
  expect protocol-version-mismatch 1 "$client_hello" "tls.alert_message.level == 2 && tls.alert_message.desc == 0"
}

# The first client shows which suite the server takes, the second has none of the kind.
scenario_cipher_suite_mismatch() {
  openssl_server 443 api -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384
  capture cipher-suite-mismatch.pcap "tcp port 443"
  curl_client https://api.example.com/
  curl_client --interface 192.0.2.11 --tls-max 1.2 --ciphers AES128-SHA:AES256-SHA https://api.example.com/
  expect cipher-suite-mismatch 1 "tcp.stream == 1 && $client_hello" "tls.alert_message.desc == 40"
}

# One connection, no neighbour: suites, groups, signature schemes and the name all remain possible.
scenario_handshake_rejected() {
  openssl_server 443 api -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384
  capture handshake-rejected.pcapng "tcp port 443"
  go_client -connect api.example.com:443 -max 1.2 \
    -suites TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  expect handshake-rejected 1 "tls.alert_message.desc == 40"
}

# ---- Server names

# nginx without a default site, and a site for shop.example.
by_name() {
  cat <<BLOCKS
server {
  listen 443 ssl default_server;
  ssl_reject_handshake on;
}
$(nginx_site 443 shop 'server_name shop.example;')
BLOCKS
}

scenario_sni_missing_nginx() {
  nginx_server 443 "$(by_name)"
  capture sni-missing-nginx.pcap "tcp port 443" server
  curl_client https://shop.example/
  openssl_client shop.example 443 -noservername
  expect sni-missing 1 "tcp.stream == 1 && $client_hello" "tls.alert_message.desc == 112"
}

# A server that has certificates by name alone answers handshake_failure to a client that names none.
scenario_sni_missing_node() {
  node_server 443 "{\"sni\": {\"shop.example\": {$(key_pair shop)}}}"
  capture sni-missing-node.pcapng "tcp port 443"
  java_client shop.example 443 -Dprotocols=TLSv1.2
  java_client shop.example 443 -Dprotocols=TLSv1.2 -Djsse.enableSNIExtension=false -DnoName=true
  expect sni-missing 1 "tcp.stream == 1 && $client_hello" "tls.alert_message.desc == 40"
}

scenario_sni_unrecognized() {
  nginx_server 443 "$(by_name)"
  capture sni-unrecognized.pcap "tcp port 443"
  gnutls_client shop.example 443
  gnutls_client www.shop.example 443
  expect sni-unrecognized 1 "tcp.stream == 1 && $client_hello" "tls.alert_message.desc == 112"
}

# A Java server without a key store takes the ClientHello of TLS 1.3, and has no certificate to go on with.
scenario_server_certificate_missing() {
  serve 443 java -XX:TieredStopAtLevel=1 -cp "$work" JavaPeer server 443
  capture server-certificate-missing.pcap "tcp port 443"
  curl_client https://shop.example/
  expect server-certificate-missing 1 "$client_hello" "tls.handshake.type == 2" "tls.record.length == 35"
}

# OpenSSL without a certificate: handshake_failure, but to a client of TLS 1.3 alone protocol_version.
scenario_server_certificate_missing_openssl() {
  serve 443 openssl s_server -accept 443 -nocert -quiet
  capture server-certificate-missing-openssl.pcap "tcp port 443"
  curl_client https://shop.example/
  openssl_client shop.example 443 -tls1_3
  expect handshake-rejected 1 "tls.alert_message.desc == 40"
  expect protocol-version-mismatch 1 "tls.alert_message.desc == 70"
}

# A server of TLS 1.3 alone says protocol_version of it to all clients.
scenario_server_certificate_missing_tls13() {
  serve 443 openssl s_server -accept 443 -nocert -tls1_3 -quiet
  capture server-certificate-missing-tls13.pcap "tcp port 443"
  curl_client https://shop.example/
  expect protocol-version-mismatch 1 "tls.alert_message.desc == 70"
}

# OpenSSL 3 speaks TLS 1.0 by name; its security level leaves no signature for it.
scenario_protocol_version_security_level() {
  openssl_server 443 shop
  capture protocol-version-security-level.pcap "tcp port 443"
  openssl_client shop.example 443 -servername shop.example -tls1 -cipher "DEFAULT@SECLEVEL=0"
  expect protocol-version-mismatch 1 "$client_hello" "tls.alert_message.desc == 80"
}

scenario_protocol_version_gnutls() {
  gnutls_server 443 shop --priority NORMAL:-VERS-ALL:+VERS-TLS1.2
  capture protocol-version-gnutls.pcap "tcp port 443"
  java_client shop.example 443 -Dprotocols=TLSv1.3
  expect protocol-version-mismatch 1 "$client_hello" "tls.alert_message.desc == 40"
}

scenario_fallback_rejected() {
  haproxy_server 443 shop
  capture fallback-rejected.pcap "tcp port 443"
  openssl_client shop.example 443 -servername shop.example -tls1_2 -fallback_scsv
  expect fallback-rejected 1 "$client_hello" "tls.alert_message.desc == 86"
}

scenario_group_mismatch() {
  openssl_server 443 shop -groups P-384
  capture group-mismatch.pcap "tcp port 443"
  curl_client https://shop.example/
  curl_client --tlsv1.3 --curves X25519 https://shop.example/
  expect group-mismatch 1 "tcp.stream == 1 && $client_hello" "tls.alert_message.desc == 40"
}

# A Diffie-Hellman prime that clients refuse.
scenario_group_mismatch_small_prime() {
  handmade_server 443 shop dh-768
  capture group-mismatch-small-prime.pcap "tcp port 443"
  gnutls_client shop.example 443 --priority NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA
  expect group-mismatch 1 "tls.handshake.type == 12" "tls.alert_message"
}

scenario_signature_scheme_mismatch_sha1() {
  handmade_server 443 shop sha1
  capture signature-scheme-mismatch-sha1.pcap "tcp port 443"
  curl_client https://shop.example/
  expect signature-scheme-mismatch 1 "tls.handshake.type == 12" "tls.alert_message"
}

scenario_renegotiation_refused() {
  handmade_server 443 shop no-rfc5746
  capture renegotiation-refused.pcap "tcp port 443"
  curl_client https://shop.example/
  expect renegotiation-refused 1 "$client_hello" "tls.alert_message.desc == 40"
}

scenario_protocol_violation() {
  handmade_server 443 shop out-of-order
  capture protocol-violation.pcap "tcp port 443"
  go_client -connect shop.example:443
  expect protocol-violation 1 "tls.alert_message.desc == 10"
}

scenario_decryption_failed() {
  handmade_server 443 shop early-finish
  capture decryption-failed.pcap "tcp port 443"
  curl_client https://shop.example/
  expect decryption-failed 1 "tls.alert_message.desc == 20"
}

scenario_decryption_failed_wrong_key() {
  handmade_server 443 shop wrong-key
  capture decryption-failed-wrong-key.pcap "tcp port 443"
  curl_client https://shop.example/
  expect decryption-failed 1 "tls.alert_message.desc == 51"
}

scenario_signature_scheme_mismatch() {
  haproxy_server 443 ecdsa
  capture signature-scheme-mismatch.pcap "tcp port 443"
  curl_client --tls-max 1.2 https://shop.example/
  gnutls_client shop.example 443 --priority NORMAL:-VERS-ALL:+VERS-TLS1.2:-SIGN-ALL:+SIGN-RSA-SHA256
  expect signature-scheme-mismatch 1 "tcp.stream == 1 && $client_hello" "tls.alert_message.desc == 40"
}

scenario_alpn_mismatch() {
  nginx_server 443 "$(nginx_site 443 shop)"
  capture alpn-mismatch.pcap "tcp port 443"
  gnutls_client shop.example 443 --alpn imap
  expect alpn-mismatch 1 "$client_hello" "tls.alert_message.desc == 120"
}

scenario_psk_rejected() {
  echo "device:0102030405060708" >"$work/psk.txt"
  local keys=NORMAL:-KX-ALL:+ECDHE-PSK:+DHE-PSK
  serve 443 gnutls-serv --http --quiet --port 443 --pskpasswd "$work/psk.txt" --priority "$keys"
  capture psk-rejected.pcap "tcp port 443"
  gnutls_client shop.example 443 --priority "$keys" --pskusername device --pskkey 0807060504030201
  expect psk-rejected 1 "$client_hello" "tls.alert_message"
}

# ---- Server certificates

# certificate_scenario NAME CERTIFICATE: curl meets a certificate that it cannot accept, over TLS 1.2.
certificate_scenario() {
  nginx_server 443 "$(nginx_site 443 "$2" 'ssl_protocols TLSv1.2;')"
  capture "$1.pcap" "tcp port 443"
}

scenario_hostname_mismatch_curl() {
  certificate_scenario hostname-mismatch-curl shop
  curl_client https://gateway.example/
  expect hostname-mismatch 1 "$certificate"
}

scenario_hostname_mismatch_java() {
  certificate_scenario hostname-mismatch-java shop
  java_client gateway.example 443 -Dprotocols=TLSv1.2
  expect hostname-mismatch 1 "$certificate" "tls.alert_message.desc == 46"
}

scenario_certificate_expired_curl() {
  certificate_scenario certificate-expired-curl expired
  curl_client https://shop.example/
  expect certificate-expired 1 "$certificate" "tls.alert_message.desc == 45"
}

scenario_certificate_expired_go() {
  certificate_scenario certificate-expired-go expired
  go_client -connect shop.example:443
  expect certificate-expired 1 "$certificate" "tls.alert_message.desc == 42"
}

# Node.js checks the certificate after the handshake, and closes.
scenario_certificate_expired_node() {
  certificate_scenario certificate-expired-node expired
  node_client shop.example 443
  expect certificate-expired 1 "$certificate"
}

scenario_certificate_not_yet_valid() {
  openssl_server 443 future -tls1_2
  capture certificate-not-yet-valid.pcap "tcp port 443"
  curl_client https://shop.example/
  expect certificate-not-yet-valid 1 "$certificate" "tls.alert_message.desc == 42"
}

# The certificate is as it should be: the clock of the client is three years ahead, or behind.
client_clock_wrong() { # FILE TIME-DIFFERENCE
  certificate_scenario "$1" shop
  client faketime -f "$2" curl -sS --cacert "$work/root.pem" https://shop.example/
}

scenario_client_clock_wrong() {
  client_clock_wrong client-clock-wrong +3y
  expect client-clock-wrong 1 "$certificate" "tls.alert_message.desc == 45"
}

scenario_client_clock_wrong_behind() {
  client_clock_wrong client-clock-wrong-behind -2y
  expect client-clock-wrong 1 "$certificate" "tls.alert_message.desc == 42"
}

scenario_chain_incomplete() {
  certificate_scenario chain-incomplete shop-alone
  curl_client https://shop.example/
  expect chain-incomplete 1 "$certificate" "tls.alert_message.desc == 48"
}

scenario_certificate_authority_unknown_openssl() {
  openssl_server 8443 partner -tls1_2
  tcpdump_options='-y LINUX_SLL' capture certificate-authority-unknown-openssl.pcap "tcp port 8443" client any
  openssl_client api.example.com 8443 -servername api.example.com -verify_return_error
  expect certificate-authority-unknown 1 "$certificate" "tls.alert_message.desc == 48"
}

scenario_certificate_authority_unknown_java() {
  java_server 8443 partner -Dprotocols=TLSv1.2
  capture certificate-authority-unknown-java.pcap "tcp port 8443"
  java_client api.example.com 8443
  expect certificate-authority-unknown 1 "$certificate" "tls.alert_message.desc == 46"
}

scenario_certificate_self_signed() {
  certificate_scenario certificate-self-signed self
  curl_client https://shop.example/
  expect certificate-self-signed 1 "$certificate" "tls.alert_message.desc == 48"
}

# TLS 1.3 hides the certificate, but OpenSSL's client sends its alert in the clear.
scenario_certificate_expired_tls13() {
  openssl_server 443 expired
  capture certificate-expired-tls13.pcap "tcp port 443"
  curl_client https://shop.example/
  expect certificate-expired 1 "tls.alert_message.desc == 45"
}

# Others encrypt the alert as well: that the client rejected the certificate is all that can be said.
scenario_certificate_rejected_go() {
  nginx_server 443 "$(nginx_site 443 partner 'ssl_protocols TLSv1.3;')"
  capture certificate-rejected-go.pcap "tcp port 443"
  go_client -connect api.example.com:443
  expect certificate-rejected 1 "ip.src == 192.0.2.10 && tls.record.length == 19"
}

# Java pads every TLS 1.3 record with 16 zeros: its alert is of 35 bytes.
scenario_certificate_rejected_java() {
  openssl_server 443 expired
  capture certificate-rejected-java.pcap "tcp port 443"
  java_client shop.example 443
  expect certificate-rejected 1 "ip.src == 192.0.2.10 && tls.record.length == 35"
}

# curl checks the name when the handshake is complete, and leaves without a request.
scenario_certificate_rejected_curl() {
  openssl_server 443 shop
  capture certificate-rejected-curl.pcap "tcp port 443"
  curl_client https://gateway.example/
  expect certificate-rejected 1 "ip.src == 192.0.2.10 && tls.record.length == 19"
}

scenario_certificate_purpose_invalid() {
  certificate_scenario certificate-purpose-invalid purpose
  curl_client https://shop.example/
  expect certificate-purpose-invalid 1 "$certificate" "tls.alert_message.desc == 43"
}

scenario_certificate_signature_invalid() {
  certificate_scenario certificate-signature-invalid damaged
  java_client shop.example 443
  expect certificate-signature-invalid 1 "$certificate" "tls.alert_message"
}

scenario_certificate_weak() {
  openssl_server 443 weak -tls1_2 -cipher "DEFAULT@SECLEVEL=0"
  capture certificate-weak.pcap "tcp port 443"
  curl_client https://shop.example/
  expect certificate-weak 1 "$certificate" "tls.alert_message"
}

# Java has a list of what it refuses; of a key that is too small for it, it says unsupported_certificate.
scenario_certificate_weak_java() {
  openssl_server 443 weak -tls1_2 -cipher "DEFAULT@SECLEVEL=0"
  echo "jdk.tls.disabledAlgorithms=SSLv3, TLSv1, TLSv1.1, RSA keySize < 2048" > "$work/strict.security"
  capture certificate-weak-java.pcap "tcp port 443"
  java_client shop.example 443 -Djava.security.properties="$work/strict.security"
  expect certificate-weak 1 "$certificate" "tls.alert_message.desc == 43"
}

# A key of 2048 bits is in order, and this client wants more.
scenario_certificate_weak_strict() {
  openssl_server 443 shop -tls1_2
  echo "jdk.certpath.disabledAlgorithms=MD2, MD5, RSA keySize < 3072" > "$work/strict.security"
  capture certificate-weak-strict.pcap "tcp port 443"
  java_client shop.example 443 -Djava.security.properties="$work/strict.security"
  expect certificate-rejected 1 "$certificate" "tls.alert_message.desc == 43"
}

scenario_certificate_revoked() {
  certificate_scenario certificate-revoked revoked
  curl_client --crlfile "$work/issuing.crl" https://shop.example/
  expect certificate-revoked 1 "$certificate" "tls.alert_message.desc == 44"
}

# The server itself staples the word of it, and GnuTLS says no more than bad_certificate.
# The answer is valid for long, as the benchmark replays it among samples of later days.
scenario_certificate_revoked_stapled() {
  local authority=(-issuer "$work/issuing.pem" -CA "$work/issuing.pem" -rsigner "$work/issuing.pem" -rkey "$work/issuing.key")
  openssl ocsp "${authority[@]}" -index "$work/index.txt" -cert "$work/revoked.pem" -ndays 800 -respout "$work/revoked.ocsp" \
    >>"$work/log" 2>&1
  openssl_server 443 revoked -tls1_2 -status_file "$work/revoked.ocsp"
  capture certificate-revoked-stapled.pcap "tcp port 443"
  gnutls_client shop.example 443
  expect certificate-revoked 1 "$certificate" "tls.alert_message.desc == 42"
}

# NSS completes its part of the handshake, then says good-bye.
scenario_certificate_expired_nss() {
  certificate_scenario certificate-expired-nss expired
  nss_client shop.example 443 -V tls1.2:tls1.2
  expect certificate-expired 1 "$certificate"
}

# TLS 1.3: Node.js closes instead of sending its Finished.
scenario_certificate_rejected_node() {
  nginx_server 443 "$(nginx_site 443 expired 'ssl_protocols TLSv1.3;')"
  capture certificate-rejected-node.pcap "tcp port 443"
  node_client shop.example 443
  expect certificate-rejected 1 "ip.src == 192.0.2.10 && tcp.flags.fin == 1"
}

# ---- Client certificates

# client_identity CERTIFICATE prints curl's options for it.
client_identity() { printf '%s\n' --cert "$work/$1.pem" --key "$work/$1.key"; }

scenario_client_certificate_missing_tls12() {
  openssl_server 443 gateway -tls1_2 -Verify 1 -CAfile "$work/client-root.pem"
  capture client-certificate-missing-tls12.pcap "tcp port 443"
  curl_client https://gateway.example/
  expect client-certificate-missing 1 "ip.src == 192.0.2.10 && $certificate" "tls.alert_message.desc == 40"
}

# A certificate is wanted for one path alone: Apache asks for it by a renegotiation, which TLS 1.2 encrypts.
scenario_client_certificate_missing_renegotiation() {
  apache_server 443 gateway
  capture client-certificate-missing-renegotiation.pcap "tcp port 443"
  curl_client --tls-max 1.2 https://gateway.example/members
  expect client-certificate-missing 1 "ip.src == 192.0.2.10 && tls.record.length == 31" \
    "ip.src == 198.51.100.23 && tls.record.length == 28 && !tls.record.length == 145" \
    "ip.src == 198.51.100.23 && tls.record.content_type == 21"
}

scenario_client_certificate_missing_tls13() {
  node_server 443 "{$(key_pair gateway), \"caFile\": \"$work/client-root.pem\", \"requestCert\": true}"
  capture client-certificate-missing-tls13.pcap "tcp port 443"
  curl_client https://gateway.example/
  expect client-certificate-missing 1 "ip.src == 198.51.100.23 && tls.record.length == 19"
}

# mutual_tls NAME CERTIFICATE: a server that verifies client certificates meets a client with this one, over TLS 1.2.
mutual_tls() {
  openssl_server 443 gateway -tls1_2 -Verify 2 -verify_return_error -CAfile "$work/client-root.pem"
  capture "$1.pcap" "tcp port 443"
  mapfile -t identity < <(client_identity "$2")
  curl_client "${identity[@]}" https://gateway.example/
}

scenario_client_certificate_expired() {
  mutual_tls client-certificate-expired client-expired
  expect client-certificate-expired 1 "ip.src == 192.0.2.10 && $certificate" "tls.alert_message.desc == 45"
}

scenario_client_certificate_untrusted() {
  mutual_tls client-certificate-untrusted client-stranger
  expect client-certificate-untrusted 1 "ip.src == 192.0.2.10 && $certificate" "tls.alert_message.desc == 48"
}

scenario_client_certificate_untrusted_java() {
  java_server 443 gateway -Dprotocols=TLSv1.2 -Dtrust="$work/client-root.trust.p12" -DclientAuth=true
  capture client-certificate-untrusted-java.pcap "tcp port 443"
  mapfile -t identity < <(client_identity client-stranger)
  curl_client "${identity[@]}" https://gateway.example/
  expect client-certificate-untrusted 1 "ip.src == 192.0.2.10 && $certificate" "tls.alert_message.desc == 46"
}

scenario_client_certificate_rejected() {
  mutual_tls client-certificate-rejected client-purpose
  expect client-certificate-rejected 1 "ip.src == 192.0.2.10 && $certificate" "tls.alert_message.desc == 43"
}

# TLS 1.3: GnuTLS refuses the certificate with two hidden alerts.
scenario_client_certificate_rejected_gnutls() {
  gnutls_server 443 gateway --require-client-cert --verify-client-cert --x509cafile "$work/client-root.pem"
  capture client-certificate-rejected-gnutls.pcap "tcp port 443"
  mapfile -t identity < <(client_identity client-expired)
  curl_client "${identity[@]}" https://gateway.example/
  expect client-certificate-rejected 1 "ip.src == 198.51.100.23 && tls.record.length == 19"
}

# ---- Servers that break, and networks that do

scenario_internal_error() {
  go_server 443 api -broken
  capture internal-error.pcap "tcp port 443"
  curl_client https://api.example.com/
  expect internal-error 1 "tls.alert_message.desc == 80"
}

scenario_connection_reset() {
  scripted_server 443 reset
  capture connection-reset.pcap "tcp port 443"
  curl_client https://api.example.com/
  expect connection-reset 1 "tcp.flags.reset == 1"
}

# The client's own alert, after the server has closed, is no cause.
scenario_closed_without_alert() {
  scripted_server 443 close
  capture closed-without-alert.pcap "tcp port 443"
  java_client api.example.com 443
  expect closed-without-alert 1 "ip.src == 198.51.100.21 && tcp.flags.fin == 1"
}

scenario_server_silent() {
  scripted_server 443 silent
  capture server-silent.pcap "tcp port 443"
  curl_client -m 3 https://api.example.com/
  expect server-silent 1 "$client_hello"
}

scenario_tcp_connection_refused() {
  capture tcp-connection-refused.pcap "tcp port 8443"
  curl_client https://v6.example:8443/
  expect tcp-connection-refused 1 "tcp.flags.reset == 1"
}

scenario_tcp_connection_timeout() {
  ip netns exec "$router_ns" iptables -A FORWARD -p tcp --dport 2195 -j DROP
  capture tcp-connection-timeout.pcap "tcp port 2195"
  curl_client --connect-timeout 4 https://gateway.example:2195/
  ip netns exec "$router_ns" iptables -F FORWARD
  expect tcp-connection-timeout 1 "frame.number == 1"
}

# The client has less patience than the server needs for its certificate.
scenario_client_abandoned() {
  handmade_server 443 api slow
  capture client-abandoned.pcap "tcp port 443"
  curl_client -m 1 https://api.example.com/
  expect client-abandoned 1 "ip.src == 192.0.2.10 && tcp.flags.fin == 1"
}

scenario_user_canceled() {
  handmade_server 443 api slow
  capture user-canceled.pcap "tcp port 443"
  java_client api.example.com 443 -Dpatience=500
  expect user-canceled 1 "tls.alert_message.desc == 90"
}

scenario_access_denied() {
  handmade_server 443 api alert-49
  capture access-denied.pcap "tcp port 443"
  curl_client https://api.example.com/
  expect access-denied 1 "tls.alert_message.desc == 49"
}

scenario_client_hello_lost() {
  nginx_server 443 "$(nginx_site 443 shop)"
  ip netns exec "$router_ns" iptables -A FORWARD -p tcp --dport 443 -m length --length 200:1500 -j DROP
  capture client-hello-lost.pcap "tcp port 443"
  curl_client --max-time 5 https://shop.example/
  ip netns exec "$router_ns" iptables -F FORWARD
  expect client-hello-lost 1 "tcp.stream == 0 && $client_hello && !tcp.analysis.retransmission"
}

# A link on the way takes no more than 1280 bytes, and the router's word of it is filtered.
path_mtu() { # FILE SIDE
  nginx_server 443 "$(nginx_site 443 shop 'ssl_protocols TLSv1.2;')"
  ip -n "$router_ns" link set eth0 mtu 1280
  ip netns exec "$router_ns" iptables -A OUTPUT -p icmp -j DROP
  capture "$1" "tcp port 443" "$2"
  curl_client --max-time 4 https://shop.example/
  ip netns exec "$router_ns" iptables -F OUTPUT
  ip -n "$router_ns" link set eth0 mtu 1500
  expect path-mtu-blackhole 1 "$client_hello"
}

scenario_path_mtu_blackhole() { path_mtu path-mtu-blackhole.pcap server; }

scenario_path_mtu_blackhole_client() { path_mtu path-mtu-blackhole-client.pcap client; }

# ---- Before TLS

scenario_client_speaks_plaintext() {
  nginx_server 443 "$(nginx_site 443 shop)"
  capture client-speaks-plaintext.pcap "tcp port 443"
  client curl -sS http://shop.example:443/
  expect client-speaks-plaintext 1 "http.request" "ip.src == 198.51.100.20 && tcp.seq == 1 && tcp.len > 0"
}

scenario_server_speaks_plaintext() {
  nginx_server 443 "server { listen 443; return 200 ok; }"
  capture server-speaks-plaintext.pcap "tcp port 443"
  go_client -connect shop.example:443
  expect server-speaks-plaintext 1 "ip.src == 198.51.100.20 && tcp.len > 0"
}

scenario_starttls_refused() {
  scripted_server 25 starttls-refused
  capture starttls-refused.pcap "tcp port 25"
  client timeout 5 openssl s_client -connect shop.example:25 -starttls smtp
  expect starttls-refused 1 "smtp.rsp.parameter contains \"TLS not available\""
}

scenario_proxy_refused() {
  scripted_server 3128 proxy-refused
  capture proxy-refused.pcap "tcp port 3128"
  curl_client -x http://gateway.example:3128 https://shop.example/
  expect proxy-refused 1 "ip.src == 198.51.100.23 && tcp.len > 0"
}

# ---- Stories

# The certificate runs out, and is renewed.
scenario_certificate_renewed() {
  use_certificate api
  nginx_server 443 "$(nginx_site 443 backend 'ssl_protocols TLSv1.2;')"
  capture certificate-renewed.pcap "tcp port 443"
  renewal_round
  renewal_round
  certificate api-expired issuing api.example.com "DNS:api.example.com" "-365 days" "-1 hour"
  use_certificate api-expired 443
  renewal_round
  renewal_round
  use_certificate api 443
  renewal_round
  renewal_round
  expect certificate-expired 4 "tls.alert_message.desc == 45" "tls.alert_message.desc == 42" \
    change:=began-and-ended
}

# use_certificate NAME [PORT] puts it where nginx on that port has its certificate, and reloads that.
use_certificate() {
  cp "$work/$1.chain.pem" "$work/backend.chain.pem"
  cp "$work/$1.key" "$work/backend.key"
  if [[ -n ${2:-} ]]; then
    kill -HUP "$(<"$work/nginx-$2.pid")"
    sleep 0.5 # until the old worker is gone
  fi
}

renewal_round() {
  curl_client --interface 192.0.2.10 https://api.example.com/
  go_client -source 192.0.2.11 -connect api.example.com:443
  sleep 1
}

# A device on the way cannot bear TLS 1.3. A browser falls back, and nobody notices; curl does not.
scenario_version_fallback() {
  nginx_server 8443 "$(nginx_site 8443 shop 'ssl_protocols TLSv1.2;')"
  scripted_server 443 version-intolerant
  capture version-fallback.pcap "tcp port 443"
  links_client https://shop.example/ -bind-address 192.0.2.10
  curl_client --interface 192.0.2.11 https://shop.example/
  links_client https://shop.example/ -bind-address 192.0.2.10
  expect connection-reset 5 "tcp.flags.reset == 1 && ip.src == 198.51.100.20" attempts:=3 succeeded:=2
}

# A push certificate that is renewed with another account, so that its topic is another one.
scenario_push_topic_changed() {
  nginx_server 443 "$(nginx_site 443 gateway 'ssl_protocols TLSv1.2; ssl_verify_client optional_no_ca;')"
  capture push-topic-changed.pcap "tcp port 443"
  local topic
  for topic in 3f1c9a52-7d04-4e6b-9c1e-0a5d2b8e4f60 b8d40e17-52a9-4c33-8f6d-e91c7a3f2d05; do
    openssl req -new "${key_options[@]}" -nodes -keyout "$work/push.key" -out "$work/push.csr" \
      -subj "/UID=com.apple.mgmt.External.$topic/CN=APSP:$topic/C=US" 2>/dev/null
    sign push client-root for_clients "-1 hour" "+365 days"
    curl_client --cert "$work/push.pem" --key "$work/push.key" https://gateway.example/
  done
  expect_healthy
}

# ---- An incident: half a minute at two servers. One of them is given an expired certificate half-way; and one client,
# 192.0.2.15, is too old for the other.

# ---- DTLS

scenario_dtls_hostname_mismatch() {
  dtls_server 4433 shop -dtls1_2
  capture dtls-hostname-mismatch.pcap "udp port 4433"
  dtls_client shop.example 4433 -dtls1_2 -servername api.example.com -verify_hostname api.example.com
  expect hostname-mismatch 1 "dtls.alert_message.desc == 42"
}

scenario_dtls_protocol_version() {
  dtls_server 4433 shop -dtls1_2
  capture dtls-protocol-version.pcap "udp port 4433"
  dtls_client shop.example 4433 -dtls1 -cipher "DEFAULT@SECLEVEL=0"
  expect protocol-version-mismatch 1 "dtls.alert_message.desc == 70"
}

scenario_udp_port_unreachable() {
  capture udp-port-unreachable.pcap "udp port 4433 or icmp"
  dtls_client shop.example 4433 -dtls1_2
  expect udp-port-unreachable 1 "dtls.handshake.type == 1" "icmp.type == 3"
}

scenario_incident() {
  nginx_server 443 "$(nginx_site 443 shop 'ssl_protocols TLSv1.2 TLSv1.3;')"
  use_certificate api
  nginx_server 8443 "$(nginx_site 8443 backend 'ssl_protocols TLSv1.2;')"
  capture incident.pcap "tcp port 443 or tcp port 8443" server any
  local round
  for round in {1..12}; do
    if ((round == 7)); then
      certificate api-expired issuing api.example.com "DNS:api.example.com" "-365 days" "-1 hour"
      use_certificate api-expired 8443
    fi
    incident_round "$round"
    sleep "1.$((RANDOM % 9))"
  done
  expect certificate-expired 9 "tls.alert_message.desc == 45" "tls.alert_message.desc == 42" change:=began
  expect protocol-version-mismatch 4 "tls.alert_message.desc == 70" change:=none
}

incident_round() {
  local clients=()
  curl_client --interface 192.0.2.10 https://shop.example/ & clients+=($!)
  go_client -source 192.0.2.11 -connect api.example.com:8443 & clients+=($!)
  if (($1 % 2)); then
    curl_client --interface 192.0.2.12 --tls-max 1.2 https://shop.example/ & clients+=($!)
    curl_client --interface 192.0.2.13 https://api.example.com:8443/ & clients+=($!)
  else
    returning_client & clients+=($!)
  fi
  if (($1 % 4 == 1)); then
    node_client shop.example 443 '"localAddress": "192.0.2.13"' & clients+=($!)
  fi
  if (($1 % 3 == 0)); then
    openssl_client shop.example 443 -bind 192.0.2.15:0 -servername shop.example -tls1 -cipher "DEFAULT@SECLEVEL=0" & clients+=($!)
  fi
  wait "${clients[@]}"
}

# A client that keeps its session between visits, first over TLS 1.2.
returning_client() {
  local session=(-sess_out "$work/session")
  if [[ -f $work/session ]]; then
    session+=(-sess_in "$work/session")
  fi
  openssl_client shop.example 443 -bind 192.0.2.14:0 -servername shop.example -tls1_2 "${session[@]}"
}

main "${BASH_SOURCE[0]}" "$@"
