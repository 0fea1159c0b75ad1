#!/usr/bin/env bash
# Makes the same with openssl (3) and keytool (any JDK or JRE), like the guides of the Python drivers:
#
#   openssl-and-keytool.sh FOLDER [NODE_ADDRESS] [CLIENT_NAME]
set -euo pipefail
folder=${1:?usage: openssl-and-keytool.sh FOLDER [NODE_ADDRESS] [CLIENT_NAME]}
node=${2:-127.0.0.1}
client=${3:-client}
password=${STORE_PASSWORD:-myStorePass}
for tool in openssl keytool; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed (packages: openssl, default-jre-headless)" >&2; exit 3; }
done
mkdir -p "$folder"
cd "$folder"
umask 077

# #region openssl-authority
# The root CA. It may sign only certificates and revocation lists.
openssl req -x509 -newkey rsa:2048 -sha256 -days 3650 -subj '/CN=Example Root CA' \
  -addext keyUsage=critical,keyCertSign,cRLSign \
  -passout "pass:$password" -keyout rootca.key -out rootca.crt
# #endregion openssl-authority

# #region keytool-truststore
# The CAs that the nodes trust.
keytool -importcert -noprompt -alias rootca -file rootca.crt \
  -keystore truststore.jks -storetype JKS -storepass "$password"
keytool -importcert -noprompt -alias rootca -file rootca.crt \
  -keystore truststore.p12 -storetype PKCS12 -storepass "$password"
# #endregion keytool-truststore

# #region openssl-node
# A node. The certificate contains the address that clients connect to, as an IP address.
openssl req -newkey rsa:2048 -nodes -subj "/CN=$node" -keyout node.key -out node.csr
openssl x509 -req -in node.csr -CA rootca.crt -CAkey rootca.key -passin "pass:$password" -CAcreateserial \
  -sha256 -days 825 -out node.crt -extfile <(printf '%s\n' "subjectAltName=IP:$node" extendedKeyUsage=serverAuth)
openssl pkcs12 -export -name "$node" -in node.crt -inkey node.key -certfile rootca.crt \
  -passout "pass:$password" -out "$node.keystore.p12"
keytool -importkeystore -noprompt -srckeystore "$node.keystore.p12" -srcstoretype PKCS12 -srcstorepass "$password" \
  -destkeystore "$node.keystore.jks" -deststoretype JKS -deststorepass "$password"
cat node.key node.crt rootca.crt >"$node.pem"
# #endregion openssl-node

# #region openssl-client
# A client.
openssl req -newkey rsa:2048 -nodes -subj "/CN=$client" -keyout "$client.key" -out "$client.csr"
openssl x509 -req -in "$client.csr" -CA rootca.crt -CAkey rootca.key -passin "pass:$password" -CAcreateserial \
  -sha256 -days 825 -out "$client.crt" -extfile <(printf '%s\n' extendedKeyUsage=clientAuth)
openssl pkcs12 -export -name "$client" -in "$client.crt" -inkey "$client.key" -certfile rootca.crt \
  -passout "pass:$password" -out "$client.p12"
keytool -importkeystore -noprompt -srckeystore "$client.p12" -srcstoretype PKCS12 -srcstorepass "$password" \
  -destkeystore "$client.jks" -deststoretype JKS -deststorepass "$password"
# #endregion openssl-client
rm -f ./*.csr
