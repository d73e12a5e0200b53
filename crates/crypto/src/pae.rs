//! DSSE's pre-authentication encoding: the bytes that are signed.

/// `DSSEv1 LEN(type) type LEN(payload) payload`, lengths in bytes (DSSE 1.0.2, `protocol.md`).
///
/// ```
/// let bytes = boltseal_crypto::pae("http://example.com/HelloWorld", b"hello world");
/// assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
/// ```
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    let mut bytes = Vec::with_capacity(head.len() + payload.len());
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use boltseal_core::Digest;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_vector_of_the_specification() {
        let digest = Digest::sha256_of(&pae("http://example.com/HelloWorld", b"hello world"));
        assert_eq!(
            digest.hex(),
            "217751fac2c4f14edb2c9297fbc34abcb016ba88e74757e875ec4ac16fb6b6a1"
        );
    }

    #[test]
    fn the_statement_that_cosign_signs() {
        let payload = format!(
            concat!(
                r#"{{"_type":"https://in-toto.io/Statement/v1","#,
                r#""subject":[{{"digest":{{"sha256":"{}"}}}}],"#,
                r#""predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{{}}}}"#
            ),
            "0".repeat(64)
        );
        assert_eq!(payload.len(), 213);
        let digest = Digest::sha256_of(&pae("application/vnd.in-toto+json", payload.as_bytes()));
        assert_eq!(
            digest.hex(),
            "20440dd5a1f0ecb453aeab18019e90d675d9f459f35194138601fa3c8980b6c2"
        );
    }

    proptest! {
        #[test]
        fn agrees_with_the_sigstore_crates(kind in ".{0,40}", payload: Vec<u8>) {
            prop_assert_eq!(pae(&kind, &payload), sigstore_types::pae(&kind, &payload));
        }
    }
}
