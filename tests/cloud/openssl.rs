//! The openssl program, which judges signatures: an emulator's own word about them counts for
//! nothing.

use std::fs;

use crate::program::Program;

/// Whether openssl takes `signature` (DER) by the public key (PEM) over a message.
pub(crate) fn verifies(public: &str, hash: &str, message: &[u8], signature: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in
        [("key.pem", public.as_bytes()), ("message", message), ("signature", signature)]
    {
        fs::write(folder.path().join(name), content).expect("a file in a folder of our own");
    }
    let words = ["dgst", hash, "-verify", "key.pem", "-signature", "signature", "message"];
    let finished = Program::on_path("openssl").run(folder.path(), &[], &words);
    let said = format!("{}{}", finished.stdout, finished.stderr);
    match finished.code {
        0 => true,
        // The second is said where the signature is not of the key's kind.
        1 if ["Verification failure", "Error verifying data"]
            .iter()
            .any(|it| said.contains(it)) =>
        {
            false
        }
        code => panic!("openssl ended with {code}: {said}"),
    }
}
