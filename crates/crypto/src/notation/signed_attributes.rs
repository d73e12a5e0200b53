//! What a signature says about itself.

use std::fmt;

use jiff::Timestamp;

use super::algorithm::Algorithm;
use super::envelope_error::EnvelopeError;
use super::payload::PAYLOAD_TYPE;

pub(super) const SIGNING_SCHEME: &str = "io.cncf.notary.signingScheme";
pub(super) const SIGNING_TIME: &str = "io.cncf.notary.signingTime";
pub(super) const AUTHENTIC_SIGNING_TIME: &str = "io.cncf.notary.authenticSigningTime";
pub(super) const EXPIRY: &str = "io.cncf.notary.expiry";

const MAX_EXTENDED: usize = 64;

/// The signed attributes (signature specification, "Signed Attributes").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAttributes {
    /// Who vouches for the time, and which trust stores count.
    pub scheme: SigningScheme,
    /// When it was signed: the signer's claim under [`SigningScheme::X509`], authentic (if the
    /// signer is trusted) under [`SigningScheme::SigningAuthority`].
    pub signing_time: Timestamp,
    /// The moment from which on the signature no longer counts.
    pub expiry: Option<Timestamp>,
    /// Whatever else the signer added.
    pub extended: Vec<ExtendedAttribute>,
}

impl SignedAttributes {
    /// The extended attribute with this name.
    pub fn attribute(&self, name: &str) -> Option<&ExtendedAttribute> {
        self.extended.iter().find(|attribute| attribute.name == name)
    }
}

/// An attribute that the specification does not define.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedAttribute {
    /// Its name; a number in COSE is written in decimal.
    pub name: String,
    /// Whether a verifier that does not understand it must refuse the signature.
    pub is_critical: bool,
    /// Its value, where that is a text.
    pub text: Option<String>,
}

/// The signing schemes (signing-scheme specification).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningScheme {
    /// `notary.x509`: a publisher's own key; roots in `ca` stores.
    X509,
    /// `notary.x509.signingAuthority`: a service such as AWS Signer, whose time is authentic;
    /// roots in `signingAuthority` stores.
    SigningAuthority,
}

impl SigningScheme {
    /// Its name in an envelope.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X509 => "notary.x509",
            Self::SigningAuthority => "notary.x509.signingAuthority",
        }
    }
}

impl fmt::Display for SigningScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A protected header as it stands in an envelope of either format, before its rules are checked.
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) content_type: String,
    pub(super) critical: Vec<String>,
    pub(super) scheme: String,
    pub(super) signing_time: Option<Timestamp>,
    pub(super) authentic_signing_time: Option<Timestamp>,
    pub(super) expiry: Option<Timestamp>,
    /// Name and value, where that is a text.
    pub(super) extended: Vec<(String, Option<String>)>,
}

impl Header {
    /// Checks what must, may and must not be there, and what must be critical (JWS and COSE
    /// envelope specifications, "Protected Headers").
    pub(super) fn attributes(self) -> Result<SignedAttributes, EnvelopeError> {
        if self.content_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::ContentType { found: cut(&self.content_type) });
        }
        let (scheme, signing_time) = self.scheme()?;
        if self.expiry.is_some_and(|expiry| expiry <= signing_time) {
            return Err(EnvelopeError::ExpiryOrder);
        }
        self.check_critical(scheme)?;
        if self.extended.len() > MAX_EXTENDED {
            let (limit, found) = (MAX_EXTENDED, self.extended.len());
            return Err(EnvelopeError::TooMany { what: "extended attributes", limit, found });
        }
        let extended = self.extended.into_iter().map(|(name, text)| ExtendedAttribute {
            is_critical: self.critical.contains(&name),
            name,
            text,
        });
        Ok(SignedAttributes {
            scheme,
            signing_time,
            expiry: self.expiry,
            extended: extended.collect(),
        })
    }

    fn scheme(&self) -> Result<(SigningScheme, Timestamp), EnvelopeError> {
        let (scheme, name, time, other, forbidden) = match self.scheme.as_str() {
            "notary.x509" => (
                SigningScheme::X509,
                SIGNING_TIME,
                self.signing_time,
                AUTHENTIC_SIGNING_TIME,
                self.authentic_signing_time,
            ),
            "notary.x509.signingAuthority" => (
                SigningScheme::SigningAuthority,
                AUTHENTIC_SIGNING_TIME,
                self.authentic_signing_time,
                SIGNING_TIME,
                self.signing_time,
            ),
            found => return Err(EnvelopeError::Scheme { found: cut(found) }),
        };
        if forbidden.is_some() {
            return Err(EnvelopeError::TimeForbidden { scheme, name: other });
        }
        let time = time.ok_or(EnvelopeError::TimeMissing { scheme, name })?;
        Ok((scheme, time))
    }

    fn check_critical(&self, scheme: SigningScheme) -> Result<(), EnvelopeError> {
        let mut needed = vec![SIGNING_SCHEME];
        if scheme == SigningScheme::SigningAuthority {
            needed.push(AUTHENTIC_SIGNING_TIME);
        }
        if self.expiry.is_some() {
            needed.push(EXPIRY);
        }
        let critical = |name: &str| self.critical.iter().any(|it| it == name);
        if let Some(name) = needed.iter().find(|name| !critical(name)) {
            return Err(EnvelopeError::NotCritical { name });
        }
        let known = |name: &str| {
            needed.contains(&name) || self.extended.iter().any(|(other, _)| other == name)
        };
        if let Some(name) = self.critical.iter().find(|name| !known(name)) {
            return Err(EnvelopeError::CriticalAbsent { name: cut(name) });
        }
        let mut rest = self.critical.as_slice();
        while let Some((name, others)) = rest.split_first() {
            if others.contains(name) {
                return Err(EnvelopeError::CriticalTwice { name: cut(name) });
            }
            rest = others;
        }
        Ok(())
    }
}

/// At most 160 characters of what somebody else wrote, for a message.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn header() -> Header {
        Header {
            algorithm: Algorithm::Es256,
            content_type: PAYLOAD_TYPE.to_owned(),
            critical: vec![SIGNING_SCHEME.to_owned(), EXPIRY.to_owned(), "a".to_owned()],
            scheme: "notary.x509".to_owned(),
            signing_time: Some(time(10)),
            authentic_signing_time: None,
            expiry: Some(time(11)),
            extended: vec![("a".to_owned(), Some("1".to_owned())), ("b".to_owned(), None)],
        }
    }

    fn authority() -> Header {
        Header {
            critical: [SIGNING_SCHEME, EXPIRY, "a", AUTHENTIC_SIGNING_TIME]
                .map(str::to_owned)
                .into(),
            scheme: "notary.x509.signingAuthority".to_owned(),
            signing_time: None,
            authentic_signing_time: Some(time(10)),
            ..header()
        }
    }

    #[test]
    fn reads_both_schemes() {
        for (header, scheme) in
            [(header(), SigningScheme::X509), (authority(), SigningScheme::SigningAuthority)]
        {
            let name = header.scheme.clone();
            let read = header.attributes().unwrap();
            assert_eq!((read.scheme, read.signing_time), (scheme, time(10)));
            assert_eq!(read.scheme.to_string(), name);
            assert_eq!(read.expiry, Some(time(11)));
            let a = read.attribute("a").unwrap();
            assert!(a.is_critical && a.text.as_deref() == Some("1"));
            assert!(!read.attribute("b").unwrap().is_critical);
            assert_eq!(read.attribute("c"), None);
        }
    }

    #[test]
    fn refuses_each_broken_rule() {
        let error = |header: Header| header.attributes().unwrap_err();
        let content_type = "application/json".to_owned();
        let found = error(Header { content_type, ..header() });
        assert!(matches!(found, EnvelopeError::ContentType { .. }));
        let found = error(Header { scheme: "notary.x509.other".to_owned(), ..header() });
        assert!(matches!(found, EnvelopeError::Scheme { .. }));
        for header in [
            Header { authentic_signing_time: Some(time(1)), ..header() },
            Header { signing_time: Some(time(1)), ..authority() },
        ] {
            assert!(matches!(error(header), EnvelopeError::TimeForbidden { .. }));
        }
        for header in [
            Header { signing_time: None, ..header() },
            Header { authentic_signing_time: None, ..authority() },
        ] {
            assert!(matches!(error(header), EnvelopeError::TimeMissing { .. }));
        }
        let found = error(Header { expiry: Some(time(10)), ..header() });
        assert_eq!(found, EnvelopeError::ExpiryOrder);
        let extended = (0..=MAX_EXTENDED).map(|it| (it.to_string(), None)).collect();
        let critical = [SIGNING_SCHEME, EXPIRY].map(str::to_owned).to_vec();
        let found = error(Header { critical, extended, ..header() });
        assert!(matches!(found, EnvelopeError::TooMany { .. }));
    }

    #[test]
    fn refuses_each_wrong_list_of_critical_headers() {
        for (position, name) in [(0, SIGNING_SCHEME), (1, EXPIRY), (3, AUTHENTIC_SIGNING_TIME)] {
            let mut header = authority();
            header.critical.remove(position);
            assert_eq!(header.attributes(), Err(EnvelopeError::NotCritical { name }));
        }
        for name in ["alg", "c", SIGNING_TIME] {
            let mut header = header();
            header.critical.push(name.to_owned());
            let name = name.to_owned();
            assert_eq!(header.attributes(), Err(EnvelopeError::CriticalAbsent { name }));
        }
        let mut header = header();
        header.critical.push("a".to_owned());
        assert_eq!(header.attributes(), Err(EnvelopeError::CriticalTwice { name: "a".to_owned() }));
    }
}
