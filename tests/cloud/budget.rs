//! DESIGN.md 9: how many requests a release to ECR takes, identity, posture and KMS included.

use boltseal_testkit::image::{ImageBuilder, LayerBuilder};

use crate::account::options;
use crate::job::Job;
use crate::key::Key;

#[test]
fn a_release_of_eight_layers_takes_at_most_72_requests() {
    let layers = (0..8_u64).map(|at| LayerBuilder::new().noise(&format!("data/{at}"), 20_000, at));
    let image = layers.fold(ImageBuilder::new(), ImageBuilder::layer).build();
    let (job, key) = (Job::with(options(), image), Key::p256());
    job.github(&job.release(&key, &[])).exits(0);
    let services: Vec<_> =
        job.cloud.calls().iter().map(|it| format!("{:?} {}", it.service, it.operation)).collect();
    let registry = job.cloud.registry().requests();
    let registry: Vec<_> =
        registry.iter().map(|it| format!("{} {}?{}", it.method, it.path, it.query)).collect();
    let all = job.cloud.requests();
    let list = format!("{}\n{}", services.join("\n"), registry.join("\n"));
    assert!(all <= 72, "{all} requests:\n{list}");
    for (operation, times) in [("Sign", 5), ("GetAuthorizationToken", 1), ("GetPublicKey", 1)] {
        let found = services.iter().filter(|it| it.ends_with(&format!(" {operation}"))).count();
        assert_eq!(found, times, "{operation}:\n{list}");
    }
}
