use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The published keys of an issuer.
#[derive(Clone, Debug)]
pub(crate) struct Jwks(Vec<Value>);

/// Why a token is none, or none of this issuer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFlaw {
    /// It is no JSON Web Token.
    Malformed,
    /// No published key has its `kid` and algorithm, or the signature is not that key's.
    NotSigned,
}

impl Jwks {
    /// Reads a key set (RFC 7517, 5).
    pub(crate) fn read(document: &Value) -> Option<Self> {
        document["keys"].as_array().cloned().map(Self)
    }

    /// Checks the signature of a token.
    pub(crate) fn check(&self, token: &str) -> Result<(), TokenFlaw> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFlaw::Malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFlaw::Malformed)?;
        let header = part(token, 0)?;
        let key = self.0.iter().find(|key| {
            key["kid"].is_string() && key["kid"] == header["kid"] && key["alg"] == header["alg"]
        });
        let key = key.ok_or(TokenFlaw::NotSigned)?;
        let good = match key["alg"].as_str() {
            Some("ES256") => es256(key, signed.as_bytes(), &signature),
            Some("RS256") => rs256(key, signed.as_bytes(), &signature),
            _ => None,
        };
        good.ok_or(TokenFlaw::NotSigned)
    }

    /// The claims of a token, believed by nobody yet.
    pub(crate) fn claims(token: &str) -> Result<Map<String, Value>, TokenFlaw> {
        match part(token, 1)? {
            Value::Object(claims) => Ok(claims),
            _ => Err(TokenFlaw::Malformed),
        }
    }
}

fn part(token: &str, at: usize) -> Result<Value, TokenFlaw> {
    let parts: Vec<_> = token.split('.').collect();
    let part = parts.get(at).filter(|_| parts.len() == 3).ok_or(TokenFlaw::Malformed)?;
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFlaw::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenFlaw::Malformed)
}

fn member(key: &Value, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok()
}

fn es256(key: &Value, signed: &[u8], signature: &[u8]) -> Option<()> {
    let point = [vec![4], member(key, "x")?, member(key, "y")?].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).ok()
}

fn rs256(key: &Value, signed: &[u8], signature: &[u8]) -> Option<()> {
    let components = RsaPublicKeyComponents { n: member(key, "n")?, e: member(key, "e")? };
    components.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::oidc::{Algorithm, SigningKey};
    use proptest::prelude::*;
    use serde_json::json;

    fn set(keys: &[&SigningKey]) -> Jwks {
        let keys: Vec<Value> = keys.iter().map(|it| it.jwk()).collect();
        Jwks::read(&json!({"keys": keys})).unwrap()
    }

    #[test]
    fn only_the_published_key_is_believed() {
        for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
            let key = SigningKey::generate(algorithm, "a");
            let stranger = SigningKey::generate(algorithm, "a");
            let token = key.token(&json!({"sub": "x"}));
            assert_eq!(set(&[&key]).check(&token), Ok(()));
            assert_eq!(set(&[&stranger]).check(&token), Err(TokenFlaw::NotSigned));
            assert_eq!(set(&[]).check(&token), Err(TokenFlaw::NotSigned));
            assert_eq!(Jwks::claims(&token).unwrap()["sub"], "x");

            let mut parts: Vec<_> = token.split('.').collect();
            let other = URL_SAFE_NO_PAD.encode(r#"{"sub":"y"}"#);
            parts[1] = &other;
            assert_eq!(set(&[&key]).check(&parts.join(".")), Err(TokenFlaw::NotSigned));
            let bare = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"a"}"#);
            let token = format!("{bare}.{other}.");
            assert_eq!(set(&[&key]).check(&token), Err(TokenFlaw::NotSigned));
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[A-Za-z0-9_.-]{0,80}") {
            let key = Jwks(vec![json!({"kid": "a", "alg": "ES256", "x": "", "y": 1})]);
            prop_assert!(key.check(&text).is_err());
            drop(Jwks::claims(&text));
        }
    }
}
