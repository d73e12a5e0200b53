//! Bounds on what a layer may ask of the machine that reads it.

/// Bounds for one layer. Exceeding one is a [`LayerFault::TooMuch`](crate::LayerFault::TooMuch),
/// save for executables, of which a longer one becomes a problem of the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries in the archive.
    pub entries: u64,
    /// Bytes in the path of one entry.
    pub path_bytes: usize,
    /// Bytes that the layer may inflate to.
    pub uncompressed_bytes: u64,
    /// Bytes that a layer may inflate to before [`Limits::inflate_ratio`] is looked at.
    pub uncompressed_grace: u64,
    /// How many times its stored size a layer may inflate to, beyond the grace. Deflate reaches
    /// 1032 on nothing but zeros.
    pub inflate_ratio: u64,
    /// Bytes in one record, such as a package database or a `package.json`.
    pub record_bytes: u64,
    /// Packages and problems that the records of the layer may name.
    pub packages: usize,
    /// Bytes in one executable that is looked into.
    pub executable_bytes: u64,
}

impl Limits {
    /// How many bytes a layer of `stored` bytes may inflate to.
    pub(crate) const fn uncompressed_for(&self, stored: u64) -> u64 {
        let by_ratio =
            stored.saturating_mul(self.inflate_ratio).saturating_add(self.uncompressed_grace);
        if by_ratio < self.uncompressed_bytes { by_ratio } else { self.uncompressed_bytes }
    }
}

impl Default for Limits {
    /// A million entries, paths of 4 KiB, 64 GiB inflated, 200 times the stored size beyond the
    /// first 100 MiB, records of 64 MiB, executables of 1 GiB, 100,000 packages.
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            entries: 1_000_000,
            path_bytes: 4096,
            uncompressed_bytes: 64 * 1024 * MIB,
            uncompressed_grace: 100 * MIB,
            inflate_ratio: 200,
            record_bytes: 64 * MIB,
            packages: 100_000,
            executable_bytes: 1024 * MIB,
        }
    }
}
