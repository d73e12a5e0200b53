//! Encrypted key files: what cosign wrote is read, what is written reads back, and what is
//! damaged is refused without a panic.

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use boltseal_crypto::{KeyAlgorithm, KeyError, PrivateKey, PublicKey};

const KEY: &str = include_str!("data/cosign.key");
const PUBLIC: &str = include_str!("data/cosign.pub");
const PASSWORD: Option<&[u8]> = Some(b"correct-horse");

#[test]
fn reads_what_cosign_wrote_under_both_labels() {
    assert!(PrivateKey::is_encrypted(KEY.as_bytes()));
    for pem in [KEY.to_owned(), KEY.replace("SIGSTORE", "COSIGN")] {
        let key = PrivateKey::from_pem(pem.as_bytes(), PASSWORD).unwrap();
        assert_eq!(key.public_key().to_pem(), PUBLIC);
        let signature = key.sign(b"message").unwrap();
        let public = PublicKey::from_pem(PUBLIC.as_bytes()).unwrap();
        assert_eq!(public.verify(b"message", &signature), Ok(()));
    }
}

#[test]
fn a_wrong_password_is_not_a_missing_one() {
    let read = |password| PrivateKey::from_pem(KEY.as_bytes(), password).unwrap_err();
    assert_eq!(read(None), KeyError::PasswordMissing);
    assert!(read(None).to_string().contains("COSIGN_PASSWORD"));
    for wrong in [&b""[..], b"correct-horse "] {
        assert_eq!(read(Some(wrong)), KeyError::PasswordWrong);
    }
}

#[test]
fn writes_every_kind_and_reads_it_back_with_an_empty_password_too() {
    for algorithm in KeyAlgorithm::OFFERED {
        let key = PrivateKey::generate(algorithm).unwrap();
        for password in [&b""[..], b"p"] {
            let pem = key.to_cosign_pem(password).unwrap();
            assert!(pem.starts_with("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"));
            let again = PrivateKey::from_pem(pem.as_bytes(), Some(password)).unwrap();
            assert_eq!(again.public_key(), key.public_key(), "{algorithm}");
        }
    }
}

#[test]
fn a_damaged_container_is_refused() {
    for (from, to) in [
        // A nonce of another length: the crate beneath would panic.
        (r#""nonce":"#, r#""nonce":"AAAA","was":"#),
        (r#""nonce":"#, r#""was":"#),
        (r#""N":65536"#, r#""N":0"#),
        (r#""N":65536"#, r#""N":1073741824"#),
        (r#""r":8"#, r#""r":4294967295"#),
        ("nacl/secretbox", "aes"),
        ("scrypt", "none"),
        (r#""ciphertext":"#, r#""cipher":1,"ciphertext":"#),
        ("{", ""),
    ] {
        let pem = with_container(|json| json.replacen(from, to, 1));
        let error = PrivateKey::from_pem(pem.as_bytes(), PASSWORD).unwrap_err();
        assert!(matches!(error, KeyError::Container { .. }), "{from} to {to}: {error}");
    }
    let pem = with_container(|json| json.replacen(r#""ciphertext":""#, r#""ciphertext":"AAAA"#, 1));
    let error = PrivateKey::from_pem(pem.as_bytes(), PASSWORD).unwrap_err();
    assert_eq!(error, KeyError::PasswordWrong);
}

/// The key file with its JSON changed.
fn with_container(change: impl Fn(&str) -> String) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let body: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let json = String::from_utf8(engine.decode(body).unwrap()).unwrap();
    let changed = change(&json);
    assert_ne!(changed, json);
    let label = "ENCRYPTED SIGSTORE PRIVATE KEY";
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", engine.encode(changed))
}

#[test]
fn nothing_secret_is_shown() {
    let key = PrivateKey::from_pem(KEY.as_bytes(), PASSWORD).unwrap();
    let shown = format!("{key:?}");
    assert_eq!(shown, format!("PrivateKey {{ public: {:?}, .. }}", key.public_key()));
    let plain = key.to_pkcs8_pem().unwrap();
    let secret = plain.lines().nth(1).unwrap();
    assert!(!shown.contains(&secret[..16]));
}
