use std::ops::Deref;

/// A proof: a `T` that this crate has checked. Nothing else can make one, and it cannot be
/// deserialised. Commands exit with 0 only by giving one up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    pub(crate) const fn new(checked: T) -> Self {
        Self(checked)
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
