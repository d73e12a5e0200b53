//! What the peers signed and attested, boltseal verifies: by that key and by no other.

use crate::cosign::{Cosign, Form};
use crate::finished::Finished;
use crate::image::Image;
use crate::key_pair::KeyPair;
use crate::program::Program;
use crate::registry::Registry;

#[test]
fn on_distribution() {
    read_all(&Registry::distribution());
}

#[test]
fn on_a_registry_with_referrers() {
    read_all(&Registry::ferro());
}

#[test]
fn on_an_awkward_registry() {
    read_all(&Registry::ggcr());
}

fn read_all(registry: &Registry) {
    let image = Image::small();
    let [ours, other] = ["ours", "other"].map(|name| KeyPair::by_cosign(&image.path(""), name));
    let writers = [
        ("cosign3-bundle", Cosign::V3, Form::Bundle),
        ("cosign3-legacy", Cosign::V3, Form::Legacy),
        ("cosign26-bundle", Cosign::V26, Form::Bundle),
        ("cosign26-legacy", Cosign::V26, Form::Legacy),
        ("cosign24-legacy", Cosign::V24, Form::Legacy),
    ];
    for (name, cosign, form) in writers {
        let pinned = image.push(&format!("{}/foreign/{name}", registry.host()));
        verify(&pinned, &ours, "signature").exits(12);
        cosign.sign(&pinned, &ours, form);
        verify(&pinned, &ours, "signature").passes();
        verify(&pinned, &other, "signature").exits(11);
        verify(&pinned, &ours, "signature,provenance").exits(12);
        cosign.attest(&pinned, &ours, form);
        verify(&pinned, &ours, "signature,provenance").passes();
        verify(&pinned, &other, "provenance").exits(11);
    }
}

fn verify(pinned: &str, key: &KeyPair, required: &str) -> Finished {
    let key = key.public();
    Program::boltseal().run(&["verify", pinned, "--key", &key, "--require", required])
}
