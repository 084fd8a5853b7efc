#!/usr/bin/env bash
# Records EAP in RADIUS: FreeRADIUS, and eapol_test (wpa_supplicant, which plays the switch too), that fail in known ways.
#
#   samples/record-eap.sh            all of them
#   samples/record-eap.sh NAME …     these alone, for example: samples/record-eap.sh method-mismatch
#
# Writes samples/eap-NAME.pcap, and with keys samples/keys-eap-NAME.pcap and the .keys beside it. Needs root, and the Debian packages
# freeradius eapoltest openssl tcpdump iproute2, and gcc for those with keys. Everything happens
# in a network namespace and a temporary folder of its own, which it removes when it ends.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
if [[ ${IN_NAMESPACE:-} != yes ]]; then
  IN_NAMESPACE=yes exec unshare --net "$0" "$@"
fi
ip link set lo up
ip link set lo mtu 1500
work=$(mktemp -d)
server=
trap 'stop; rm -rf "$work"' EXIT

stop() {
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  server=
}

# ca NAME; certificate NAME CA COMMON_NAME EXTENDED_KEY_USAGE DAYS: the days before it ends, negative if it has
ca() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/$1.key" -out "$work/$1.pem" -subj "/CN=$1" -days 3650 2>/dev/null
}
certificate() {
  openssl req -newkey rsa:2048 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$3" 2>/dev/null
  printf 'extendedKeyUsage=%s\nsubjectAltName=DNS:%s\n' "$4" "$3" >"$work/$1.ext"
  local start=$((($5 < 0 ? $5 : 0) - 30))
  openssl ca -config <(printf '[ca]\ndefault_ca=d\n[d]\nunique_subject=no\ndatabase=%s/db\nnew_certs_dir=%s\nserial=%s/serial\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' "$work" "$work" "$work") \
    -batch -notext -in "$work/$1.csr" -cert "$work/$2.pem" -keyfile "$work/$2.key" -out "$work/$1.pem" -extfile "$work/$1.ext" \
    -startdate "$(date -u -d "$start days" +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d "$5 days" +%Y%m%d%H%M%SZ)" 2>/dev/null
  cat "$work/$1.key" "$work/$1.pem" >"$work/$1.both"
}

# radius TLS_OPTIONS EAP_METHODS: starts FreeRADIUS with these methods, the first one by default
radius() {
  local key=${SERVER:-server}
  local config=$work/raddb
  rm -rf "$config"
  cp -r /etc/freeradius/3.0 "$config"
  rm -f "$config"/mods-enabled/eap "$config"/sites-enabled/*
  cat >"$config/clients.conf" <<CONF
client localhost {
  ipaddr = 127.0.0.1
  secret = testing123
}
CONF
  echo 'alice Cleartext-Password := "correct"' >"$config/mods-config/files/authorize"
  {
    echo "eap {"
    echo "  default_eap_type = ${2%% *}"
    echo "  tls-config common {"
    echo "    private_key_file = $work/$key.key"
    echo "    certificate_file = $work/$key.pem"
    echo "    ca_file = $work/ca.pem"
    echo "    fragment_size = 1000"
    echo "    $1"
    echo "  }"
    for method in $2; do
      case $method in
        tls) echo "  tls { tls = common }" ;;
        peap) echo "  peap { tls = common
    default_eap_type = mschapv2
    virtual_server = inner }" ;;
        mschapv2) echo "  mschapv2 { }" ;;
      esac
    done
    echo "}"
  } >"$config/mods-enabled/eap"
  cat >"$config/sites-enabled/default" <<'CONF'
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 1812
  }
  authorize {
    eap
    files
  }
  authenticate {
    eap
  }
}
server inner {
  authorize {
    files
    mschap
    eap
  }
  authenticate {
    mschap
    eap
  }
}
CONF
  chown -R freerad "$work" && chmod -R a+rX "$work"
  freeradius -f -d "$config" -l "$work/log" &
  server=$!
  for _ in $(seq 50); do
    ss -lun | grep -q ':1812 ' && return
    sleep 0.1
  done
  cat "$work/log" >&2
  exit 1
}

# supplicant NAME LINES…: records what eapol_test does with these lines of its configuration
supplicant() {
  local file=$here/${KEYED:+keys-}eap-$1.pcap
  shift
  { echo 'network={'; echo 'key_mgmt=IEEE8021X'; printf '%s\n' "$@"; echo '}'; } >"$work/supplicant.conf"
  tcpdump -i lo -U -w "$work/capture.pcap" 'udp port 1812 or (ip[6:2] & 0x1fff != 0)' 2>/dev/null &
  local capture=$!
  sleep 1
  ${KEYED:+env LD_PRELOAD="$work/keylog.so" SSLKEYLOGFILE="$work/keys.log"} eapol_test -c "$work/supplicant.conf" -s "${SECRET:-testing123}" -M 02:00:00:00:00:01 -t "${PATIENCE:-8}" >"$work/supplicant.log" || true
  sleep 1
  kill "$capture"
  wait "$capture" 2>/dev/null || true
  cp "$work/capture.pcap" "$file"
  if [[ -n ${KEYED:-} ]]; then
    cp "$work/keys.log" "${file%.pcap}.keys"
  fi
}

tls=(eap=TLS "ca_cert=\"$work/ca.pem\"" 'identity="host/device.example"')
with() { printf 'client_cert="%s"\nprivate_key="%s"\n' "$work/$1.pem" "$work/$1.key"; }

scenario_tls12_success() {
  radius 'tls_max_version = "1.2"' tls
  supplicant tls12-success "${tls[@]}" "$(with device)"
}
scenario_tls13_success() {
  radius 'tls_max_version = "1.3"' tls
  supplicant tls13-success "${tls[@]}" "$(with device)" 'phase1="tls_disable_tlsv1_3=0"'
}
scenario_peap_success() {
  radius '' 'peap mschapv2 tls'
  supplicant peap-success eap=PEAP "ca_cert=\"$work/ca.pem\"" 'identity="alice"' 'anonymous_identity="anonymous"' 'password="correct"' 'phase2="auth=MSCHAPV2"'
}
scenario_inner_password() {
  radius '' 'peap mschapv2 tls'
  supplicant inner-password eap=PEAP "ca_cert=\"$work/ca.pem\"" 'identity="alice"' 'anonymous_identity="anonymous"' 'password="wrong"' 'phase2="auth=MSCHAPV2"'
}
scenario_server_expired() {
  SERVER=expired-server radius '' tls
  supplicant server-expired "${tls[@]}" "$(with device)"
}
scenario_authority_unknown() {
  radius '' tls
  supplicant authority-unknown eap=TLS "ca_cert=\"$work/other.pem\"" 'identity="host/device.example"' "$(with device)"
}
scenario_client_expired() {
  radius '' tls
  supplicant client-expired "${tls[@]}" "$(with expired-device)"
}
scenario_client_expired_tls13() {
  radius 'tls_max_version = "1.3"' tls
  supplicant client-expired-tls13 "${tls[@]}" "$(with expired-device)" 'phase1="tls_disable_tlsv1_3=0"'
}
# The same, with the keys of the supplicant.
scenario_keyed_client_expired_tls13() {
  gcc -shared -fPIC -o "$work/keylog.so" "$here/stacks/keylog.c" -ldl
  rm -f "$work/keys.log"
  radius 'tls_max_version = "1.3"' tls
  KEYED=yes supplicant client-expired-tls13 "${tls[@]}" "$(with expired-device)" 'phase1="tls_disable_tlsv1_3=0"'
}
# A password inside, which keys would show.
scenario_keyed_peap_success() {
  gcc -shared -fPIC -o "$work/keylog.so" "$here/stacks/keylog.c" -ldl
  rm -f "$work/keys.log"
  radius '' 'peap mschapv2 tls'
  KEYED=yes supplicant peap-success eap=PEAP "ca_cert=\"$work/ca.pem\"" 'identity="alice"' 'anonymous_identity="anonymous"' 'password="correct"' 'phase2="auth=MSCHAPV2"'
}
scenario_client_untrusted() {
  radius '' tls
  supplicant client-untrusted "${tls[@]}" "$(with stranger)"
}
scenario_version_mismatch() {
  radius 'tls_min_version = "1.2"' tls
  supplicant version-mismatch "${tls[@]}" "$(with device)" 'openssl_ciphers="DEFAULT@SECLEVEL=0"' 'phase1="tls_disable_tlsv1_0=0 tls_disable_tlsv1_1=0 tls_disable_tlsv1_2=1 tls_disable_tlsv1_3=1"'
}
scenario_method_mismatch() {
  radius '' tls
  supplicant method-mismatch eap=PEAP "ca_cert=\"$work/ca.pem\"" 'identity="alice"' 'password="correct"'
}
scenario_radius_secret() {
  radius '' tls
  SECRET=another PATIENCE=12 supplicant radius-secret "${tls[@]}" "$(with device)"
}

ca ca
ca other
touch "$work/db"
echo 1000 >"$work/serial"
certificate server ca radius.example serverAuth 365
certificate expired-server ca radius.example serverAuth -3
certificate device ca device.example clientAuth 365
certificate expired-device ca device.example clientAuth -3
certificate stranger other device.example clientAuth 365

if (($# == 0)); then
  mapfile -t names < <(declare -F | sed -n 's/^declare -f scenario_//p' | tr _ -)
else
  names=("$@")
fi
for name in "${names[@]}"; do
  echo "eap-$name"
  "scenario_${name//-/_}"
  stop
done
