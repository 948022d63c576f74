#!/bin/sh
# An authority for nothing but this, and a certificate of it for the API servers, valid for a year: certificate.sh DIR. It
# leaves client.crt, client.key, admission.yaml and kubeconfig.yaml in DIR, to be put into /etc/kubernetes/gate of every
# control plane node; throws the authority's key away; and writes the authority into ca.crt beside this script, with the
# authority that was there before, so that certificates can be replaced without a gap.
set -eu
umask 077
out=${1:?usage: certificate.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
key() { openssl ecparam -genkey -name prime256v1 -noout -out "$1"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
key "$work/ca.key"
openssl req -x509 -new -key "$work/ca.key" -days 365 -subj "/CN=clients of the gate" -out "$work/ca.crt" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"
key "$out/client.key"
openssl req -new -key "$out/client.key" -subj "/CN=kube-apiserver" -out "$work/client.csr"
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n' > "$work/extensions"
openssl x509 -req -in "$work/client.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 365 \
  -extfile "$work/extensions" -out "$out/client.crt" 2>/dev/null

openssl x509 -in "$here/ca.crt" >> "$work/ca.crt" 2>/dev/null || true # the first in the file: the newest one
cat "$work/ca.crt" > "$here/ca.crt"
cp "$here/admission.yaml" "$here/kubeconfig.yaml" "$out"
echo "$out: for the API servers; trusted by $here/ca.crt"
