# shellcheck shell=bash
# Certificates for one test, made on the spot: load ../lib/certs
#
#	certs_ca [NAME]              a CA: NAME.pem (ca.pem), its key NAME.key
#	certs_make NAME SAN [CA]     NAME.pem and NAME.key, signed by the CA,
#	                             for SAN (DNS:pbx.test,IP:127.0.0.1)
#
# In the current folder.

certs_ca()
{
	local name=${1:-ca}

	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$name.key" -out "$name.pem" -days 2 \
		-subj "/CN=pipecall test $name" \
		-addext basicConstraints=critical,CA:TRUE 2>certs.log
}

certs_make()
{
	local name=$1 san=$2 ca=${3:-ca}

	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$name.key" -out "$name.csr" -subj "/CN=$name" \
		2>>certs.log
	openssl x509 -req -in "$name.csr" -CA "$ca.pem" -CAkey "$ca.key" \
		-CAcreateserial -days 2 -out "$name.pem" \
		-extfile <(printf 'subjectAltName=%s\n' "$san") 2>>certs.log
}
