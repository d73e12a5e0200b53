//! What a JSON Web Token says (RFC 7519), without believing it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boltseal_core::json;
use boltseal_ports::{IdClaims, IdToken};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The longest token that is read: what `AssumeRoleWithWebIdentity` takes.
pub const MAX_TOKEN_BYTES: usize = 20_000;

/// Reads the claims of a token in compact form. Its signature is not verified: whoever takes the
/// token does that, and this only tells what it will see.
///
/// ```
/// let problem = boltseal_ci::id_token("not a token").unwrap_err();
/// assert_eq!(problem, boltseal_ci::JwtProblem::NotThreeParts);
/// ```
pub fn id_token(text: &str) -> Result<IdToken, JwtProblem> {
    let text = text.trim();
    Ok(IdToken::new(text, claims(text)?))
}

fn claims(text: &str) -> Result<IdClaims, JwtProblem> {
    if text.len() > MAX_TOKEN_BYTES {
        return Err(JwtProblem::TooLong { found: text.len() });
    }
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Err(JwtProblem::NotThreeParts);
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtProblem::NotBase64);
    decode(header)?;
    decode(signature)?;
    let payload = json::parse(&decode(payload)?).map_err(|_| JwtProblem::NotJson)?;
    let Value::Object(mut members) = payload else {
        return Err(JwtProblem::NotJson);
    };
    Ok(IdClaims {
        issuer: text_of(&mut members, "iss")?,
        subject: text_of(&mut members, "sub")?,
        audiences: audiences(&mut members)?,
        expires: time_of(&mut members, "exp")?,
        issued: time_of(&mut members, "iat")?,
        rest: members,
    })
}

fn text_of(members: &mut Map<String, Value>, name: &'static str) -> Result<String, JwtProblem> {
    match members.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        _ => Err(JwtProblem::Claim { name, expected: "a text" }),
    }
}

fn audiences(members: &mut Map<String, Value>) -> Result<Vec<String>, JwtProblem> {
    let wrong = JwtProblem::Claim { name: "aud", expected: "a text or a list of texts" };
    match members.remove("aud") {
        Some(Value::String(one)) if !one.is_empty() => Ok(vec![one]),
        Some(Value::Array(several)) => {
            let texts = several.into_iter().map(|it| it.as_str().map(ToOwned::to_owned));
            texts.collect::<Option<Vec<_>>>().filter(|it| !it.is_empty()).ok_or(wrong)
        }
        _ => Err(wrong),
    }
}

/// `NumericDate`: seconds since 1970, perhaps with a fraction.
fn time_of(
    members: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Option<Timestamp>, JwtProblem> {
    let wrong = JwtProblem::Claim { name, expected: "a time in seconds since 1970" };
    let Some(value) = members.remove(name) else {
        return Ok(None);
    };
    let whole = value.as_i64().or_else(|| value.as_f64().and_then(seconds)).ok_or(wrong.clone())?;
    Timestamp::from_second(whole).map(Some).map_err(|_| wrong)
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
fn seconds(number: f64) -> Option<i64> {
    (number.is_finite() && number.abs() < 1e12).then_some(number as i64)
}

/// Why a text is no token. Says nothing of what the text is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtProblem {
    /// A claim is missing or of another type.
    #[error("the claim {name} is not {expected}")]
    Claim {
        /// The claim.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A part is not base64url without padding.
    #[error("a part of it is not base64url")]
    NotBase64,
    /// The payload is not one strict JSON object.
    #[error("its payload is not a JSON object")]
    NotJson,
    /// Not `header.payload.signature`.
    #[error("it has not the three parts of a JSON Web Token")]
    NotThreeParts,
    /// More than [`MAX_TOKEN_BYTES`].
    #[error("it has {found} bytes, more than {MAX_TOKEN_BYTES}")]
    TooLong {
        /// Its length.
        found: usize,
    },
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    pub(crate) fn token(payload: &Value) -> String {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let payload = encode(payload.to_string().as_bytes());
        format!("{}.{payload}.{}", encode(br#"{"alg":"RS256"}"#), encode(b"signature"))
    }

    #[test]
    fn reads_the_claims() {
        let text = token(&json!({
            "iss": "https://token.example", "sub": "repo:acme/app:ref:refs/heads/main",
            "aud": ["sts.amazonaws.com", "other"], "exp": 1_900_000_000, "iat": 1_899_999_700.5,
            "run_id": "7"
        }));
        let read = id_token(&format!("{text}\n")).unwrap();
        assert_eq!(read.secret(), text);
        let claims = read.claims();
        assert_eq!(claims.subject, "repo:acme/app:ref:refs/heads/main");
        assert_eq!(claims.audiences, ["sts.amazonaws.com", "other"]);
        assert_eq!(claims.expires.unwrap().as_second(), 1_900_000_000);
        assert_eq!(claims.issued.unwrap().as_second(), 1_899_999_700);
        assert_eq!(claims.rest["run_id"], "7");
        assert_eq!(claims.rest.len(), 1);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let refuse = |text: &str| id_token(text).unwrap_err();
        assert_eq!(refuse("a.b"), JwtProblem::NotThreeParts);
        assert_eq!(refuse("a.b.c.d"), JwtProblem::NotThreeParts);
        assert_eq!(refuse("a+.b.c"), JwtProblem::NotBase64);
        assert_eq!(refuse("YQ.YQ.YQ"), JwtProblem::NotJson);
        assert_eq!(refuse(&"x".repeat(20_001)), JwtProblem::TooLong { found: 20_001 });
        let twice = URL_SAFE_NO_PAD.encode(r#"{"sub":"a","sub":"b"}"#);
        assert_eq!(refuse(&format!("YQ.{twice}.YQ")), JwtProblem::NotJson);
        for (payload, name) in [
            (json!({"sub": "s", "aud": "a"}), "iss"),
            (json!({"iss": "i", "sub": 1, "aud": "a"}), "sub"),
            (json!({"iss": "i", "sub": "s", "aud": []}), "aud"),
            (json!({"iss": "i", "sub": "s", "aud": "a", "exp": "soon"}), "exp"),
            (json!({"iss": "i", "sub": "s", "aud": "a", "iat": 1e300}), "iat"),
        ] {
            let problem = refuse(&token(&payload));
            assert!(matches!(problem, JwtProblem::Claim { name: it, .. } if it == name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,120}", payload in ".{0,120}") {
            drop(id_token(&text));
            drop(id_token(&format!("YQ.{}.YQ", URL_SAFE_NO_PAD.encode(payload))));
        }
    }
}
