//! Against OpenSSL: keys and signatures of every kind, both ways, and its timestamps.

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

#[path = "openssl/program.rs"]
mod program;
#[path = "openssl/timestamp.rs"]
mod timestamp;

use boltseal_core::Digest;
use boltseal_crypto::{KeyAlgorithm, PrivateKey, PublicKey, SignatureError};
use program::OpenSsl;

const MESSAGE: &[u8] = b"signed here, verified there";

const ALL: [KeyAlgorithm; 7] = [
    KeyAlgorithm::P256,
    KeyAlgorithm::P384,
    KeyAlgorithm::P521,
    KeyAlgorithm::Ed25519,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
];

#[test]
fn what_is_signed_here_verifies_there() {
    let openssl = OpenSsl::new();
    for algorithm in ALL {
        let key = PrivateKey::generate(algorithm).unwrap();
        openssl.write("public", key.public_key().to_pem().as_bytes());
        openssl.write("signature", &key.sign(MESSAGE).unwrap());
        openssl.write("message", MESSAGE);
        openssl.run(&verify(algorithm, own_hash(algorithm)));
        openssl.write("message", b"another message");
        openssl.fail(&verify(algorithm, own_hash(algorithm)));
    }
}

#[test]
fn what_is_signed_there_verifies_here() {
    let openssl = OpenSsl::new();
    openssl.write("message", MESSAGE);
    for algorithm in ALL {
        openssl.run(&generate(algorithm));
        openssl.run(&sign(algorithm, own_hash(algorithm)));
        let signature = openssl.read("signature");
        let key = PrivateKey::from_pem(&openssl.read("private"), None).unwrap();
        let public = key.public_key();
        assert_eq!(public.algorithm(), algorithm);
        assert_eq!(public.verify(MESSAGE, &signature), Ok(()), "{algorithm}");
        assert!(public.verify(b"another", &signature).is_err(), "{algorithm}");
        assert!(public.verify(MESSAGE, &signature[1..]).is_err(), "{algorithm}");
        assert!(public.verify(MESSAGE, b"").is_err(), "{algorithm}");
        let other = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        assert!(other.public_key().verify(MESSAGE, &signature).is_err(), "{algorithm}");
    }
}

#[test]
fn keys_are_written_and_read_alike() {
    let openssl = OpenSsl::new();
    for algorithm in ALL {
        let key = PrivateKey::generate(algorithm).unwrap();
        openssl.write("private", key.to_pkcs8_pem().unwrap().as_bytes());
        openssl.run(&words("pkey -in private -check -noout"));
        openssl.run(&words("pkey -in private -pubout -out public"));
        let public = String::from_utf8(openssl.read("public")).unwrap();
        assert_eq!(public, key.public_key().to_pem(), "{algorithm}");

        openssl.run(&words("pkey -pubin -in public -outform DER -out spki"));
        assert_eq!(openssl.read("spki"), key.public_key().spki_der());
        openssl.run(&words("dgst -sha256 -binary -out hash spki"));
        openssl.run(&words("base64 -A -in hash -out hint"));
        assert_eq!(openssl.read("hint"), key.public_key().hint().as_bytes());
    }
}

#[test]
fn older_private_forms_are_read() {
    let openssl = OpenSsl::new();
    for (make, label) in [
        ("ecparam -name prime256v1 -genkey -out private", "EC PARAMETERS"),
        ("ecparam -name secp384r1 -genkey -noout -out private", "EC PRIVATE KEY"),
        ("ecparam -name secp521r1 -genkey -noout -out private", "EC PRIVATE KEY"),
        ("genrsa -traditional -out private 2048", "RSA PRIVATE KEY"),
    ] {
        openssl.run(&words(make));
        let pem = String::from_utf8(openssl.read("private")).unwrap();
        assert!(pem.starts_with(&format!("-----BEGIN {label}-----")), "{make}: {pem}");
        let key = PrivateKey::from_pem(pem.as_bytes(), None).unwrap();
        openssl.run(&words("pkey -in private -pubout -out public"));
        assert_eq!(openssl.read("public"), key.public_key().to_pem().as_bytes(), "{make}");
    }
    openssl.run(&words("rsa -in private -RSAPublicKey_out -out pkcs1"));
    let key = PrivateKey::from_pem(&openssl.read("private"), None).unwrap();
    assert_eq!(&PublicKey::from_pem(&openssl.read("pkcs1")).unwrap(), key.public_key());
}

#[test]
fn keys_that_nobody_should_use_are_refused() {
    let openssl = OpenSsl::new();
    for make in [
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out private",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2056 -out private",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out private",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224 -out private",
        "genpkey -algorithm X25519 -out private",
        "genpkey -algorithm ED448 -out private",
    ] {
        openssl.run(&words(make));
        openssl.run(&words("pkey -in private -pubout -out public"));
        assert!(PrivateKey::from_pem(&openssl.read("private"), None).is_err(), "{make}");
        assert!(PublicKey::from_pem(&openssl.read("public")).is_err(), "{make}");
    }
    // The same key in another encoding would be a second name for it.
    openssl.run(&words("ecparam -name prime256v1 -genkey -noout -out private"));
    for form in ["-conv_form compressed", "-conv_form hybrid", "-param_enc explicit"] {
        openssl.run(&words(&format!("ec -in private -pubout {form} -out public")));
        assert!(PublicKey::from_pem(&openssl.read("public")).is_err(), "{form}");
    }
}

#[test]
fn sha_256_on_the_larger_curves_is_read_as_older_cosign_wrote_it() {
    let openssl = OpenSsl::new();
    openssl.write("message", MESSAGE);
    let digest = Digest::sha256_of(MESSAGE);
    for algorithm in [KeyAlgorithm::P384, KeyAlgorithm::P521] {
        openssl.run(&generate(algorithm));
        let key = PrivateKey::from_pem(&openssl.read("private"), None).unwrap();
        openssl.run(&sign(algorithm, "sha256"));
        let signature = openssl.read("signature");
        assert_eq!(key.public_key().verify(MESSAGE, &signature), Ok(()));
        assert_eq!(key.public_key().verify_digest(&digest, &signature), Ok(()));
        openssl.run(&sign(algorithm, "sha224"));
        assert!(key.public_key().verify(MESSAGE, &openssl.read("signature")).is_err());
    }
}

#[test]
fn a_digest_suffices_for_some_kinds_only() {
    let sha256 = Digest::sha256_of(MESSAGE);
    let sha512: Digest = {
        let mut hasher = boltseal_core::Hasher::new(boltseal_core::Algorithm::Sha512);
        hasher.update(MESSAGE);
        hasher.finish()
    };
    let other = Digest::sha256_of(b"another");
    for algorithm in ALL {
        let key = PrivateKey::generate(algorithm).unwrap();
        let signature = key.sign(MESSAGE).unwrap();
        let check = |digest| key.public_key().verify_digest(digest, &signature);
        let needs = |result| matches!(result, Err(SignatureError::NeedsContent { .. }));
        match algorithm {
            KeyAlgorithm::Ed25519 | KeyAlgorithm::P384 => {
                assert!(needs(check(&sha256)) && needs(check(&sha512)), "{algorithm}");
            }
            KeyAlgorithm::P521 => {
                assert!(needs(check(&sha256)), "{algorithm}");
                assert_eq!(check(&sha512), Ok(()), "{algorithm}");
            }
            _ => {
                assert_eq!(check(&sha256), Ok(()), "{algorithm}");
                assert!(needs(check(&sha512)), "{algorithm}");
                assert!(matches!(check(&other), Err(SignatureError::Mismatch { .. })));
            }
        }
    }
}

fn own_hash(algorithm: KeyAlgorithm) -> &'static str {
    match algorithm {
        KeyAlgorithm::P384 => "sha384",
        KeyAlgorithm::P521 => "sha512",
        _ => "sha256",
    }
}

fn generate(algorithm: KeyAlgorithm) -> Vec<String> {
    let kind = match algorithm {
        KeyAlgorithm::P256 => "EC -pkeyopt ec_paramgen_curve:P-256",
        KeyAlgorithm::P384 => "EC -pkeyopt ec_paramgen_curve:P-384",
        KeyAlgorithm::P521 => "EC -pkeyopt ec_paramgen_curve:P-521",
        KeyAlgorithm::Ed25519 => "ED25519",
        KeyAlgorithm::Rsa2048 => "RSA -pkeyopt rsa_keygen_bits:2048",
        KeyAlgorithm::Rsa3072 => "RSA -pkeyopt rsa_keygen_bits:3072",
        KeyAlgorithm::Rsa4096 => "RSA -pkeyopt rsa_keygen_bits:4096",
    };
    words(&format!("genpkey -algorithm {kind} -out private"))
}

fn sign(algorithm: KeyAlgorithm, hash: &str) -> Vec<String> {
    words(&match algorithm {
        KeyAlgorithm::Ed25519 => {
            "pkeyutl -sign -inkey private -rawin -in message -out signature".to_owned()
        }
        _ => format!("dgst -{hash} -sign private -out signature message"),
    })
}

fn verify(algorithm: KeyAlgorithm, hash: &str) -> Vec<String> {
    words(&match algorithm {
        KeyAlgorithm::Ed25519 => {
            "pkeyutl -verify -pubin -inkey public -rawin -in message -sigfile signature".to_owned()
        }
        _ => format!("dgst -{hash} -verify public -signature signature message"),
    })
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}
