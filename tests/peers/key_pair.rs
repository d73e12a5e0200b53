use std::path::Path;

use crate::program::Program;

/// A private and a public key in files.
pub(crate) struct KeyPair {
    prefix: String,
    /// The flags by which cosign learns the key's hash, which it takes to be SHA-256.
    hash_words: &'static [&'static str],
}

impl KeyPair {
    /// Made by cosign, so that everything that signs with it reads cosign's own format.
    pub(crate) fn by_cosign(folder: &Path, name: &str) -> Self {
        let prefix = folder.join(name).display().to_string();
        Program::peer("cosign3")
            .run(&["generate-key-pair", "--output-key-prefix", &prefix])
            .passes();
        Self { prefix, hash_words: &[] }
    }

    /// Made by boltseal, of its default kind.
    pub(crate) fn by_boltseal(folder: &Path, name: &str) -> Self {
        Self::of_kind(folder, name, "p256")
    }

    /// Made by boltseal, of one of the kinds that it offers.
    pub(crate) fn of_kind(folder: &Path, name: &str, algorithm: &str) -> Self {
        let prefix = folder.join(name).display().to_string();
        let words = ["keys", "generate", "--output-key-prefix", &prefix, "--algorithm", algorithm];
        Program::boltseal().run(&words).passes();
        let hash_words: &[&str] = match algorithm {
            "p384" => &["--signature-digest-algorithm", "sha384"],
            "p521" => &["--signature-digest-algorithm", "sha512"],
            _ => &[],
        };
        Self { prefix, hash_words }
    }

    /// Made by another, whose private half is there as `PREFIX.key`.
    pub(crate) fn at(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), hash_words: &[] }
    }

    /// The same keys, of whose hash cosign is told nothing.
    pub(crate) fn untold(&self) -> Self {
        Self { prefix: self.prefix.clone(), hash_words: &[] }
    }

    pub(crate) fn private(&self) -> String {
        format!("{}.key", self.prefix)
    }

    pub(crate) fn public(&self) -> String {
        format!("{}.pub", self.prefix)
    }

    pub(crate) fn hash_words(&self) -> &'static [&'static str] {
        self.hash_words
    }
}
