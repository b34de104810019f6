# shellcheck shell=bash
# Ports that are free, and waiting: load ../lib/ports

# One that is free on 127.0.0.1 for UDP and TCP, with the next $1 - 1 (1). Below
# those that the kernel gives for port 0, so that nobody gets it by chance until
# it is used; and each test file has a range of its own, for the same reason,
# since two may run at a time. From that they are taken in turn: what is given
# is not given again before it is bound.
free_port()
{
	perl -MIO::Socket::INET -e '
		my ($n) = @ARGV;
		my ($file) = ($ENV{PIPECALL_TEST} // $$) =~ /(\d+)$/;
		open my $range, "<", "/proc/sys/net/ipv4/ip_local_port_range";
		my ($end) = split " ", <$range> // 32768;
		$end = 32768 if $end < 20000;
		my $width = int(($end - 12000) / 8);
		my $begin = 12000 + $file % 8 * $width;
		# where there is no such folder, any will do
		my $dir = $ENV{BATS_FILE_TMPDIR} // $ENV{TMPDIR} // "/dev/null";
		open my $given, "+>>", "$dir/next-port";
		flock $given, 2;
		seek $given, 0, 0;
		my ($next) = (<$given> // int rand $width) =~ /(\d+)/;
		TRY: for (1 .. 200) {
			$next = 0 if $next + $n > $width;
			my $port = $begin + $next;
			$next += $n;
			my @held;
			for my $p ($port .. $port + $n - 1) {
				push @held, IO::Socket::INET->new(
					Proto => "udp", LocalPort => $p,
					LocalAddr => "127.0.0.1") or next TRY;
				push @held, IO::Socket::INET->new(
					Proto => "tcp", LocalPort => $p,
					LocalAddr => "127.0.0.1", Listen => 1)
					or next TRY;
			}
			print "$port\n";
			truncate $given, 0;
			print $given $next;
			exit 0;
		}
		exit 1' "${1:-1}"
}

# How long $1 seconds may become: a machine with more to do than it has
# processors for takes so much longer.
patience()
{
	awk -v seconds="$1" -v cores="$(nproc)" \
		'{ print seconds * (1 + $1 / cores) }' /proc/loadavg
}

# Whether $1 seconds, with patience, have not passed since $2 ($EPOCHREALTIME).
within()
{
	awk -v limit="$(patience "$1")" -v began="$2" -v now="$EPOCHREALTIME" \
		'BEGIN { exit now - began > limit }'
}

# Whether process $1 has taken charge of SIGTERM, and waits for something.
waits_for_signals()
{
	local caught

	caught=$(awk '/^Sig(Blk|Cgt)/ { print "0x" $2 }' "/proc/$1/status" |
		paste -sd'|')
	((caught & 1 << 14)) && grep -q '^State:.*sleeping' "/proc/$1/status"
}

# End process $1, within the contract's two seconds; with status $2 (0).
end_in_time()
{
	local status=0 began=$EPOCHREALTIME

	kill "$1"
	wait "$1" || status=$?
	within 2.3 "$began"
	[ "$status" = "${2:-0}" ]
}

# Wait up to $1 seconds, with patience, until the rest succeeds:
#	wait_for 5 grep -q x file
wait_for()
{
	local wait_most=$1 wait_began=$EPOCHREALTIME wait_end=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		if [ "$SECONDS" -ge "$wait_end" ] &&
			! within "$wait_most" "$wait_began"; then
			echo "waited in vain: $*" >&2
			return 1
		fi
		sleep 0.05
	done
}
