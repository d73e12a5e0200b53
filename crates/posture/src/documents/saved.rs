use super::{Call, Refusal};

/// The most that is read of one document, in bytes: the details of a large account are tens of
/// megabytes.
pub const MAX_DOCUMENT_BYTES: usize = 64 << 20;

/// One document that somebody saved or fetched.
#[derive(Clone, Debug)]
pub struct Saved<'a> {
    /// What messages call it: the file, or the call.
    pub name: String,
    /// The call, where it is a known one.
    pub call: Option<Call>,
    /// What the call was about, where there may be several: a key, a role, a setting.
    pub about: String,
    /// JSON, or text with an error in it; or the error itself.
    pub answer: Result<&'a [u8], Refusal>,
}

impl<'a> Saved<'a> {
    /// A file of a folder of documents. The last part of its path says what it holds.
    pub fn file(name: &str, bytes: &'a [u8]) -> Self {
        let known = Call::of_file(name.rsplit('/').next().unwrap_or(name));
        let about = known.map_or("", |(_, about)| about).to_owned();
        Self { name: name.to_owned(), call: known.map(|(call, _)| call), about, answer: Ok(bytes) }
    }

    /// The answer of a call that was made just now: `call` is the subcommand of the AWS CLI that
    /// makes the same call.
    pub fn fetched(call: &str, about: &str, answer: Result<&'a [u8], Refusal>) -> Self {
        let name = if about.is_empty() { call.to_owned() } else { format!("{call} {about}") };
        Self { name, call: Call::of_name(call), about: about.to_owned(), answer }
    }
}
