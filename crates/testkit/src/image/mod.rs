//! Images made in memory: valid ones, and ones that are wrong in a way a test asks for.
//!
//! Everything is reproducible: no clock, no random numbers, so that digests stay the same from run
//! to run.
//!
//! ```
//! use boltseal_testkit::image::{ImageBuilder, LayerBuilder};
//! let layer = LayerBuilder::new().file("etc/motd", "hello").whiteout("etc/issue");
//! let image = ImageBuilder::new().layer(layer).platform("linux/arm64").build();
//! assert_eq!(image.layers.len(), 1);
//! assert_eq!(image.raw().parse().is_ok(), true);
//! ```

mod archive;
mod builder;
mod built;
mod debian;
mod entry;
mod hashing;
mod index;
mod layer;
mod layout;
mod noise;
mod stored;

pub use archive::DockerForm;
pub use builder::ImageBuilder;
pub use built::BuiltImage;
pub use debian::{DEBIAN_PACKAGES, Deb, debian_like, debian_status};
pub use entry::RawEntry;
pub use index::{IndexBuilder, index};
pub use layer::{LayerBuilder, Packing};
pub use layout::LayoutWriter;
pub use stored::{BuiltLayer, StreamedLayer};
