package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/schema"
	spec "github.com/opencontainers/image-spec/specs-go/v1"
)

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// read checks the layout's own two files and everything that they lead to.
func (l *layout) read() {
	l.file("oci-layout", schema.ValidatorMediaTypeLayoutHeader)
	var index spec.Index
	if !l.parse("index.json", l.file("index.json", schema.ValidatorMediaTypeImageIndex), &index) {
		return
	}
	for _, descriptor := range index.Manifests {
		l.manifest(descriptor)
	}
}

// file reads a file of the layout and holds it against its schema.
func (l *layout) file(name string, validator schema.Validator) []byte {
	content, err := os.ReadFile(l.path(name))
	if err != nil {
		l.deviates(name, "image-layout", err)
		return nil
	}
	l.schema(name, validator, content)
	return content
}

func (l *layout) schema(where string, validator schema.Validator, content []byte) {
	if err := validator.Validate(bytes.NewReader(content)); err != nil {
		l.deviates(where, "schema", err)
	}
}

func (l *layout) parse(where string, content []byte, into any) bool {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		l.deviates(where, "unknown member or wrong type", err)
		return false
	}
	return true
}

// blob reads what a descriptor names; its size and digest must be the descriptor's.
func (l *layout) blob(descriptor spec.Descriptor) []byte {
	where := descriptor.Digest.String()
	if err := descriptor.Digest.Validate(); err != nil {
		l.deviates(where, "descriptor digest", err)
		return nil
	}
	path := l.path("blobs", descriptor.Digest.Algorithm().String(), descriptor.Digest.Encoded())
	content, err := os.ReadFile(path)
	if err != nil {
		l.deviates(where, "descriptor without content", err)
		return nil
	}
	if int64(len(content)) != descriptor.Size {
		l.deviates(where, "descriptor size", descriptor.Size)
	}
	if digest.FromBytes(content) != descriptor.Digest {
		l.deviates(where, "descriptor digest", digest.FromBytes(content))
	}
	return content
}

func (l *layout) manifest(descriptor spec.Descriptor) {
	where, content := descriptor.Digest.String(), l.blob(descriptor)
	switch descriptor.MediaType {
	case spec.MediaTypeImageIndex:
		l.schema(where, schema.ValidatorMediaTypeImageIndex, content)
		var index spec.Index
		if l.parse(where, content, &index) {
			for _, child := range index.Manifests {
				l.manifest(child)
			}
		}
	case spec.MediaTypeImageManifest:
		l.schema(where, schema.ValidatorMediaTypeManifest, content)
		var manifest spec.Manifest
		if !l.parse(where, content, &manifest) {
			return
		}
		if manifest.Subject == nil {
			l.image(manifest)
		} else {
			l.referrer(descriptor, manifest)
		}
	default:
		l.deviates(where, "media type of a manifest", descriptor.MediaType)
	}
}

func (l *layout) image(manifest spec.Manifest) {
	config := l.blob(manifest.Config)
	if manifest.Config.MediaType == spec.MediaTypeImageConfig {
		l.schema(manifest.Config.Digest.String(), schema.ValidatorMediaTypeImageConfig, config)
	}
	for _, layer := range manifest.Layers {
		l.blob(layer)
	}
}

// referrer holds a manifest with a subject against the rules for artifacts of image-spec 1.1 and
// for lists of referrers of distribution-spec 1.1.
func (l *layout) referrer(descriptor spec.Descriptor, manifest spec.Manifest) {
	where := descriptor.Digest.String()
	if manifest.MediaType != spec.MediaTypeImageManifest {
		l.deviates(where, "mediaType SHOULD be set", manifest.MediaType)
	}
	empty := spec.DescriptorEmptyJSON
	config := manifest.Config
	if config.MediaType != empty.MediaType || config.Digest != empty.Digest || config.Size != empty.Size {
		l.deviates(where, "the empty descriptor", config)
	}
	l.blob(config)
	l.blob(*manifest.Subject)
	if manifest.ArtifactType == "" || descriptor.ArtifactType != manifest.ArtifactType {
		l.deviates(where, "artifactType, in the manifest and in the list", descriptor.ArtifactType)
	}
	if !maps.Equal(descriptor.Annotations, manifest.Annotations) {
		l.deviates(where, "annotations, in the manifest and in the list", descriptor.Annotations)
	}
	if manifest.ArtifactType != bundleType || len(manifest.Layers) != 1 ||
		manifest.Layers[0].MediaType != bundleType {
		l.deviates(where, "one bundle", manifest.ArtifactType)
		return
	}
	l.bundle(where, *manifest.Subject, l.blob(manifest.Layers[0]), manifest.Annotations)
}
