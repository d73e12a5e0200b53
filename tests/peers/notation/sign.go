package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"time"

	"github.com/notaryproject/notation-core-go/signature"
	_ "github.com/notaryproject/notation-core-go/signature/cose"
	_ "github.com/notaryproject/notation-core-go/signature/jws"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/registry"
	"github.com/notaryproject/notation-go/signer"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/registry/remote"
)

// sign signs an image in a registry and pushes the signature there, as `notation sign` does.
func sign(ctx context.Context, words []string) error {
	flags := flag.NewFlagSet("sign", flag.ExitOnError)
	key := flags.String("key", "", "the key")
	chain := flags.String("chain", "", "its chain")
	format := flags.String("format", "application/jose+json", "the envelope's media type")
	expiry := flags.Duration("expiry", 0, "how long the signature counts")
	flags.Parse(words)
	signer, err := signer.NewGenericSignerFromFiles(*key, *chain)
	if err != nil {
		return err
	}
	repository, err := open(flags.Arg(0))
	if err != nil {
		return err
	}
	_, err = notation.Sign(ctx, signer, repository, notation.SignOptions{
		SignerSignOptions: notation.SignerSignOptions{
			SignatureMediaType: *format,
			ExpiryDuration:     *expiry,
		},
		ArtifactReference: flags.Arg(0),
	})
	return err
}

// open opens the repository of an image, over plain HTTP.
func open(reference string) (registry.Repository, error) {
	repository, err := remote.NewRepository(reference)
	if err != nil {
		return nil, err
	}
	repository.PlainHTTP = true
	return registry.NewRepository(repository), nil
}

// seal writes an envelope over the descriptor in a file, with notation-core-go alone, so that
// everything in it can be chosen.
func seal(_ context.Context, words []string) error {
	flags := flag.NewFlagSet("seal", flag.ExitOnError)
	key := flags.String("key", "", "the key")
	chain := flags.String("chain", "", "its chain")
	format := flags.String("format", "application/jose+json", "the envelope's media type")
	scheme := flags.String("scheme", "notary.x509", "the signing scheme")
	expiry := flags.Duration("expiry", 0, "how long the signature counts")
	critical := flags.String("critical", "", "critical attributes, NAME=TEXT between spaces")
	flags.Parse(words)
	signer, err := local(*key, *chain)
	if err != nil {
		return err
	}
	subject, err := descriptor(flags.Arg(0))
	if err != nil {
		return err
	}
	payload, err := json.Marshal(map[string]ocispec.Descriptor{"targetArtifact": subject})
	if err != nil {
		return err
	}
	request := signature.SignRequest{
		Payload: signature.Payload{
			ContentType: "application/vnd.cncf.notary.payload.v1+json",
			Content:     payload,
		},
		Signer:        signer,
		SigningTime:   time.Now(),
		SigningScheme: signature.SigningScheme(*scheme),
		SigningAgent:  "peer",
	}
	if *expiry != 0 {
		request.Expiry = request.SigningTime.Add(*expiry)
	}
	for _, attribute := range strings.Fields(*critical) {
		name, text, _ := strings.Cut(attribute, "=")
		request.ExtendedSignedAttributes = append(request.ExtendedSignedAttributes,
			signature.Attribute{Key: name, Critical: true, Value: text})
	}
	envelope, err := signature.NewEnvelope(*format)
	if err != nil {
		return err
	}
	sealed, err := envelope.Sign(&request)
	if err != nil {
		return err
	}
	return os.WriteFile(flags.Arg(1), sealed, 0o600)
}

func local(key, chain string) (signature.Signer, error) {
	pair, err := tls.LoadX509KeyPair(chain, key)
	if err != nil {
		return nil, err
	}
	var certificates []*x509.Certificate
	for _, der := range pair.Certificate {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, certificate)
	}
	return signature.NewLocalSigner(certificates, pair.PrivateKey)
}

func descriptor(file string) (subject ocispec.Descriptor, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return subject, err
	}
	return subject, json.Unmarshal(content, &subject)
}
