package main

import (
	"context"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"fmt"

	manager "github.com/notaryproject/notation-go/plugin"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

// The attributes that AWS Signer's plugin processes.
const (
	name           = "com.amazonaws.signer.notation.plugin"
	profileVersion = "com.amazonaws.signer.signingProfileVersion"
	signingJob     = "com.amazonaws.signer.signingJob"
)

// played stands for AWS Signer's plugin, whose module cannot be had: it processes the same
// attributes, prints what it would ask the service, and says what it was told.
type played struct {
	plugin.SignPlugin
	isTrusted, isRevoked bool
}

func (p played) Get(_ context.Context, wanted string) (plugin.Plugin, error) {
	if wanted != name {
		return nil, fmt.Errorf("no such plugin: %q", wanted)
	}
	return p, nil
}

func (p played) List(context.Context) ([]string, error) {
	return []string{name}, nil
}

var _ manager.Manager = played{}

func (p played) GetMetadata(context.Context, *plugin.GetMetadataRequest) (*plugin.GetMetadataResponse, error) {
	return &plugin.GetMetadataResponse{
		Name:                      name,
		Version:                   "1.0.350",
		SupportedContractVersions: []string{plugin.ContractVersion},
		Capabilities: []plugin.Capability{
			plugin.CapabilityTrustedIdentityVerifier,
			plugin.CapabilityRevocationCheckVerifier,
		},
	}, nil
}

func (p played) VerifySignature(_ context.Context, request *plugin.VerifySignatureRequest) (*plugin.VerifySignatureResponse, error) {
	hashes, err := hashes(request.Signature.CertificateChain)
	if err != nil {
		return nil, err
	}
	critical := request.Signature.CriticalAttributes
	question, err := json.Marshal(map[string]any{
		"time":    critical.AuthenticSigningTime,
		"profile": critical.ExtendedAttributes[profileVersion],
		"job":     critical.ExtendedAttributes[signingJob],
		"hashes":  hashes,
	})
	if err != nil {
		return nil, err
	}
	fmt.Println(string(question))
	return &plugin.VerifySignatureResponse{
		ProcessedAttributes: []any{profileVersion, signingJob},
		VerificationResults: map[plugin.Capability]*plugin.VerificationResult{
			plugin.CapabilityTrustedIdentityVerifier: {Success: p.isTrusted},
			plugin.CapabilityRevocationCheckVerifier: {Success: !p.isRevoked},
		},
	}, nil
}

// hashes names each certificate for GetRevocationStatus: its signed part and its issuer's, in
// SHA-384; the root is its own issuer.
func hashes(chain [][]byte) ([]string, error) {
	var names []string
	for position := range chain {
		issuer := min(position+1, len(chain)-1)
		var name string
		for _, der := range [][]byte{chain[position], chain[issuer]} {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, err
			}
			name += fmt.Sprintf("%x", sha512.Sum384(certificate.RawTBSCertificate))
		}
		names = append(names, name)
	}
	return names, nil
}
