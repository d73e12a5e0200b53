//! The published throw-away keys open with the empty password, and belong together.

use boltseal_crypto::{KeyAlgorithm, PrivateKey};

#[test]
fn the_example_pairs_belong_together() {
    let pairs = [
        (
            include_bytes!("../../../keys-example/release.key").as_slice(),
            include_str!("../../../keys-example/release.pub"),
        ),
        (
            include_bytes!("../../../keys-example/promotion.key").as_slice(),
            include_str!("../../../keys-example/promotion.pub"),
        ),
    ];
    assert_ne!(pairs[0].1, pairs[1].1);
    for (private, public) in pairs {
        let key = PrivateKey::from_pem(private, Some(b"")).expect("opens with the empty password");
        assert_eq!(key.public_key().algorithm(), KeyAlgorithm::P256);
        assert_eq!(key.public_key().to_pem(), public);
    }
}
