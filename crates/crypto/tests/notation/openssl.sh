#!/usr/bin/env bash
# Records certificates and a timestamp that OpenSSL made: `./openssl.sh > openssl.json`. Needs openssl and jq.
set -euo pipefail
cd "$(mktemp -d)"
printf 'a signature' > message
cat > config <<'CONFIG'
[tsa]
serial = serial
crypto_device = builtin
signer_digest = sha384
default_policy = 1.2.3.4.1
digests = sha512
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamper]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[old]
keyUsage = critical, digitalSignature
CONFIG
echo 01 > serial
for key in root stamper old; do
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$key.key" 2>/dev/null
done
openssl req -x509 -new -key root.key -subj /CN=root -days 7300 -config config -extensions root -out root.pem
openssl req -new -key stamper.key -subj /CN=stamper -out stamper.csr
openssl x509 -req -in stamper.csr -CA root.pem -CAkey root.key -CAcreateserial -days 7300 \
    -extfile config -extensions stamper -out stamper.pem 2>/dev/null
openssl req -x509 -new -key old.key -sha1 -subj /CN=old -days 7300 -config config -extensions old -out old.pem
openssl ts -query -data message -sha512 -cert -out query 2>/dev/null
openssl ts -reply -config config -section tsa -queryfile query -signer stamper.pem -inkey stamper.key \
    -chain root.pem -out reply 2>/dev/null
openssl ts -reply -in reply -token_out -out token 2>/dev/null
time=$(openssl ts -reply -in reply -text 2>/dev/null | sed -n 's/^Time stamp: //p')
text() { jq --raw-input --slurp . "$1"; }
base64_text() { openssl base64 -A -in "$1" | jq --raw-input .; }
jq -n --arg version "$(openssl version)" --arg time "$(date -u -d "$time" +%Y-%m-%dT%H:%M:%SZ)" \
    --argjson root "$(text root.pem)" --argjson old "$(text old.pem)" \
    --argjson token "$(base64_text token)" --argjson reply "$(base64_text reply)" \
    '{$version, $time, $root, $old, $token, $reply}'
