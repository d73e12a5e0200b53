#!/usr/bin/env bash
# Records what OpenSSL says about throw-away keys: `./openssl.sh > openssl.json`. Needs openssl and jq.
set -euo pipefail
cd "$(mktemp -d)"
printf 'signed here, verified there' > message

text() { jq --raw-input --slurp . "$1"; }
base64_text() { openssl base64 -A -in "$1" | jq --raw-input .; }

# pair NAME HASH WORDS: a key of a kind that is taken, and its signature.
pair() {
    local name=$1 hash=$2
    shift 2
    openssl genpkey "$@" -out private 2>/dev/null
    openssl pkey -in private -pubout -out public
    openssl pkey -pubin -in public -outform DER -out spki
    openssl dgst -sha256 -binary -out hint spki
    if [ "$hash" = none ]; then
        openssl pkeyutl -sign -inkey private -rawin -in message -out signature
    else
        openssl dgst "-$hash" -sign private -out signature message
    fi
    # Older cosign used SHA-256 with every curve.
    cp signature sha256
    [ "$hash" = none ] || openssl dgst -sha256 -sign private -out sha256 message
    jq -n --arg name "$name" --argjson private "$(text private)" --argjson public "$(text public)" \
        --argjson spki "$(base64_text spki)" --argjson hint "$(base64_text hint)" \
        --argjson signature "$(base64_text signature)" --argjson sha256 "$(base64_text sha256)" \
        '{$name, $private, $public, $spki, $hint, $signature, $sha256}'
}

# older WORDS: a private key in a form from before PKCS#8.
older() {
    openssl "$@" -out private 2>/dev/null
    openssl pkey -in private -pubout -out public
    jq -n --argjson private "$(text private)" --argjson public "$(text public)" '{$private, $public}'
}

# weak WORDS: a key that nobody should use.
weak() {
    openssl genpkey "$@" -out private 2>/dev/null
    openssl pkey -in private -pubout -out public
    jq -n --arg what "$*" --argjson private "$(text private)" --argjson public "$(text public)" \
        '{$what, $private, $public}'
}

# encoded WORDS: a good public key in another encoding, which would be a second name for it.
encoded() {
    openssl ec -in good -pubout "$@" -out public 2>/dev/null
    jq -n --arg what "$*" --argjson public "$(text public)" '{$what, $public}'
}

list() { jq --slurp . ; }

# stamped: a bundle over the digest of `an image`, signed by an Ed25519 key, and a timestamp of it.
stamped() {
    cat > config <<'CONFIG'
[tsa]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamper]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CONFIG
    echo 01 > serial
    local key
    for key in ca tsa; do openssl genpkey $(curve P-256) -out "$key.key" 2>/dev/null; done
    openssl req -x509 -new -key ca.key -subj /CN=authority -days 7300 -config config \
        -extensions authority -out ca.pem 2>/dev/null
    openssl req -new -key tsa.key -subj /CN=stamper -out tsa.csr 2>/dev/null
    openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7300 \
        -extfile config -extensions stamper -out tsa.pem 2>/dev/null
    for key in ca tsa; do openssl x509 -in "$key.pem" -outform DER -out "$key.der"; done

    local digest statement type=application/vnd.in-toto+json
    digest=$(printf 'an image' | sha256sum | cut -d ' ' -f 1)
    statement=$(jq -cn --arg digest "$digest" '{_type: "https://in-toto.io/Statement/v1",
        subject: [{digest: {sha256: $digest}}],
        predicateType: "https://sigstore.dev/cosign/sign/v1", predicate: {}}')
    printf '%s' "$statement" > payload
    printf 'DSSEv1 %d %s %d %s' "${#type}" "$type" "${#statement}" "$statement" > pae
    openssl genpkey -algorithm ED25519 -out private
    openssl pkey -in private -pubout -out public
    openssl pkeyutl -sign -inkey private -rawin -in pae -out signature
    openssl ts -query -data signature -sha256 -cert -out query 2>/dev/null
    openssl ts -reply -config config -section tsa -queryfile query -signer tsa.pem \
        -inkey tsa.key -out reply 2>/dev/null
    local time
    time=$(openssl ts -reply -in reply -text 2>/dev/null | sed -n 's/^Time stamp: //p')
    jq -n --argjson public "$(text public)" --argjson reply "$(base64_text reply)" \
        --arg time "$(date -u -d "$time" +%Y-%m-%dT%H:%M:%SZ)" --arg type "$type" \
        --argjson ca "$(base64_text ca.der)" --argjson tsa "$(base64_text tsa.der)" \
        --argjson payload "$(base64_text payload)" --argjson sig "$(base64_text signature)" \
        '{$public, $time, $reply, chain: [$tsa, $ca], bundle: {
            mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
            verificationMaterial: {publicKey: {hint: ""}},
            dsseEnvelope: {$payload, payloadType: $type, signatures: [{$sig}]}}}'
}

curve() { echo "-algorithm EC -pkeyopt ec_paramgen_curve:$1"; }
bits() { echo "-algorithm RSA -pkeyopt rsa_keygen_bits:$1"; }
openssl ecparam -name prime256v1 -genkey -noout -out good
openssl genpkey $(bits 2048) -out pkcs8 2>/dev/null
openssl rsa -in pkcs8 -RSAPublicKey_out -out pkcs1 2>/dev/null
openssl pkey -in pkcs8 -pubout -out spki.pem
jq -n \
    --arg version "$(openssl version)" \
    --argjson pairs "$({
        pair p256 sha256 $(curve P-256)
        pair p384 sha384 $(curve P-384)
        pair p521 sha512 $(curve P-521)
        pair ed25519 none -algorithm ED25519
        for bits in 2048 3072 4096; do pair "rsa$bits" sha256 $(bits "$bits"); done
    } | list)" \
    --argjson older "$({
        older ecparam -name prime256v1 -genkey
        older ecparam -name secp384r1 -genkey -noout
        older ecparam -name secp521r1 -genkey -noout
        older genrsa -traditional
    } | list)" \
    --argjson weak "$({
        weak $(bits 1024)
        weak $(bits 2056)
        weak $(curve secp256k1)
        weak $(curve P-224)
        weak -algorithm X25519
        weak -algorithm ED448
    } | list)" \
    --argjson encoded "$({
        encoded -conv_form compressed
        encoded -conv_form hybrid
        encoded -param_enc explicit
    } | list)" \
    --argjson pkcs1 "$(jq -n --argjson public "$(text pkcs1)" --argjson same "$(text spki.pem)" '{$public, $same}')" \
    --argjson stamped "$(stamped)" \
    '{$version, $pairs, $older, $weak, $encoded, $pkcs1, $stamped}'
