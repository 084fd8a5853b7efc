#!/usr/bin/env bash
# Records the sample captures: real TLS stacks that fail in known ways, and some that do not.
#
#   samples/record.sh            all of them
#   samples/record.sh NAME …     these alone, for example: samples/record.sh sni-missing-node
#   samples/record.sh --list     their names
#
# Needs root, and the Debian packages tcpdump openssl curl nginx-light gnutls-bin nodejs default-jdk-headless golang-go
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

# ---- Client certificates

# client_identity CERTIFICATE prints curl's options for it.
client_identity() { printf '%s\n' --cert "$work/$1.pem" --key "$work/$1.key"; }

scenario_client_certificate_missing_tls12() {
  openssl_server 443 gateway -tls1_2 -Verify 1 -CAfile "$work/client-root.pem"
  capture client-certificate-missing-tls12.pcap "tcp port 443"
  curl_client https://gateway.example/
  expect client-certificate-missing 1 "ip.src == 192.0.2.10 && $certificate" "tls.alert_message.desc == 40"
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

# ---- An incident: half a minute at two servers. One of them is given an expired certificate half-way; and one client,
# 192.0.2.15, is too old for the other.

scenario_incident() {
  nginx_server 443 "$(nginx_site 443 shop 'ssl_protocols TLSv1.2 TLSv1.3;')"
  cp "$work/api.chain.pem" "$work/backend.chain.pem"
  cp "$work/api.key" "$work/backend.key"
  nginx_server 8443 "$(nginx_site 8443 backend 'ssl_protocols TLSv1.2;')"
  capture incident.pcap "tcp port 443 or tcp port 8443" server any
  local round
  for round in {1..12}; do
    if ((round == 7)); then
      certificate api-expired issuing api.example.com "DNS:api.example.com" "-365 days" "-1 hour"
      cp "$work/api-expired.chain.pem" "$work/backend.chain.pem"
      cp "$work/api-expired.key" "$work/backend.key"
      kill -HUP "$(<"$work/nginx-8443.pid")"
      sleep 0.5 # until the old worker is gone
    fi
    incident_round "$round"
    sleep "1.$((RANDOM % 9))"
  done
  expect certificate-expired 9 "tls.alert_message.desc == 45" "tls.alert_message.desc == 42"
  expect protocol-version-mismatch 4 "tls.alert_message.desc == 70"
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

main() {
  if [[ ${1:-} == --list ]]; then
    scenarios "${BASH_SOURCE[0]}"
    return
  fi
  need
  setup
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
