# shellcheck shell=bash
# Ports that are free: load ../lib/ports

# One that is free on 127.0.0.1 for UDP and TCP, with the next $1 - 1 (1). Below
# those that the kernel gives for port 0, so that nobody gets it by chance until
# it is used; and each test file has a range of its own, for the same reason,
# since two may run at a time.
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
		TRY: for (1 .. 200) {
			my $port = $begin + int rand($width - $n);
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
			exit 0;
		}
		exit 1' "${1:-1}"
}

# Wait up to $1 seconds until the rest succeeds: wait_for 5 grep -q x file
wait_for()
{
	local deadline=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		if [ "$SECONDS" -ge "$deadline" ]; then
			echo "waited in vain: $*" >&2
			return 1
		fi
		sleep 0.05
	done
}
