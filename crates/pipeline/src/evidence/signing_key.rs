//! A signer with its public key, which is fetched once.

use boltseal_core::{Exit, Reason};
use boltseal_crypto::{Bundle, Envelope, PublicKey, pae};
use boltseal_ports::Signer;
use boltseal_verify::{NamedKey, Trust};

use crate::Failure;

/// A key that signs, and whose signatures are checked here before anyone sees them.
pub(crate) struct SigningKey<'a> {
    signer: &'a dyn Signer,
    public: PublicKey,
}

impl<'a> SigningKey<'a> {
    /// Fetches the public key of one that can sign.
    pub(crate) async fn open(signer: &'a dyn Signer) -> Result<Self, Failure> {
        let (der, ()) = tokio::try_join!(signer.public_key(), signer.ready())?;
        let public = PublicKey::from_spki_der(&der)
            .map_err(|problem| broken(signer, "a public key that boltseal knows", &problem))?;
        Ok(Self { signer, public })
    }

    pub(crate) const fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn name(&self) -> &str {
        self.signer.name()
    }

    /// Trust in this key alone.
    pub(crate) fn trust(&self) -> Trust {
        let name = self.name().to_owned();
        Trust::in_keys(vec![NamedKey::new(name, self.public.clone())])
    }

    /// Signs bytes, and checks the signature.
    pub(crate) async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let signature = self.signer.sign(message).await?;
        self.public.verify(message, &signature).map_err(|problem| {
            broken(self.signer, "a signature that its public key verifies", &problem)
        })?;
        Ok(signature)
    }

    /// Signs as Notation wants it. Whoever seals the envelope checks the signature.
    pub(crate) async fn sign_for_notation(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        Ok(self.signer.sign_for_notation(message).await?)
    }

    /// Signs a statement.
    pub(crate) async fn sign_statement(&self, payload: &[u8]) -> Result<Envelope, Failure> {
        let payload_type = boltseal_core::media_type::IN_TOTO;
        let signature = self.sign(&pae(payload_type, payload)).await?;
        Ok(Envelope::new(payload_type, payload.to_vec(), signature))
    }

    /// A signed statement as a bundle 0.3 that names this key.
    pub(crate) fn bundle(&self, envelope: &Envelope) -> Vec<u8> {
        Bundle::sealed(&self.public.hint(), envelope)
    }
}

fn broken(signer: &dyn Signer, expected: &str, problem: &dyn std::fmt::Display) -> Reason {
    Reason::new(Exit::Invalid, "key-invalid")
        .expected(expected)
        .found(problem.to_string())
        .place(signer.name())
        .fix(
            "give another key; of a key in KMS look at what answers there: a proxy, or the address \
             in AWS_ENDPOINT_URL_KMS",
        )
}
