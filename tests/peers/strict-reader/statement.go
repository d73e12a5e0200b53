package main

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	provenance "github.com/in-toto/attestation/go/predicates/provenance/v1"
	vsa "github.com/in-toto/attestation/go/predicates/vsa/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	spec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// bundle reads a Sigstore bundle and the statement in it.
func (l *layout) bundle(
	where string, subject spec.Descriptor, content []byte, annotations map[string]string,
) {
	var read bundle.Bundle
	if err := read.UnmarshalJSON(content); err != nil {
		l.deviates(where, "bundle", err)
		return
	}
	envelope := read.GetDsseEnvelope()
	if envelope == nil || envelope.PayloadType != "application/vnd.in-toto+json" ||
		len(envelope.Signatures) != 1 || envelope.Signatures[0].Keyid != "" {
		l.deviates(where, "one signature without a keyid over an in-toto statement", envelope)
		return
	}
	var statement intoto.Statement
	if err := protojson.Unmarshal(envelope.Payload, &statement); err != nil {
		l.deviates(where, "statement", err)
		return
	}
	if err := statement.Validate(); err != nil {
		l.deviates(where, "statement", err)
	}
	if statement.Type != intoto.StatementTypeUri || len(statement.Subject) != 1 ||
		statement.Subject[0].Digest[subject.Digest.Algorithm().String()] != subject.Digest.Encoded() {
		l.deviates(where, "a statement v1 about the manifest's subject", statement.Subject)
	}
	if annotations["dev.sigstore.bundle.predicateType"] != statement.PredicateType {
		l.deviates(where, "the annotated predicate type", annotations)
	}
	predicate, _ := json.Marshal(statement.Predicate.AsMap())
	l.predicate(where, statement.PredicateType, predicate)
	l.pieces = append(l.pieces, piece{subject.Digest.String(), statement.PredicateType})
}

func (l *layout) predicate(where, predicateType string, content []byte) {
	l.uri(where, "predicateType", predicateType)
	switch predicateType {
	case "https://slsa.dev/provenance/v1":
		l.provenance(where, content)
	case "https://slsa.dev/verification_summary/v1":
		l.summary(where, content)
	case "https://cosign.sigstore.dev/attestation/vuln/v1":
		l.vulnerabilities(where, content)
	}
}

// typed reads a predicate as its published type, in which members of a vendor's own are not known.
func (l *layout) typed(where string, content []byte, into proto.Message, dropped ...string) bool {
	var members map[string]any
	if err := json.Unmarshal(content, &members); err != nil {
		l.deviates(where, "predicate", err)
		return false
	}
	withoutVendors(members)
	for _, path := range dropped {
		outer, inner, _ := strings.Cut(path, ".")
		if object, ok := members[outer].(map[string]any); ok {
			delete(object, inner)
		}
	}
	known, _ := json.Marshal(members)
	if err := protojson.Unmarshal(known, into); err != nil {
		l.deviates(where, "predicate", err)
		return false
	}
	return true
}

// withoutVendors removes the members that the SLSA specification lets a vendor add, which bear its
// name and an underscore.
func withoutVendors(value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if strings.HasPrefix(name, "boltseal_") {
				delete(value, name)
			} else {
				withoutVendors(member)
			}
		}
	case []any:
		for _, item := range value {
			withoutVendors(item)
		}
	}
}

func (l *layout) provenance(where string, content []byte) {
	var read provenance.Provenance
	if !l.typed(where, content, &read) {
		return
	}
	if err := read.Validate(); err != nil {
		l.deviates(where, "provenance", err)
	}
	l.uri(where, "buildType", read.BuildDefinition.GetBuildType())
	l.uri(where, "builder.id", read.RunDetails.GetBuilder().GetId())
	for _, dependency := range read.BuildDefinition.GetResolvedDependencies() {
		if dependency.GetUri() != "" {
			l.uri(where, "resolvedDependencies[].uri", dependency.GetUri())
		}
		if len(dependency.GetDigest()) == 0 {
			l.deviates(where, "resolvedDependencies[] without a digest", dependency)
		}
	}
}

// summary reads a VSA. The published type is older than `verifier.version` (SLSA 1.1).
func (l *layout) summary(where string, content []byte) {
	var read vsa.VerificationSummary
	if !l.typed(where, content, &read, "verifier.version") {
		return
	}
	l.uri(where, "verifier.id", read.GetVerifier().GetId())
	l.uri(where, "resourceUri", read.GetResourceUri())
	l.uri(where, "policy.uri", read.GetPolicy().GetUri())
	if read.GetVerificationResult() != "PASSED" || len(read.GetVerifiedLevels()) == 0 {
		l.deviates(where, "a result that passed and its levels", read.GetVerifiedLevels())
	}
	if read.GetTimeVerified() == nil || len(read.GetPolicy().GetDigest()) == 0 {
		l.deviates(where, "timeVerified and policy.digest", "absent")
	}
	for _, input := range read.GetInputAttestations() {
		l.uri(where, "inputAttestations[].uri", input.GetUri())
		if len(input.GetDigest()) == 0 {
			l.deviates(where, "inputAttestations[] MUST contain a digest", input)
		}
	}
}

// vulnerabilities reads cosign's predicate; its specification demands the two times.
func (l *layout) vulnerabilities(where string, content []byte) {
	var read struct {
		Scanner struct {
			Result json.RawMessage `json:"result"`
		} `json:"scanner"`
		Metadata map[string]string `json:"metadata"`
	}
	if err := json.Unmarshal(content, &read); err != nil {
		l.deviates(where, "vuln", err)
		return
	}
	if len(read.Scanner.Result) == 0 || read.Scanner.Result[0] != '{' {
		l.deviates(where, "scanner.result is an object", string(read.Scanner.Result))
	}
	for _, name := range []string{"scanStartedOn", "scanFinishedOn"} {
		if _, err := time.Parse(time.RFC3339, read.Metadata[name]); err != nil {
			l.deviates(where, name, err)
		}
	}
}

func (l *layout) uri(where, member, text string) {
	read, err := url.Parse(text)
	if err != nil || read.Scheme == "" {
		l.deviates(where, member+" is a URI", text)
	}
}
