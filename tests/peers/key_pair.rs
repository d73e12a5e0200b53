use std::path::Path;

use crate::program::Program;

/// A private and a public key in files.
pub(crate) struct KeyPair {
    prefix: String,
}

impl KeyPair {
    /// Made by cosign, so that everything that signs with it reads cosign's own format.
    pub(crate) fn by_cosign(folder: &Path, name: &str) -> Self {
        let prefix = folder.join(name).display().to_string();
        Program::peer("cosign3")
            .run(&["generate-key-pair", "--output-key-prefix", &prefix])
            .passes();
        Self { prefix }
    }

    /// Made by boltseal.
    pub(crate) fn by_boltseal(folder: &Path, name: &str) -> Self {
        let prefix = folder.join(name).display().to_string();
        Program::boltseal().run(&["keys", "generate", "--output-key-prefix", &prefix]).passes();
        Self { prefix }
    }

    pub(crate) fn private(&self) -> String {
        format!("{}.key", self.prefix)
    }

    pub(crate) fn public(&self) -> String {
        format!("{}.pub", self.prefix)
    }
}
