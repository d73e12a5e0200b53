use async_trait::async_trait;
use boltseal_crypto::{KeyError, PrivateKey};
use boltseal_ports::{Signer, SignerError, SignerErrorKind};

/// A private key in this process.
#[derive(Debug)]
pub(crate) struct LocalSigner {
    name: String,
    key: PrivateKey,
}

impl LocalSigner {
    /// A signer with the name that its user gave the key.
    pub(crate) const fn new(name: String, key: PrivateKey) -> Self {
        Self { name, key }
    }

    fn refused(&self, error: &KeyError) -> SignerError {
        SignerError {
            kind: SignerErrorKind::Invalid,
            key: self.name.clone(),
            expected: "a key that signs".to_owned(),
            found: error.to_string(),
            fix: "generate a new key with boltseal keys generate".to_owned(),
        }
    }
}

#[async_trait]
impl Signer for LocalSigner {
    fn name(&self) -> &str {
        &self.name
    }

    async fn public_key(&self) -> Result<Vec<u8>, SignerError> {
        Ok(self.key.public_key().spki_der().to_vec())
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.key.sign(message).map_err(|error| self.refused(&error))
    }

    async fn sign_for_notation(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.key.sign_for_notation(message).map_err(|error| self.refused(&error))
    }
}
