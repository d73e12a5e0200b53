// Serves go-containerregistry's in-memory registry, with the Referrers API, on one loopback port.
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	listen := flag.String("listen", "", "address to listen on, as 127.0.0.1:PORT")
	flag.Parse()
	log.Fatal(http.ListenAndServe(*listen, registry.New(registry.WithReferrersSupport(true))))
}
