#!/bin/sh
# Makes the certificates in fixtures/ anew; valid from 2020 for a hundred years, for tests only. Needs the openssl
# command, which the tests themselves do not.
#
#   ca            trusts nobody else; signs server and client
#   server        for localhost, broker-1.test, 127.0.0.1 and ::1
#   client        CN=trucks,OU=fleet,O=Ottla
#   self-signed   for localhost, signed by nobody else
set -eu
cd "$(dirname "$0")/fixtures"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# sign NAME SUBJECT SIGNER EXTENSIONS: makes a key and a certificate; a signer of its own name signs itself.
sign() {
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1-key.pem"
  openssl req -new -key "$1-key.pem" -subj "$2" -out "$work/request.pem"
  printf '[x]\n%s\n' "$4" > "$work/extensions"
  printf '%s\n' '[ca]' 'default_ca=c' '[c]' 'policy=p' 'default_md=sha256' 'rand_serial=yes' "database=$work/index" \
    "new_certs_dir=$work" 'unique_subject=no' '[p]' 'O=optional' 'OU=optional' 'CN=supplied' > "$work/config"
  : > "$work/index"
  set -- "$1" "$3" "$([ "$1" = "$3" ] && echo -selfsign || echo "-cert $3.pem")"
  # shellcheck disable=SC2086
  openssl ca -batch -notext -config "$work/config" -in "$work/request.pem" -out "$1.pem" $3 -keyfile "$2-key.pem" \
    -startdate 20200101000000Z -enddate 21200101000000Z -extfile "$work/extensions" -extensions x 2> "$work/log" ||
    { cat "$work/log"; exit 1; }
}

names='subjectAltName=DNS:localhost,DNS:broker-1.test,IP:127.0.0.1,IP:::1'
sign ca '/O=Ottla/CN=Ottla test CA' ca 'basicConstraints=critical,CA:true'
sign server '/O=Ottla/CN=localhost' ca "$names"
sign client '/O=Ottla/OU=fleet/CN=trucks' ca 'extendedKeyUsage=clientAuth'
sign self-signed '/CN=localhost' self-signed "$names"
rm ca-key.pem
chmod 644 ./*.pem
