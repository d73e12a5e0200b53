use boltseal_core::Digest;
use boltseal_crypto::{KeyAlgorithm, PrivateKey, PublicKey};

use super::workbench::Workbench;

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

fn private(openssl: &Workbench) -> PrivateKey {
    PrivateKey::from_pem(&openssl.read("private"), None).expect("a key that OpenSSL made")
}

fn generated(algorithm: KeyAlgorithm) -> PrivateKey {
    PrivateKey::generate(algorithm).expect("a kind that can be made")
}

#[test]
fn what_is_signed_here_verifies_there() {
    let openssl = Workbench::new();
    for algorithm in ALL {
        let key = generated(algorithm);
        openssl.write("public", key.public_key().to_pem().as_bytes());
        openssl.write("signature", &key.sign(MESSAGE).expect("a key that signs"));
        openssl.write("message", MESSAGE);
        openssl.run(&verify(algorithm));
        openssl.write("message", b"another message");
        let reason = match algorithm {
            KeyAlgorithm::Ed25519 => "Signature Verification Failure",
            _ => "Verification failure",
        };
        openssl.ask(&verify(algorithm)).refuses(reason);
    }
}

#[test]
fn what_is_signed_there_verifies_here() {
    let openssl = Workbench::new();
    openssl.write("message", MESSAGE);
    for algorithm in ALL {
        openssl.run(&generate(algorithm));
        openssl.run(&sign(algorithm, own_hash(algorithm)));
        let (key, signature) = (private(&openssl), openssl.read("signature"));
        assert_eq!(key.public_key().algorithm(), algorithm);
        assert_eq!(key.public_key().verify(MESSAGE, &signature), Ok(()), "{algorithm}");
        assert!(key.public_key().verify(b"another", &signature).is_err(), "{algorithm}");
        let other = generated(KeyAlgorithm::P256);
        assert!(other.public_key().verify(MESSAGE, &signature).is_err(), "{algorithm}");
    }
}

#[test]
fn keys_are_written_and_read_alike() {
    let openssl = Workbench::new();
    for algorithm in ALL {
        let key = generated(algorithm);
        openssl.write("private", key.to_pkcs8_pem().expect("a key in memory").as_bytes());
        openssl.run("pkey -in private -check -noout");
        openssl.run("pkey -in private -pubout -out public");
        assert_eq!(openssl.read("public"), key.public_key().to_pem().as_bytes(), "{algorithm}");

        openssl.run("pkey -pubin -in public -outform DER -out spki");
        assert_eq!(openssl.read("spki"), key.public_key().spki_der());
        openssl.run("dgst -sha256 -binary -out hash spki");
        openssl.run("base64 -A -in hash -out hint");
        assert_eq!(openssl.read("hint"), key.public_key().hint().as_bytes());
    }
}

#[test]
fn older_private_forms_are_read() {
    let openssl = Workbench::new();
    for (make, label) in [
        ("ecparam -name prime256v1 -genkey -out private", "EC PARAMETERS"),
        ("ecparam -name secp384r1 -genkey -noout -out private", "EC PRIVATE KEY"),
        ("ecparam -name secp521r1 -genkey -noout -out private", "EC PRIVATE KEY"),
        ("genrsa -traditional -out private 2048", "RSA PRIVATE KEY"),
    ] {
        openssl.run(make);
        let start = format!("-----BEGIN {label}-----");
        assert!(openssl.read("private").starts_with(start.as_bytes()), "{make}");
        openssl.run("pkey -in private -pubout -out public");
        let key = private(&openssl);
        assert_eq!(openssl.read("public"), key.public_key().to_pem().as_bytes(), "{make}");
    }
    openssl.run("rsa -in private -RSAPublicKey_out -out pkcs1");
    let public = PublicKey::from_pem(&openssl.read("pkcs1"));
    assert_eq!(public.as_ref(), Ok(private(&openssl).public_key()));
}

#[test]
fn keys_that_nobody_should_use_are_refused() {
    let openssl = Workbench::new();
    for make in [
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out private",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2056 -out private",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out private",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224 -out private",
        "genpkey -algorithm X25519 -out private",
        "genpkey -algorithm ED448 -out private",
    ] {
        openssl.run(make);
        openssl.run("pkey -in private -pubout -out public");
        assert!(PrivateKey::from_pem(&openssl.read("private"), None).is_err(), "{make}");
        assert!(PublicKey::from_pem(&openssl.read("public")).is_err(), "{make}");
    }
    // The same key in another encoding would be a second name for it.
    openssl.run("ecparam -name prime256v1 -genkey -noout -out private");
    for form in ["-conv_form compressed", "-conv_form hybrid", "-param_enc explicit"] {
        openssl.run(&format!("ec -in private -pubout {form} -out public"));
        assert!(PublicKey::from_pem(&openssl.read("public")).is_err(), "{form}");
    }
}

#[test]
fn sha_256_on_the_larger_curves_is_read_as_older_cosign_wrote_it() {
    let openssl = Workbench::new();
    openssl.write("message", MESSAGE);
    let digest = Digest::sha256_of(MESSAGE);
    for algorithm in [KeyAlgorithm::P384, KeyAlgorithm::P521] {
        openssl.run(&generate(algorithm));
        let key = private(&openssl);
        openssl.run(&sign(algorithm, "sha256"));
        let signature = openssl.read("signature");
        assert_eq!(key.public_key().verify(MESSAGE, &signature), Ok(()));
        assert_eq!(key.public_key().verify_digest(&digest, &signature), Ok(()));
        openssl.run(&sign(algorithm, "sha224"));
        assert!(key.public_key().verify(MESSAGE, &openssl.read("signature")).is_err());
    }
}

fn own_hash(algorithm: KeyAlgorithm) -> &'static str {
    match algorithm {
        KeyAlgorithm::P384 => "sha384",
        KeyAlgorithm::P521 => "sha512",
        _ => "sha256",
    }
}

fn generate(algorithm: KeyAlgorithm) -> String {
    let kind = match algorithm {
        KeyAlgorithm::P256 => "EC -pkeyopt ec_paramgen_curve:P-256",
        KeyAlgorithm::P384 => "EC -pkeyopt ec_paramgen_curve:P-384",
        KeyAlgorithm::P521 => "EC -pkeyopt ec_paramgen_curve:P-521",
        KeyAlgorithm::Ed25519 => "ED25519",
        KeyAlgorithm::Rsa2048 => "RSA -pkeyopt rsa_keygen_bits:2048",
        KeyAlgorithm::Rsa3072 => "RSA -pkeyopt rsa_keygen_bits:3072",
        KeyAlgorithm::Rsa4096 => "RSA -pkeyopt rsa_keygen_bits:4096",
    };
    format!("genpkey -algorithm {kind} -out private")
}

fn sign(algorithm: KeyAlgorithm, hash: &str) -> String {
    if algorithm == KeyAlgorithm::Ed25519 {
        "pkeyutl -sign -inkey private -rawin -in message -out signature".to_owned()
    } else {
        format!("dgst -{hash} -sign private -out signature message")
    }
}

fn verify(algorithm: KeyAlgorithm) -> String {
    if algorithm == KeyAlgorithm::Ed25519 {
        "pkeyutl -verify -pubin -inkey public -rawin -in message -sigfile signature".to_owned()
    } else {
        let hash = own_hash(algorithm);
        format!("dgst -{hash} -verify public -signature signature message")
    }
}
