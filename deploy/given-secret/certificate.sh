#!/bin/sh
# An authority, and a certificate of it for the webhook, valid for a year: certificate.sh DIR. It leaves tls.crt and tls.key in
# DIR, throws the authority's key away, and writes the authority into authority.yaml beside this script. The authority that
# was there before stays second, so that the certificates can be replaced without a gap.
set -eu
umask 077
out=${1:?usage: certificate.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
name=gate-admission.gate-system.svc
mkdir -p "$out"
key() { openssl ecparam -genkey -name prime256v1 -noout -out "$1"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
key "$work/ca.key"
openssl req -x509 -new -key "$work/ca.key" -days 365 -subj "/CN=gate authority" -out "$work/ca.crt" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"
key "$out/tls.key"
openssl req -new -key "$out/tls.key" -subj "/CN=$name" -out "$work/tls.csr"
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:%s\n' \
  "$name" > "$work/extensions"
openssl x509 -req -in "$work/tls.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 365 \
  -extfile "$work/extensions" -out "$out/tls.crt" 2>/dev/null

before=$(sed -n 's/.*caBundle: "\([^"][^"]*\)".*/\1/p' "$here/authority.yaml" | head -n 1)
[ -z "$before" ] || printf %s "$before" | base64 -d | openssl x509 >> "$work/ca.crt"
bundle=$(base64 < "$work/ca.crt" | tr -d '\n')
sed "s|caBundle: \"[^\"]*\"|caBundle: \"$bundle\"|" "$here/authority.yaml" > "$work/authority.yaml"
cat "$work/authority.yaml" > "$here/authority.yaml"
echo "$out/tls.crt and $out/tls.key, trusted by $here/authority.yaml"
