package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/plugin"
	"github.com/notaryproject/notation-go/registry"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
)

// verify verifies an image in a registry, or with --layout in a layout, as `notation verify` does.
// The folder of --config holds `trustpolicy.json` and `truststore`.
func verify(ctx context.Context, words []string) error {
	flags := flag.NewFlagSet("verify", flag.ExitOnError)
	config := flags.String("config", "", "a folder as notation's own")
	layout := flags.String("layout", "", "a layout that holds the image and its signatures")
	flags.Parse(words)
	verifier, err := trusting(*config, nil)
	if err != nil {
		return err
	}
	reference := flags.Arg(0)
	repository, err := open(reference)
	if *layout != "" {
		repository, err = registry.NewOCIRepository(*layout, registry.RepositoryOptions{})
	}
	if err != nil {
		return err
	}
	_, outcomes, err := notation.Verify(ctx, verifier, repository, notation.VerifyOptions{
		ArtifactReference:    reference,
		MaxSignatureAttempts: 10,
	})
	if err == nil {
		tell(outcomes[0])
	}
	return err
}

// check verifies one envelope over the descriptor in a file, playing AWS Signer's plugin.
func check(ctx context.Context, words []string) error {
	flags := flag.NewFlagSet("check", flag.ExitOnError)
	config := flags.String("config", "", "a folder as notation's own")
	format := flags.String("format", "application/jose+json", "the envelope's media type")
	reference := flags.String("reference", "registry.test/app", "the repository")
	plugin := played{isTrusted: true}
	flags.BoolVar(&plugin.isTrusted, "trusted", true, "the plugin trusts the profile")
	flags.BoolVar(&plugin.isRevoked, "revoked", false, "the service says that it is revoked")
	flags.Parse(words)
	verifier, err := trusting(*config, plugin)
	if err != nil {
		return err
	}
	subject, err := descriptor(flags.Arg(0))
	if err != nil {
		return err
	}
	envelope, err := os.ReadFile(flags.Arg(1))
	if err != nil {
		return err
	}
	outcome, err := verifier.Verify(ctx, subject, envelope, notation.VerifierVerifyOptions{
		ArtifactReference:  *reference + "@" + subject.Digest.String(),
		SignatureMediaType: *format,
	})
	if err == nil {
		tell(outcome)
	}
	return err
}

func trusting(folder string, plugins plugin.Manager) (notation.Verifier, error) {
	content, err := os.ReadFile(filepath.Join(folder, "trustpolicy.json"))
	if err != nil {
		return nil, err
	}
	var policy trustpolicy.Document
	if err := json.Unmarshal(content, &policy); err != nil {
		return nil, err
	}
	store := truststore.NewX509TrustStore(dir.NewSysFS(folder))
	return verifier.New(&policy, store, plugins)
}

// tell prints every check with its result: a check that is only logged may have failed.
func tell(outcome *notation.VerificationOutcome) {
	for _, result := range outcome.VerificationResults {
		fmt.Println(result.Type, result.Action, result.Error)
	}
}
