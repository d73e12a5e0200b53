//! Posture: who may push to a repository, and what else about it, its registry, its signing key
//! and the role of the CI would let a release be replaced or lost.
