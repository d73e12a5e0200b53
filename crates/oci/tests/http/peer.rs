//! Beside `oci-client`: each reads what the other wrote.

use boltseal_core::{Digest, Pick, media_type};
use boltseal_ports::{Registry as _, TagWriter as _};
use boltseal_testkit::registry::{Auth, Dialect, NotFoundBody, Options, Referrers};
use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::OciImageManifest;
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};

use crate::rig::{
    NAME, PASSWORD, Rig, USER, by_tag, content, logged_in, push_evidence, push_image,
};

fn peer() -> Client {
    let protocol = ClientProtocol::Http;
    let use_monolithic_push = true;
    Client::try_from(ClientConfig { protocol, use_monolithic_push, ..ClientConfig::default() })
        .unwrap()
}

fn login() -> RegistryAuth {
    RegistryAuth::Basic(USER.to_owned(), PASSWORD.to_owned())
}

fn kinds() -> Vec<Options> {
    vec![
        Options::default(),
        Options { auth: Auth::basic(USER, PASSWORD), ..Options::default() },
        Options { auth: Auth::bearer(USER, PASSWORD), ..Options::default() },
        Options { dialect: Dialect::Ecr, ..Options::default() },
    ]
}

#[tokio::test]
async fn oci_client_pulls_what_we_push() {
    for options in kinds() {
        let rig = Rig::client(options, &logged_in());
        let bytes = content(1, 300_000);
        let manifest = push_image(&rig.registry, &bytes).await;
        rig.registry.put_tag(&"1".parse().unwrap(), &manifest).await.unwrap();

        let reference: Reference = format!("{}:1", rig.server.repository(NAME)).parse().unwrap();
        let accepted = vec![media_type::OCI_LAYER_GZIP];
        let pulled = peer().pull(&reference, &login(), accepted).await.unwrap();
        assert_eq!(pulled.layers[0].data, bytes);
        assert_eq!(pulled.digest, Some(manifest.digest().to_string()));
    }
}

#[tokio::test]
async fn we_pull_what_oci_client_pushes() {
    for options in kinds() {
        let rig = Rig::client(options, &logged_in());
        let bytes = content(2, 300_000);
        let reference: Reference = format!("{}:2", rig.server.repository(NAME)).parse().unwrap();
        let layer = ImageLayer::oci_v1_gzip(bytes.clone(), None);
        let config = Config::oci_v1(b"{}".to_vec(), None);
        // ECR refuses a manifest that does not name its own type.
        let mut manifest = OciImageManifest::build(std::slice::from_ref(&layer), &config, None);
        manifest.media_type = Some(media_type::OCI_MANIFEST.to_owned());
        peer().push(&reference, &[layer], config, &login(), Some(manifest)).await.unwrap();

        let manifest = rig.registry.fetch_manifest(&by_tag("2")).await.unwrap().unwrap();
        let boltseal_core::Manifest::Image(image) = manifest.parse().unwrap() else {
            panic!("an image");
        };
        let found = rig.registry.fetch_blob(&image.layers[0], 1 << 20).await.unwrap().unwrap();
        assert_eq!(found, bytes);
        let again = rig.registry.fetch_manifest(&Pick::Digest(manifest.digest().clone())).await;
        assert_eq!(again.unwrap(), Some(manifest));
    }
}

#[tokio::test]
async fn oci_client_lists_the_referrers_that_we_link() {
    for referrers in [Referrers::Api, Referrers::None404 { body: NotFoundBody::Plain }] {
        let rig = Rig::with(Options { referrers, ..Options::default() });
        let subject = push_image(&rig.registry, &content(1, 100)).await;
        let pieces = push_evidence(&rig.registry, &subject, 0..3).await;
        rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();

        let repository = rig.server.repository(NAME);
        let reference: Reference = format!("{repository}@{}", subject.digest()).parse().unwrap();
        let client = peer();
        let anonymous = RegistryAuth::Anonymous;
        client.auth(&reference, &anonymous, oci_client::RegistryOperation::Pull).await.unwrap();
        let index = client.pull_referrers(&reference, None).await.unwrap();
        let mut found: Vec<Digest> =
            index.manifests.iter().map(|it| it.digest.parse().unwrap()).collect();
        found.sort();
        let mut ours: Vec<Digest> = pieces.into_iter().map(|it| it.digest).collect();
        ours.sort();
        assert_eq!(found, ours, "{referrers:?}");
    }
}
