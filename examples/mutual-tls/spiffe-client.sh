#!/usr/bin/env bash
# Makes a client certificate with a SPIFFE name with openssl (3), from the root CA in the folder:
#
#   spiffe-client.sh FOLDER CLIENT_NAME SPIFFE_NAME
set -euo pipefail
cd "${1:?usage: spiffe-client.sh FOLDER CLIENT_NAME SPIFFE_NAME}"
client=${2:?a name for the files}
spiffe=${3:?as spiffe://example.com/app}
password=${STORE_PASSWORD:-myStorePass}
umask 077

# #region openssl
openssl req -newkey rsa:2048 -nodes -subj "/CN=$client" -keyout "$client.key" -out "$client.csr"
openssl x509 -req -in "$client.csr" -CA rootca.crt -CAkey rootca.key -passin "pass:$password" -CAcreateserial \
  -sha256 -days 90 -out "$client.crt" \
  -extfile <(printf '%s\n' "subjectAltName=URI:$spiffe" extendedKeyUsage=clientAuth)
openssl x509 -in "$client.crt" -noout -ext subjectAltName # URI:spiffe://example.com/app
# #endregion openssl
rm -f "$client.csr"
