# shellcheck shell=bash
# pion, WebRTC in Go, as Debian packages it: load pion/build
#
#	pion_build NAME...   for setup_file: NAME.go becomes $BATS_FILE_TMPDIR/NAME

pion_dir=$(dirname "${BASH_SOURCE[0]}")

# Nothing is downloaded, and nothing is left in anybody's home.
pion_build()
{
	local name

	for name; do
		env GOPATH=/usr/share/gocode GO111MODULE=off \
			GOCACHE="$BATS_FILE_TMPDIR/cache" CGO_ENABLED=0 \
			go build -o "$BATS_FILE_TMPDIR/$name" "$pion_dir/$name.go"
	done
}
