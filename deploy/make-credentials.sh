#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes what deploy/nats-server.secure.conf needs: an NKey for each role, and the file nkeys.conf with the public keys.
#   deploy/make-credentials.sh DIR [--tls] [ROLE...]
# With --tls: also a CA, a certificate of the server for this host and localhost, and one certificate for all clients,
# for tests and small sites. ROLE... instead of all roles, for a new client or to replace a key. Keys that exist are kept.
set -euo pipefail

directory=${1:--}
if [ "${directory#-}" != "$directory" ]; then
  sed -n '3,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
shift
tls=
roles=()
for word in "$@"; do
  case $word in
    --tls) tls=yes ;;
    *[!a-z0-9_]* | '') echo "make-credentials: \"$word\" is no name of a role: use a-z, 0-9 and _" >&2; exit 2 ;;
    *) roles+=("$word") ;;
  esac
done
[ ${#roles[@]} -gt 0 ] || roles=(worker gateway alice vip batch admin tenant sys)
mkdir -p "$directory"
cd "$directory"
umask 077

# Prints the seed and the public key of a new user: base32 of prefix, 32 bytes of Ed25519 and CRC-16 (XMODEM).
make_nkey() {
  local key
  key=$(openssl genpkey -algorithm ed25519)
  { openssl pkey -outform DER <<<"$key" | tail -c 32; openssl pkey -pubout -outform DER <<<"$key" | tail -c 32; } |
    python3 -c '
import base64, binascii, sys
data = sys.stdin.buffer.read()
user, seed = 20 << 3, 18 << 3
for prefix, key in ((bytes([seed | user >> 5, (user & 31) << 3]), data[:32]), (bytes([user]), data[32:])):
    body = prefix + key
    body += binascii.crc_hqx(body, 0).to_bytes(2, "little")
    print(base64.b32encode(body).decode().rstrip("="))
'
}

for role in "${roles[@]}"; do
  [ -e "$role.nk" ] && continue
  mapfile -t pair < <(make_nkey)
  printf '%s\n%s\n' "${pair[@]}" >"$role.nk"
done
# The public keys of all roles that have a seed.
for seed in *.nk; do
  role=${seed%.nk}
  printf '%s_KEY = "%s"\n' "${role^^}" "$(sed -n 2p "$seed")"
done >nkeys.conf
chmod 644 nkeys.conf

# certificate NAME EXTENSION: a key and a certificate of the CA.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "/CN=$1" 2>/dev/null |
    openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -extfile <(echo "$2") -out "$1.pem" 2>/dev/null
}
if [ -n "$tls" ] && [ ! -e ca.pem ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650 \
    -subj "/CN=inpaintd CA" 2>/dev/null
  certificate server "subjectAltName=DNS:$(hostname),DNS:localhost,IP:127.0.0.1"
  certificate client "extendedKeyUsage=clientAuth"
fi

cat <<END
$directory has NKey seeds (ROLE.nk: secret), their public keys (nkeys.conf)${tls:+, and certificates}.
Copy nkeys.conf beside nats-server.secure.conf, start the server, and then:
  inpaint-setup   --nkey admin.nk
  inpaintd        --set nats.nkey_seed_file=worker.nk --set nats.inbox_prefix=_INBOX.worker
  inpaint-gateway --nkey gateway.nk --inbox-prefix _INBOX.gateway
  inpaint         --nkey alice.nk --inbox-prefix _INBOX.alice photo.jpg mask.png -o result.png
  inpaint         --nkey batch.nk --inbox-prefix _INBOX.batch --durable --owner batch photo.jpg mask.png -o result.png
END
[ -z "$tls" ] || echo "With TLS, add: --tls-ca ca.pem --tls-cert client.pem --tls-key client.key (inpaintd: nats.tls_*)"
