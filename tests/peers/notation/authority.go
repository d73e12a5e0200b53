package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// authority writes DIR/NAME.key, DIR/NAME.pem (leaf, CA and root) and DIR/NAME-root.pem.
// The leaf's subject is C=US, ST=WA, O=NAME, OU=build, CN=ci.
func authority(_ context.Context, words []string) error {
	flags := flag.NewFlagSet("authority", flag.ExitOnError)
	kind := flags.String("algorithm", "p256", "p256, p384, p521, rsa2048, rsa3072 or rsa4096")
	flags.Parse(words)
	folder, name := flags.Arg(0), flags.Arg(1)

	root, rootKey, err := issue(ca("root of "+name), nil, nil, "p384")
	if err != nil {
		return err
	}
	between, betweenKey, err := issue(ca("CA of "+name), root, rootKey, "rsa2048")
	if err != nil {
		return err
	}
	leaf, key, err := issue(publisher(name), between, betweenKey, *kind)
	if err != nil {
		return err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	chain := append(append(block("CERTIFICATE", leaf.Raw), block("CERTIFICATE", between.Raw)...),
		block("CERTIFICATE", root.Raw)...)
	for file, content := range map[string][]byte{
		name + ".key":      block("PRIVATE KEY", pkcs8),
		name + ".pem":      chain,
		name + "-root.pem": block("CERTIFICATE", root.Raw),
	} {
		if err := os.WriteFile(filepath.Join(folder, file), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func block(kind string, content []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
}

func ca(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

func publisher(organisation string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{
			Country:            []string{"US"},
			Province:           []string{"WA"},
			Organization:       []string{organisation},
			OrganizationalUnit: []string{"build"},
			CommonName:         "ci",
		},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
}

// issue fills the template in and signs it; without a parent it signs itself.
func issue(template, parent *x509.Certificate, parentKey crypto.Signer, kind string) (*x509.Certificate, crypto.Signer, error) {
	key, err := generate(kind)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, nil, err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(24 * time.Hour)
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return certificate, key, err
}

func generate(kind string) (crypto.Signer, error) {
	switch kind {
	case "p256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "p384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "p521":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "rsa2048":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "rsa3072":
		return rsa.GenerateKey(rand.Reader, 3072)
	case "rsa4096":
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	return nil, fmt.Errorf("no such kind of key: %q", kind)
}
